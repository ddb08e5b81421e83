"""Lines of the journal that are alarms. One small function each; None: this line is not one."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst

from apps.alerts.facts import Fact
from apps.alerts.ports import ADVISORY, CRITICAL, HIGH, MEDIUM
from apps.broker.models import Intent, LinkSession
from apps.broker.queries import restart_windows
from apps.desks.queries import enabled_accounts
from apps.journal.models import Entry
from apps.ledger.models import Fill
from apps.market.ports import CALENDAR
from apps.risk.models import BreakerTrip, Stop
from apps.runbook.situation import session_value
from tradingdesk.domain.market import is_open, window_problem
from tradingdesk.domain.money import apart
from tradingdesk.domain.risk.breakers import BREAKERS

RECONCILIATION = "/reconciliation/"
Reader = Callable[[Entry], Fact | None]

# What more may live at the broker than was decided, and what only tells of one order in two ways.
DOUBLED = {"ORDER_OLD_ATTEMPT", "ORDER_SECOND_PERM_ID", "ORDER_UNSENT_ORDER_SEEN", "ORDER_REVIVED"}
CRISES = {"day_loss", "drawdown"}
BY_ITSELF = {
    "breaker",
    "invariants",
    "reconciliation",
}  # what stops trading by itself has an alarm of its own
ACTIONS_TAKEN = {
    "HALTED": "Done by itself: trading is halted, working entries are being cancelled. Exits still work.",
    "REDUCE_ONLY": "Done by itself: only orders that reduce are let through, working entries are being "
    "cancelled. Exits still work.",
    "ACTIVE": "Nothing was stopped: this breaker only warns.",
}


def _after(entry: Entry) -> dict[str, Any]:
    return entry.after if isinstance(entry.after, dict) else {}


def _orders(entry: Entry) -> str:
    """To the order that a line is about."""
    key = Intent.objects.filter(pk=entry.subject_id).values_list("ticket__key", flat=True).first()
    return f"{reverse('orders')}?open={key}" if key else reverse("orders")


def _order_words(entry: Entry) -> str:
    row = Intent.objects.filter(pk=entry.subject_id).select_related("ticket__contract").first()
    if row is None:
        return "An order"
    ticket = row.ticket
    return f"{ticket.side} {ticket.quantity.normalize():f} {ticket.contract.symbol} ({row.order_ref})"


def _stop(entry: Entry) -> Fact | None:
    after = _after(entry)
    level = after.get("level")
    if level == Stop.ACTIVE or entry.actor in BY_ITSELF:
        return None
    where = after.get("key") or "all accounts"
    return Fact(
        code="stop-set",
        subject=f"{after.get('scope')}:{after.get('key')}",
        account=after.get("key", "") if after.get("scope") == "account" else "",
        severity=HIGH if level == Stop.HALTED else MEDIUM,
        text=f"{level} for {where}: {entry.reason}. By {entry.actor}.",
        href=reverse("risk"),
    )


def _breaker(entry: Entry) -> Fact | None:
    trip = BreakerTrip.objects.filter(pk=entry.subject_id).first()
    level = _after(entry).get("level", "")
    name = trip.name if trip else "journal"
    title = BREAKERS[name].title if name in BREAKERS else name
    whose = f" of {trip.strategy}" if trip and trip.strategy else ""
    text = f"{title}{whose}: {entry.reason}. {ACTIONS_TAKEN.get(level, '')}"
    code = "crisis" if name in CRISES else "breaker-tripped"
    severity = "" if code == "crisis" else HIGH if level != "ACTIVE" else MEDIUM
    return Fact(code=code, subject=entry.subject_id, severity=severity, text=text, href=reverse("risk"))


def _promise(entry: Entry) -> Fact | None:
    severe = _after(entry).get("severe")
    text = f"{entry.reason}. " + ("Trading was halted for it." if severe else "Trading goes on.")
    severity = CRITICAL if severe else HIGH
    return Fact(
        code="invariant-broken",
        subject=entry.subject_id,
        severity=severity,
        text=text,
        href=reverse("journal"),
    )


def gravity_of_link(gateway_id: int, now: Any) -> str:
    """Expected in a restart window, bearable while the market is shut, critical while it trades."""
    if window_problem(restart_windows(gateway_id), now) is not None:
        return ADVISORY
    session = session_value(CALENDAR, now)
    return CRITICAL if session is not None and is_open(session, now) else MEDIUM


def link_down(gateway_id: int, why: str, now: Any) -> Fact:
    masked = ", ".join(row.masked() for row in enabled_accounts() if row.gateway_id == gateway_id)
    text = (
        f"{capfirst(why)}. Accounts: {masked or 'none'}. Working orders are live at the broker and cannot be "
        "seen from here; nothing new is sent. The link dials again by itself."
    )
    return Fact(
        code="link-down",
        subject=str(gateway_id),
        severity=gravity_of_link(gateway_id, now),
        text=text,
        href=reverse("system"),
    )


def _closed(entry: Entry) -> Fact | None:
    session = LinkSession.objects.filter(pk=entry.subject_id).first()
    return None if session is None else link_down(session.gateway_id, entry.reason, entry.at)


def _order(code: str, severity: str = "") -> Reader:
    def read(entry: Entry) -> Fact | None:
        why = f"{entry.reason}. {entry.reason_code}" if entry.reason else entry.reason_code
        return Fact(
            code=code,
            subject=f"{entry.subject_kind}:{entry.subject_id}",
            account=entry.account,
            severity=severity,
            text=f"{_order_words(entry)}: {why}".strip(),
            href=_orders(entry),
        )

    return read


def _unknown(code: str) -> Reader:
    told = _order(code)

    def read(entry: Entry) -> Fact | None:
        fact = told(entry)
        assert fact is not None
        return Fact(
            code=code,
            subject=entry.subject_id,
            account=entry.account,
            text=f"{_order_words(entry)} was sent and nobody knows what became of it. It is never sent again "
            "by itself; its room in the limits stays held.",
            href=fact.href,
        )

    return read


def _odd(entry: Entry) -> Fact | None:
    return _order("order-doubled" if entry.reason_code in DOUBLED else "order-contradicted")(entry)


def _refused(entry: Entry) -> Fact | None:
    fact = _order("order-refused")(entry)
    assert fact is not None
    text = (
        f"{_order_words(entry)} was refused: {entry.reason or 'no reason given'} {entry.reason_code}".strip()
    )
    return Fact(
        code="order-refused",
        subject=f"account:{entry.account}",
        account=entry.account,
        text=text,
        href=fact.href,
    )


def _foreign_execution(entry: Entry) -> Fact | None:
    body = _after(entry)
    code = "liquidation" if entry.reason_code == "EXECUTION_BY_LIQUIDATION" else "foreign-execution"
    what = f"{body.get('side', '')} {body.get('quantity', '')} {body.get('symbol', '')}".strip()
    price = body.get("price", "an unknown price")
    halted = body.get("halted")  # a line of before does not say it
    names = f"Halted: {', '.join(halted)}." if halted else "No strategy works it, none was halted."
    text = f"{what} at {price}: {entry.reason}. {'' if halted is None else names}".strip()
    return Fact(code=code, subject=entry.subject_id, account=entry.account, text=text, href=reverse("orders"))


def _foreign_order(entry: Entry) -> Fact | None:
    body = _after(entry)
    what = f"{body.get('side')} {body.get('quantity')} {body.get('symbol')}"
    text = f"{what}, permId {body.get('perm_id')}, is not ours."
    return Fact(
        code="foreign-order",
        subject=entry.subject_id,
        account=entry.account,
        text=text,
        href=reverse("orders"),
    )


def _restated(entry: Entry) -> Fact | None:
    row = Fill.objects.filter(pk=entry.subject_id).select_related("contract").first()
    what = (
        f"{row.side} {row.quantity.normalize():f} {row.contract.symbol} at {row.price.normalize():f}"
        if row
        else "A fill"
    )
    done = "was taken back" if entry.verb == "book_bust" else "was corrected by the broker"
    return Fact(
        code="execution-restated",
        subject=entry.subject_id,
        account=entry.account,
        text=f"{what} {done}. The books follow; earlier figures stay to be seen.",
        href=reverse("orders"),
    )


def _plain(code: str, text: str, page: str, *, by_text: bool = False) -> Reader:
    """An alarm whose words are those of the line."""

    def read(entry: Entry) -> Fact | None:
        subject = entry.reason[:120] if by_text else f"{entry.subject_kind}:{entry.subject_id}"[:120]
        said = f"{text} {entry.reason}".strip()
        return Fact(code=code, subject=subject, account=entry.account, text=said, href=reverse(page))

    return read


def _cancels(entry: Entry) -> Fact | None:
    left = int(_after(entry).get("left_open") or 0)
    if not left:
        return None
    text = f"{left} orders could not be confirmed gone after a stop. They may still fill."
    return Fact(
        code="cancels-unconfirmed",
        subject=entry.subject_id,
        text=text,
        href=reverse("stopping", args=[entry.subject_id]),
    )


def _not_flat(entry: Entry) -> Fact | None:
    return Fact(
        code="not-flat",
        subject=f"stopping:{entry.subject_id}",
        account=entry.account,
        text=f"The stop ended and something is still held or working: {entry.reason}",
        href=reverse("stopping", args=[entry.subject_id]),
    )


def _file(entry: Entry) -> Fact | None:
    body = _after(entry)
    others = int(body.get("problems") or 1) - 1
    more = f" And {others} more problem{'' if others == 1 else 's'}." if others else ""
    text = f"{body.get('file')}: {entry.reason}{more} Nothing of it was used."
    return Fact(code="file-refused", subject=entry.subject_id, text=text, href=reverse("plans"))


def _page(entry: Entry) -> Fact | None:
    text = f"{entry.subject_id} failed for {entry.actor}; what it was asked to do was undone. {entry.reason}"
    return Fact(
        code="page-failed", subject=entry.subject_id, text=text, href=f"{reverse('journal')}?q={entry.reason}"
    )


def _halts(entry: Entry) -> Fact | None:
    level = _after(entry).get("level")
    return Fact(
        code="reconciliation-halt",
        subject=entry.account,
        account=entry.account,
        severity=CRITICAL if level == "EMERGENCY" else HIGH,
        text=f"{level}: {entry.reason}. The account is halted; only a person with a reason ends it.",
        href=RECONCILIATION,
    )


def _break(entry: Entry) -> Fact | None:
    body = _after(entry)
    severity = str(body.get("severity", ""))
    ours, theirs = (apart(str(body.get(side))).replace("—", "none") for side in ("ours", "theirs"))
    why = entry.reason[:1].upper() + entry.reason[1:]
    text = f"{body.get('what')}: ours {ours}, the broker's {theirs}. {why}"
    return Fact(
        code="break-opened",
        subject=entry.subject_id,
        account=entry.account,
        severity=severity if severity in (HIGH, MEDIUM) else HIGH if severity == CRITICAL else ADVISORY,
        text=text,
        href=RECONCILIATION,
    )


def _step(entry: Entry) -> Fact | None:
    body = _after(entry)
    if body.get("outcome") != "failed":
        return None
    whose = f" of {body['strategy']}" if body.get("strategy") else ""
    return Fact(
        code="step-failed",
        subject=f"step:{entry.subject_id}",
        account=entry.account,
        text=f"{body.get('step')}{whose} on {body.get('day')}: {entry.reason}. It is not run again.",
        href=reverse("desk"),
    )


def _missed_steps(entry: Entry) -> Fact | None:
    return Fact(
        code="step-missed",
        subject=f"steps:{entry.subject_id}",
        account=entry.account,
        text=f"Nobody began in time: {entry.reason}. What is past its deadline is not run late.",
        href=reverse("desk"),
    )


def _hours(entry: Entry) -> Fact | None:
    body = _after(entry)
    return Fact(
        code="hours-differ",
        subject=entry.subject_id,
        text=f"{body.get('calendar')} on {body.get('day')}: {entry.reason}. Our steps hang on our calendar.",
        href=reverse("system"),
    )


# A journal line's verb, and what is wrong then.
ALARMS: dict[str, Reader] = {
    "set_stop": _stop,
    "trip_breaker": _breaker,
    "break_promise": _promise,
    "close_session": _closed,
    "intent_unknown": _unknown("order-unknown"),
    "still_unknown": _unknown("order-still-unknown"),
    "raise_alarm": _odd,
    "not_written": _order("order-not-written"),
    "break_bracket": _order("bracket-broken"),
    "intent_refused": _refused,
    "see_foreign_execution": _foreign_execution,
    "see_foreign_order": _foreign_order,
    "conflicting_execution": _plain("execution-conflict", "Neither is preferred:", "orders"),
    "book_correction": _restated,
    "book_bust": _restated,
    "not_understood": _plain("evidence-unread", "It is kept as it came:", "journal", by_text=True),
    "cancels_confirmed": _cancels,
    "left_not_flat": _not_flat,
    "quarantine_file": _file,
    "page_failed": _page,
    "reconciliation_halts": _halts,
    "break_opened": _break,
    "end_step": _step,
    "miss_steps": _missed_steps,
    "hours_differ": _hours,
}
