"""Reads of verdicts, cases and comparisons, for the shell, the checks, the reports and the release."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Case, F, IntegerField, QuerySet, Sum, Value, When

from apps.desks.models import Account
from apps.journal import clock
from apps.journal.statements import Question, Reading, Row
from apps.ledger.models import Fill
from apps.reconciliation.models import (
    BROKER,
    Break,
    BreakAct,
    External,
    Ruling,
    Run,
    Standing,
    Statement,
)
from tradingdesk.domain.money import Reason, apart
from tradingdesk.domain.reconciliation import Break as CaseValue
from tradingdesk.domain.reconciliation import Kind, Severity, State, block_problem

OLD = {Run.ORDERS: timedelta(seconds=90), Run.BOOKS: timedelta(seconds=180)}
WEIGHT = Case(
    When(severity="critical", then=Value(3)),
    When(severity="high", then=Value(2)),
    When(severity="medium", then=Value(1)),
    default=Value(0),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of an account's books now, and since when nothing newer is known."""

    level: str  # PASS, BREAKS, HALT, EMERGENCY, UNKNOWN
    at: datetime | None  # the older of the newest comparisons of each kind
    reason: str
    breaks: int = 0
    bps: Decimal | None = None  # unexplained, of the newest comparison that could tell

    @property
    def good(self) -> bool:
        return self.level == Run.PASS

    def age(self, now: datetime) -> timedelta | None:
        return None if self.at is None else now - self.at


def verdict_of(account: Account, now: datetime | None = None) -> Verdict:
    """The worst of what stands, what is open and what the newest comparisons said. Old ones say nothing."""
    moment = now or clock.now()
    newest = newest_runs(account.pk)
    standing = Standing.objects.filter(account=account).first()
    open_ones = open_breaks(account).count()
    at = min((run.at for run in newest.values()), default=None) if len(newest) == len(OLD) else None
    bps = newest[Run.BOOKS].unexplained_bps if Run.BOOKS in newest else None
    if standing is not None and standing.level != Run.PASS:
        return Verdict(standing.level, at, standing.reason, open_ones, bps)
    for about, limit in OLD.items():
        run = newest.get(about)
        if run is None:
            return Verdict(Run.UNKNOWN, None, f"{about} were never compared", open_ones, bps)
        if moment - run.at > clock.stretched(limit):
            return Verdict(Run.UNKNOWN, at, f"{about} were last compared too long ago", open_ones, bps)
    if open_ones:
        return Verdict(Run.BREAKS, at, f"{open_ones} open", open_ones, bps)
    unknown = next((run for run in newest.values() if run.level == Run.UNKNOWN), None)
    if unknown is not None:
        return Verdict(Run.UNKNOWN, at, unknown.reason, 0, bps)
    return Verdict(Run.PASS, at, "both sides agree", 0, bps)


def newest_runs(account_id: int) -> dict[str, Run]:
    rows = Run.objects.filter(account_id=account_id, about__in=OLD).order_by("about", "-at", "-pk")
    return {run.about: run for run in rows.distinct("about")}


def newest_run(account_id: int, about: str) -> Run | None:
    return Run.objects.filter(account_id=account_id, about=about).order_by("-at", "-pk").first()


def runs_of(account_id: int, limit: int = 60) -> QuerySet[Run]:
    return Run.objects.filter(account_id=account_id).order_by("-at", "-pk")[:limit]


def runs_since(account_id: int, about: str, since: datetime) -> QuerySet[Run]:
    return Run.objects.filter(account_id=account_id, about=about, at__gte=since).order_by("at", "pk")


def standing_of(account_id: int) -> Standing | None:
    return Standing.objects.filter(account_id=account_id).first()


def open_breaks(account: Account | None = None) -> QuerySet[Break]:
    """Open ones, gravest and oldest first; an ignored one is not open until its time is over."""
    rows = Break.objects.filter(state="open").select_related("contract", "account")
    rows = rows if account is None else rows.filter(account=account)
    return rows.annotate(weight=WEIGHT).order_by("-weight", "opened_at", "pk")


def unclosed_breaks(account: Account) -> QuerySet[Break]:
    rows = Break.objects.filter(account=account).exclude(state="closed").select_related("contract", "account")
    return rows.annotate(weight=WEIGHT).order_by("-state", "-weight", "opened_at", "pk")


def closed_breaks(account: Account, limit: int = 20) -> QuerySet[Break]:
    rows = Break.objects.filter(account=account, state="closed").select_related("contract", "account")
    return rows.order_by("-closed_at", "-pk")[:limit]


def break_by_number(number: int) -> Break | None:
    return Break.objects.select_related("contract", "account").filter(pk=number).first()


def account_of_break(number: int, **_rest: str) -> str:
    return Break.objects.filter(pk=number).values_list("account__code", flat=True).first() or ""


def ruled_on(account: Account) -> dict[str, str]:
    """On which differences with the broker a person has said the last word, by their key, and whose it is.

    Not those that have an open case: their figures are others than those that were ruled on.
    """
    open_again = unclosed_breaks(account).values_list("key", flat=True)
    rows = Ruling.objects.filter(account=account, source=BROKER).exclude(key__in=open_again).order_by("at")
    return {row.key: f"{'another hand' if row.external else 'adopted'}, says {row.by}" for row in rows}


def acts_of(case: Break) -> QuerySet[BreakAct]:
    return BreakAct.objects.filter(case=case).order_by("at", "pk")


def breaks_of_day(account: Account, day: date, since: datetime) -> QuerySet[Break]:
    """Every case of that day or an earlier one that was still open at a moment, or came after it."""
    rows = Break.objects.filter(account=account, trading_day__lte=day).exclude(closed_at__lt=since)
    return rows.select_related("contract").order_by("opened_at", "pk")


def clean_between(account: Account, day: date, since: datetime, until: datetime) -> bool | None:
    """Whether comparisons agreed and every case of the day was closed. None: nothing was compared."""
    runs = Run.objects.filter(account=account, at__gt=since, at__lte=until).exclude(about=Run.STATEMENT)
    if not runs.exclude(level=Run.UNKNOWN).exists():
        return None
    if runs.filter(level__in=[Run.HALT, Run.EMERGENCY]).exists():
        return False
    return not breaks_of_day(account, day, since).exclude(state="closed").exists()


BLOCKING = """
    SELECT b.kind, b.severity, coalesce(c.con_id, 0), b.title, b.ours, b.theirs
    FROM reconciliation_break b LEFT JOIN market_contract c ON c.id = b.contract_id
    WHERE b.account_id = %s AND b.state = 'open' AND b.severity IN ('high', 'critical') ORDER BY b.id
"""


Blocks = tuple[Reason | None, dict[int, Reason]]


@Reading
def blocks_of(account_id: int) -> Question[Blocks]:
    """Why nothing may be added to the account, and by conId why nothing may be added to an instrument."""
    return Question(BLOCKING, [account_id], _blocks)


def _blocks(rows: list[Row]) -> Blocks:
    frozen: Reason | None = None
    found: dict[int, Reason] = {}
    for kind, severity, con_id, title, ours, theirs in rows:
        case = CaseValue(
            kind=Kind(kind), key=str(con_id), state=State.OPEN, severity=Severity[severity.upper()]
        )
        problem = block_problem([case], key=str(con_id))
        if problem is None:
            continue
        told = Reason(problem.code, f"{title}: ours {apart(ours)}, broker {apart(theirs)}")
        if problem.code == "BREAK_BLOCKS_ACCOUNT" or not con_id:
            frozen = frozen or told
        else:
            found.setdefault(con_id, told)
    return frozen, found


def foreign_quantities(account_id: int) -> dict[int, Decimal]:
    """By conId, how much of what the account holds a person has said is another hand's."""
    marked = External.objects.filter(account_id=account_id).order_by("contract_id", "-at", "-pk")
    found = dict(marked.distinct("contract_id").values_list("contract__con_id", "quantity"))
    roots = Ruling.objects.filter(account_id=account_id, kind=Kind.EXECUTION_THEIRS_ONLY, external=True)
    fills = Fill.objects.filter(
        account_id=account_id,
        exec_root__in=roots.values("key"),
        ticket=None,
        superseded=False,
        busted=False,
    )
    signed = Case(When(side="SELL", then=Value(-1)), default=Value(1), output_field=IntegerField())
    for con_id, total in fills.values_list("contract__con_id").annotate(total=Sum(F("quantity") * signed)):
        found[con_id] = found.get(con_id, Decimal(0)) + total
    return {con_id: quantity for con_id, quantity in found.items() if quantity}


def newest_statement(account_id: int) -> Statement | None:
    return Statement.objects.filter(account_id=account_id).order_by("-day", "-pk").first()


def statements_of(account_id: int, limit: int = 10) -> QuerySet[Statement]:
    return (
        Statement.objects.filter(account_id=account_id).select_related("run").order_by("-day", "-pk")[:limit]
    )
