"""What a person does with a case: ask the broker again, adopt its value, mark it external, ignore it a while.

Nothing here edits a row of the books: an adoption is an entry of its own, a ruling stands beside the row.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.broker.actions.resolve_unknown import ResolutionRefused, resolve_ended
from apps.broker.models import Intent
from apps.broker.ports import REREAD
from apps.desks.models import Account
from apps.journal.ports import Actor
from apps.ledger.actions.adopt import adopt_cash, adopt_position
from apps.ledger.actions.state_fee import state_fee
from apps.ledger.models import Position
from apps.reconciliation.actions.book_stated import book_stated, stated_problem, take_back
from apps.reconciliation.actions.keep_breaks import TOPICS, case_of, note
from apps.reconciliation.actions.keep_statement import compare_again
from apps.reconciliation.borne_out import take_back_problem
from apps.reconciliation.models import Break, External, Ruling
from apps.reconciliation.stated import fill_to_take_back, stated_execution_of, stated_fee_of
from tradingdesk.domain.money import Reason
from tradingdesk.domain.reconciliation import Act, Kind, act_problem

POSITIONS = (Kind.POSITION_QUANTITY, Kind.POSITION_OURS_ONLY, Kind.POSITION_THEIRS_ONLY, Kind.POSITION_COST)

RESTATES = {"booked", "restated", "taken_back"}  # what an act tells when the books of the day changed by it


class ActRefused(Exception):
    """Nothing was changed; the reason says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@transaction.atomic
def act_on_break(
    number: int, act: Act, *, actor: Actor, now: datetime, reason: str = "", until: datetime | None = None
) -> Break:
    """One act on one case, with its line in the history and the journal."""
    case = _locked(number)
    reason = reason.strip()
    problem = act_problem(case_of(case), act, reason=reason, until=until, now=now)
    if problem is not None:
        raise ActRefused(problem)
    if act is Act.REQUERY:
        said = "the broker is to be asked again"
        note(case, "re-query", actor, code="BREAK_ASKED_AGAIN", at=now, reason=said, topics=(*TOPICS, REREAD))
    elif act is Act.IGNORE:
        case.state, case.ignored_until, case.reason = "ignored", until, reason
        case.save(update_fields=["state", "ignored_until", "reason"])
        told: dict[str, object] = {"until": until.isoformat() if until else ""}
        note(case, "ignore until", actor, code="BREAK_IGNORED", at=now, reason=reason, told=told)
    elif act is Act.ADOPT:
        _adopt(case, actor=actor, now=now, reason=reason)
    else:
        _mark_external(case, actor=actor, now=now, reason=reason)
    return case


@transaction.atomic
def assign_break(number: int, owner: str, *, actor: Actor, now: datetime) -> Break:
    """Somebody looks after it; the empty name gives it back."""
    case = _locked(number)
    if case.state == "closed":
        raise ActRefused(Reason("BREAK_CLOSED", "the case is closed; if it shows again, a new one opens"))
    case.owner = owner
    case.save(update_fields=["owner"])
    note(case, "assigned", actor, code="BREAK_ASSIGNED", at=now, reason=owner or "nobody")
    return case


def _locked(number: int) -> Break:
    """The account first, as whoever takes a statement does: its cases are compared anew in here."""
    accounts = Account.objects.filter(pk__in=Break.objects.filter(pk=number).values("account"))
    list(accounts.select_for_update(no_key=True))
    case = Break.objects.select_for_update(of=("self",)).select_related("account", "contract")
    row = case.filter(pk=number).first()
    if row is None:
        raise ActRefused(Reason("BREAK_UNKNOWN", f"there is no case {number}"))
    return row


def _adopt(case: Break, *, actor: Actor, now: datetime, reason: str) -> None:
    """A position or cash becomes what the broker has; of anything else the word itself is kept."""
    kind = Kind(case.kind)
    told: dict[str, object] = {"before": case.ours, "after": case.theirs}
    if kind is Kind.ORDER_OURS_ONLY:
        _end_order(case, actor=actor, reason=reason)
    elif case.source != "broker" or (kind not in POSITIONS and kind is not Kind.CASH_AMOUNT):
        told |= _adopt_word(case, actor=actor, now=now, reason=reason)
    elif kind is Kind.CASH_AMOUNT:
        adopt_cash(case.account, case.key, amount=Decimal(case.theirs), reason=reason, actor=actor, now=now)
    else:
        told["after"] = _adopt_position(case, actor=actor, now=now, reason=reason)
    _close(case, "adopted", now, reason)
    note(
        case, "adopt", actor, code="BREAK_ADOPTED", at=now, reason=reason, told=told, topics=(*TOPICS, REREAD)
    )
    if told.keys() & RESTATES:
        compare_again(case.account, case.source, now)


def _adopt_word(case: Break, *, actor: Actor, now: datetime, reason: str) -> dict[str, object]:
    """What only the statement has is booked, what only we have is taken back, a fee becomes its; of the rest
    the word itself is kept."""
    fee, fill = stated_fee_of(case), fill_to_take_back(case)
    if fill is not None:
        problem = take_back_problem(case, fill, now)
        if problem is not None:
            raise ActRefused(problem)
        take_back(case, fill, now)
        return {"taken_back": fill.exec_id}
    if booked := _book_stated(case, now):
        return booked
    _rule(case, external=False, actor=actor, now=now, reason=reason)
    restated = fee is not None and state_fee(case.account_id, fee, reason=reason, actor=actor, now=now)
    return {"restated": True} if restated else {}


def _book_stated(case: Break, now: datetime) -> dict[str, object]:
    """Nothing where the statement has no execution that we lack."""
    row = stated_execution_of(case)
    if row is None:
        return {}
    problem = stated_problem(case, row)
    if problem is not None:
        raise ActRefused(problem)
    book_stated(case, row, now)
    return {"booked": row["exec_id"]}


def _end_order(case: Break, *, actor: Actor, reason: str) -> None:
    """The broker lacks it and has not said why: that it is over is a ruling like any other."""
    try:
        resolve_ended(Intent.objects.get(order_ref=case.key).pk, actor=actor, reason=reason)
    except ResolutionRefused as refused:
        raise ActRefused(Reason("BREAK_NOT_ADOPTABLE", str(refused))) from refused


def _adopt_position(case: Break, *, actor: Actor, now: datetime, reason: str) -> str:
    """The broker's newest count, not the one the case began with; another hand's part stays out of it."""
    contract = case.contract
    row = Position.objects.filter(account=case.account, contract=contract).first()
    if contract is None or row is None or row.broker_quantity is None:
        raise ActRefused(Reason("BREAK_NOT_ADOPTABLE", "the broker's newest count of it is not known"))
    foreign = External.objects.filter(account=case.account, contract=contract).order_by("-at", "-pk").first()
    quantity = row.broker_quantity - (foreign.quantity if foreign else Decimal(0))
    adopt_position(
        case.account,
        contract,
        quantity=quantity,
        average_cost=row.broker_cost if row.broker_quantity else None,
        reason=reason,
        actor=actor,
        now=now,
    )
    return f"{quantity.normalize():f}"


def _mark_external(case: Break, *, actor: Actor, now: datetime, reason: str) -> None:
    """Another hand's: of a position so much as differs now, of an execution that one."""
    told: dict[str, object] = {}
    if Kind(case.kind) in POSITIONS and case.source == "broker":
        assert case.contract is not None
        before = External.objects.filter(account=case.account, contract=case.contract).order_by("-at", "-pk")
        standing = before.first()
        gap = Decimal(case.theirs) - Decimal(case.ours) + (standing.quantity if standing else Decimal(0))
        External.objects.create(
            account=case.account,
            contract=case.contract,
            case=case,
            quantity=gap,
            by=actor.name,
            reason=reason,
            at=now,
        )
        told = {"external": str(gap)}
    else:
        told = _book_stated(case, now)
        _rule(case, external=True, actor=actor, now=now, reason=reason)
    _close(case, "external", now, reason)
    note(case, "mark external", actor, code="BREAK_EXTERNAL", at=now, reason=reason, told=told)
    if told.keys() & RESTATES:
        compare_again(case.account, case.source, now)


def _rule(case: Break, *, external: bool, actor: Actor, now: datetime, reason: str) -> None:
    Ruling.objects.create(
        account=case.account,
        case=case,
        source=case.source,
        kind=case.kind,
        key=case.key,
        ours=case.ours,
        theirs=case.theirs,
        external=external,
        by=actor.name,
        reason=reason,
        at=now,
    )


def _close(case: Break, closure: str, now: datetime, reason: str) -> None:
    case.state, case.closed_at, case.closure, case.reason = "closed", now, closure, reason
    case.ignored_until = None
    case.save(update_fields=["state", "closed_at", "closure", "reason", "ignored_until"])
