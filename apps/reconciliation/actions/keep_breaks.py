"""Cases against a comparison: opened when a difference shows, closed when the sides agree again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.market.models import Contract
from apps.reconciliation.comparing import Found
from apps.reconciliation.models import BROKER, Break, BreakAct, Ruling
from tradingdesk.domain.reconciliation import Break as Case
from tradingdesk.domain.reconciliation import Kind, Severity, State, severity_of, work

WATCH = Actor("system", "reconciliation")
TOPICS = ("reconciliation", "alerts")
SMALL = Decimal(50)  # in money: a priced difference below it is a step milder


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the cases, and every difference that no person has ruled on."""

    opened: int
    gone: int
    again: int
    standing: tuple[Found, ...]


def keep_breaks(
    account: Account,
    found: Iterable[Found],
    kinds: frozenset[Kind],
    *,
    now: datetime,
    day: date,
    source: str = BROKER,
    not_judged: Collection[str] = (),
) -> Kept:
    """Runs in the transaction of its run. Kinds that were not compared are left alone, and so are keys that
    neither side tells any more: silence closes nothing."""
    shown = _unruled(account, source, found)
    rows = Break.objects.select_for_update().filter(account=account, source=source).exclude(state="closed")
    cases = {(row.kind, row.key): row for row in rows if row.key not in not_judged}
    by_place = {(one.difference.kind, one.difference.key): one for one in shown}
    done = work([case_of(row) for row in cases.values()], [one.difference for one in shown], kinds, now)
    for difference in done.opened:
        _open(account, source, by_place[difference.kind, difference.key], now=now, day=day)
    for case in done.gone:
        _close(cases[case.kind, case.key], now)
    for case in done.again:
        _again(cases[case.kind, case.key], now)
    for place, row in cases.items():
        if place in by_place:
            _seen(row, by_place[place], now)
    return Kept(len(done.opened), len(done.gone), len(done.again), tuple(shown))


def case_of(row: Break) -> Case:
    """As the domain reads it."""
    return Case(
        kind=Kind(row.kind),
        key=row.key,
        state=State(row.state),
        severity=Severity[row.severity.upper()],
        ignored_until=row.ignored_until,
    )


def _unruled(account: Account, source: str, found: Iterable[Found]) -> list[Found]:
    """Without those about which a person has said the last word, figure for figure."""
    fields = ("kind", "key", "ours", "theirs")
    ruled = set(Ruling.objects.filter(account=account, source=source).values_list(*fields))
    return [
        one
        for one in found
        if (str(one.difference.kind), one.difference.key, one.difference.ours, one.difference.theirs)
        not in ruled
    ]


def _open(account: Account, source: str, found: Found, *, now: datetime, day: date) -> None:
    one = found.difference
    contract = Contract.objects.filter(con_id=found.con_id).first() if found.con_id else None
    row = Break.objects.create(
        account=account,
        contract=contract,
        source=source,
        kind=str(one.kind),
        key=one.key,
        title=title_of(one.kind, contract, one.key),
        ours=one.ours[:80],
        theirs=one.theirs[:80],
        size=one.size,
        currency=_currency(found, contract, account),
        cause=found.suspect.cause,
        evidence=list(found.suspect.evidence),
        severity=severity_of(one, small=SMALL).name.lower(),
        trading_day=day,
        opened_at=now,
        seen_at=now,
    )
    note(row, "opened", WATCH, code="BREAK_OPENED", at=now, reason=row.cause)


WORDS = {
    Kind.POSITION_QUANTITY: "position",
    Kind.POSITION_OURS_ONLY: "position that only we have",
    Kind.POSITION_THEIRS_ONLY: "position that only the broker has",
    Kind.POSITION_COST: "cost of the position",
    Kind.ORDER_OURS_ONLY: "order that the broker lacks",
    Kind.ORDER_THEIRS_ONLY: "order under our name that we do not know",
    Kind.ORDER_QUANTITY: "order of another size",
    Kind.EXECUTION_OURS_ONLY: "execution that the broker lacks",
    Kind.EXECUTION_THEIRS_ONLY: "execution that is not ours",
    Kind.EXECUTION_TERMS: "terms of an execution",
    Kind.CASH_AMOUNT: "cash",
    Kind.NAV_UNEXPLAINED: "net asset value",
}


def title_of(kind: Kind, contract: Contract | None, key: str) -> str:
    """What differs, and of what."""
    about = str(contract) if contract is not None else key
    return f"{about}: {WORDS[kind]}"[:120]


def _currency(found: Found, contract: Contract | None, account: Account) -> str:
    return found.currency or (contract.currency if contract is not None else account.base_currency)


def _close(row: Break, now: datetime) -> None:
    row.state, row.closed_at, row.closure = "closed", now, "gone"
    row.save(update_fields=["state", "closed_at", "closure"])
    note(row, "gone", WATCH, code="BREAK_GONE", at=now, reason="the sides agree again")


def _again(row: Break, now: datetime) -> None:
    row.state, row.ignored_until = "open", None
    row.save(update_fields=["state", "ignored_until"])
    note(
        row, "again", WATCH, code="BREAK_AGAIN", at=now, reason="it was ignored until now and is still there"
    )


def _seen(row: Break, found: Found, now: datetime) -> None:
    """The newest figures; that they have changed is part of its history."""
    one = found.difference
    before = {"ours": row.ours, "theirs": row.theirs}
    row.ours, row.theirs, row.size, row.seen_at = one.ours[:80], one.theirs[:80], one.size, now
    row.severity = severity_of(one, small=SMALL).name.lower()
    row.save(update_fields=["ours", "theirs", "size", "seen_at", "severity"])
    if before != {"ours": row.ours, "theirs": row.theirs}:
        BreakAct.objects.create(
            case=row,
            act="changed",
            actor=WATCH.name,
            at=now,
            reason_code="BREAK_OPENED",
            reason=f"now ours {row.ours}, theirs {row.theirs}",
            told=before,
        )


def note(
    row: Break,
    act: str,
    actor: Actor,
    *,
    code: str,
    at: datetime,
    reason: str = "",
    told: dict[str, object] | None = None,
    topics: tuple[str, ...] = TOPICS,
) -> None:
    """One line in the case's history, and the same in the journal."""
    BreakAct.objects.create(
        case=row, act=act, actor=actor.name, at=at, reason_code=code, reason=reason, told=told or {}
    )
    write_entry(
        f"break_{act.replace(' ', '_').replace('-', '_')}",
        subject=row,
        actor=actor,
        account=row.account.code,
        reason_code=code,
        reason=reason,
        after={"what": row.title, "ours": row.ours, "theirs": row.theirs, "severity": row.severity}
        | (told or {}),
        topics=topics,
    )
