"""The terms on which a plan walks: how long its window is, and whether passive orders may go first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from apps.market.queries import last_quotes
from apps.plans.models import Line
from tradingdesk.domain.approvals import Window, WindowState, fits
from tradingdesk.domain.money import Reason

SEND_THEN_CANCEL = "send-then-cancel"


@dataclass(frozen=True, slots=True)
class WalkTerms:
    seconds: int
    sent_first: bool


def walk_terms(parameters: Mapping[str, Any], lines: Sequence[Line]) -> WalkTerms:
    """A strategy may ask for a longer window, and to send first what cannot trade at once."""
    wished = parameters.get("walk_seconds")
    seconds = max(settings.WALK_SECONDS, wished) if isinstance(wished, int) else settings.WALK_SECONDS
    return WalkTerms(seconds, parameters.get("walk") == SEND_THEN_CANCEL and passive(lines))


def passive(lines: Sequence[Line]) -> bool:
    """Whether every entry would rest in the book as it stands; an unknown market is no such thing."""
    quotes = last_quotes(line.contract_id for line in lines if line.contract_id)
    for line in lines:
        quote = quotes.get(line.contract_id or 0)
        if quote is None or quote.bid is None or quote.ask is None or line.limit_price is None:
            return False
        rests = line.limit_price < quote.ask if line.side == "BUY" else line.limit_price > quote.bid
        if not rests:
            return False
    return bool(lines)


def window_problem(cut_off: datetime, *, seconds: int, now: datetime) -> Reason | None:
    """Whether a window could end before the cut-off at all; one that could not is never asked for."""
    length = timedelta(seconds=seconds)
    return fits(Window(state=WindowState.ASKED, asked_at=now, cut_off=cut_off, length=length), now)
