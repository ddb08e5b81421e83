"""Every alarm there is: how grave it is, and what it is called. Each has a page in docs/runbooks."""

from dataclasses import dataclass

from apps.alerts.ports import ADVISORY, ALARM, CRITICAL, HIGH, MEDIUM, REJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of the table. `stands`: it lasts until its cause is gone; else acknowledging it ends it."""

    code: str
    severity: str
    title: str
    stands: bool = False
    tells_end: bool = False
    kind: str = ALARM


def _event(code: str, severity: str, title: str, kind: str = ALARM) -> Code:
    return Code(code=code, severity=severity, title=title, kind=kind)


def _state(code: str, severity: str, title: str, *, tells_end: bool = False) -> Code:
    return Code(code=code, severity=severity, title=title, stands=True, tells_end=tells_end)


CODES: dict[str, Code] = {
    one.code: one
    for one in (
        _state("link-down", CRITICAL, "Broker connection down", tells_end=True),
        _state("link-silent", CRITICAL, "Broker link does not report", tells_end=True),
        _state("invariant-broken", CRITICAL, "Invariant broken", tells_end=True),
        _event("crisis", CRITICAL, "Crisis"),
        _event("liquidation", CRITICAL, "The broker closed a position"),
        _event("order-doubled", CRITICAL, "More may live at the broker than was approved"),
        _event("cancels-unconfirmed", CRITICAL, "Orders could not be confirmed gone"),
        _event("not-flat", CRITICAL, "Not flat"),
        _state("reconciliation-halt", HIGH, "The books and the broker differ", tells_end=True),
        _state("stop-set", HIGH, "Trading stopped", tells_end=True),
        _state("breaker-tripped", HIGH, "Breaker tripped"),
        _state("order-still-unknown", HIGH, "Order unknown for a minute"),
        _event("order-contradicted", HIGH, "The broker contradicts itself about an order"),
        _event("order-not-written", HIGH, "Order certainly not sent"),
        _event("bracket-broken", HIGH, "Bracket broken off"),
        _event("foreign-execution", HIGH, "Traded by somebody else"),
        _event("execution-conflict", HIGH, "One execution told in two ways"),
        _event("step-missed", HIGH, "Step of the day missed"),
        _event("step-failed", HIGH, "Step of the day failed"),
        _event("hours-differ", HIGH, "The broker's hours are not our calendar's"),
        _state("break-opened", MEDIUM, "A difference to work on"),
        _state("job-failed", MEDIUM, "Background job failed"),
        _state("job-missed", MEDIUM, "Background job missed"),
        _state("order-unknown", MEDIUM, "Status unknown"),
        _event("order-refused", MEDIUM, "Order refused", REJECT),
        _event("foreign-order", MEDIUM, "Order of another hand"),
        _event("execution-restated", MEDIUM, "Execution corrected or taken back"),
        _event("evidence-unread", MEDIUM, "The broker said something unreadable"),
        _event("file-refused", MEDIUM, "File refused"),
        _state("channel-failed", MEDIUM, "A channel of alerts does not deliver"),
        _state("heartbeat-failed", MEDIUM, "Outside sign of life not taken"),
        _event("page-failed", ADVISORY, "A page failed"),
    )
}
