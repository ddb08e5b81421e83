"""What a comparison means for trading, and who may end a halt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from tradingdesk.domain.money import Reason
from tradingdesk.domain.reconciliation.bridge import Bridge


class Level(IntEnum):
    """Ordered: the higher, the stricter. UNKNOWN is no level: it changes nothing."""

    PASS = 0
    HALT = 1
    EMERGENCY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """In basis points of net liquidation, of what is left unexplained."""

    halt_bps: Decimal = Decimal(25)
    emergency_bps: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One comparison. `level` is None when it could not be made."""

    level: Level | None
    reason: Reason


def judge(bridge: Bridge | None, why_not: Reason | None = None, *, bounds: Bounds | None = None) -> Outcome:
    """PASS, HALT or EMERGENCY by what is unexplained; unknown when a side has not answered."""
    limits = bounds or Bounds()
    if bridge is None or (share := bridge.unexplained_bps) is None:
        told = why_not or Reason("RECONCILIATION_UNKNOWN", "the broker's figure cannot be held against ours")
        return Outcome(None, told)
    text = f"{share:,.1f} bps of net liquidation are unexplained"
    if share > limits.emergency_bps:
        return Outcome(
            Level.EMERGENCY, Reason("RECONCILIATION_EMERGENCY", f"{text}, limit {limits.emergency_bps}")
        )
    if share > limits.halt_bps:
        return Outcome(Level.HALT, Reason("RECONCILIATION_HALT", f"{text}, limit {limits.halt_bps}"))
    return Outcome(Level.PASS, Reason("RECONCILIATION_PASS", text))


def standing(before: Level, outcome: Outcome) -> Level:
    """A halt stays until a person ends it: a later pass does not, and an unknown neither trips nor passes."""
    return before if outcome.level is None else max(before, outcome.level)


def release_problem(newest: Outcome | None, *, reason: str) -> Reason | None:
    """Why a halt cannot end: it takes a person's reason and a fresh pass."""
    if not reason.strip():
        return Reason("RELEASE_UNEXPLAINED", "ending a halt needs a reason")
    if newest is None or newest.level is not Level.PASS:
        told = "has not been made" if newest is None else newest.reason.text
        return Reason("RELEASE_WITHOUT_PASS", f"the newest comparison {told}")
    return None
