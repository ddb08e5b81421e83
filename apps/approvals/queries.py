"""Reads of requests and of what was decided."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from apps.approvals.models import Grant, Request, Tightening, Window
from apps.desks.models import Account, Gateway, Strategy
from apps.desks.queries import phase_of
from apps.journal.statements import Part, Question, Row, put
from apps.plans.models import Plan
from apps.risk.models import LimitSet
from tradingdesk.domain.approvals import Grant as GrantValue
from tradingdesk.domain.approvals import Phase, RequestState, WindowState, as_shown, strictest
from tradingdesk.domain.approvals import Request as RequestValue
from tradingdesk.domain.approvals import Window as WindowValue

NEVER = datetime.max.replace(tzinfo=UTC)
# what stands around a window
_AROUND = ("request__plan", "request__account__gateway", "request__strategy", "request__limit_set")


def waiting() -> QuerySet[Request]:
    """Soonest to expire first."""
    return (
        Request.objects.filter(state=Request.PROPOSED)
        .select_related("plan", "account", "strategy", "limit_set")
        .order_by("expires_at", "pk")
    )


def notional_of_open(account_id: int, *, without_plan: int) -> Decimal:
    """What the other plans of an account would cost that may still become tickets."""
    rows = Request.objects.filter(state__in=Request.OPEN, account_id=account_id).exclude(plan_id=without_plan)
    return Decimal(rows.aggregate(total=Sum("notional"))["total"] or 0)


def waiting_count(accounts: Iterable[int]) -> int:
    return Request.objects.filter(state=Request.PROPOSED, account__in=accounts).count()


def requests_in(state: str) -> QuerySet[Request]:
    rows = Request.objects.filter(state=state).select_related("plan", "account", "strategy", "limit_set")
    return rows.order_by("-decided_at", "-pk")


def decided_since(since: datetime) -> QuerySet[Request]:
    rows = Request.objects.filter(decided_at__gte=since).exclude(state__in=Request.OPEN)
    return rows.select_related("plan", "account", "strategy").order_by("-decided_at")


def request_of(request_id: int) -> Request | None:
    rows = Request.objects.select_related("plan", "account__gateway", "strategy", "limit_set")
    return rows.filter(pk=request_id).first()


_R, _P, _L = Part(Request, "r", without=("content",)), Part(Plan, "p"), Part(LimitSet, "l")
_A, _G, _S = Part(Account, "a"), Part(Gateway, "g"), Part(Strategy, "s")
# the account alone: a row of the request locked here and a window locked there would wait for each other
LOCK = """
    SELECT id FROM desks_account
    WHERE id = (SELECT account_id FROM approvals_request WHERE id = %s) FOR NO KEY UPDATE
"""
WITH_SURROUNDINGS = """
    FROM approvals_request r JOIN plans_plan p ON p.id = r.plan_id JOIN desks_account a ON a.id = r.account_id
    JOIN desks_gateway g ON g.id = a.gateway_id JOIN desks_strategy s ON s.id = r.strategy_id
    JOIN risk_limitset l ON l.version = r.limit_set_id WHERE r.id = %s
"""


def locked_request(request_id: int) -> Request:
    """The request as it stands once nobody else decides for its account."""
    columns = ", ".join(part.columns for part in (_R, _P, _A, _G, _S, _L))
    lock = Question(LOCK, [request_id], bool)
    found: Question[list[Row]] = Question(f"SELECT {columns} {WITH_SURROUNDINGS}", [request_id], list)
    put(lock, found)
    for row in found.answer():
        values = iter(row)
        request, plan, account = _R.read(values), _P.read(values), _A.read(values)
        account.gateway, strategy, request.limit_set = _G.read(values), _S.read(values), _L.read(values)
        request.plan, request.account, request.strategy = plan, account, strategy
        plan.account, plan.strategy = account, strategy
        return request
    raise Request.DoesNotExist(request_id)


def put_again(request: Request) -> Request | None:
    """The later request that puts the same plan before people, where one waits."""
    same = Request.objects.filter(plan_id=request.plan_id, state=Request.PROPOSED)
    return same.exclude(pk=request.pk).first()


def request_of_plan(plan_id: int) -> Request | None:
    return Request.objects.filter(plan_id=plan_id).order_by("-pk").first()


def as_value(row: Request) -> RequestValue:
    """The request in the words of the gate."""
    return RequestValue(
        state=RequestState(row.state),
        row_version=row.row_version,
        digest=row.digest,
        challenge=row.challenge,
        author=row.plan.author,
        notional=row.notional,
        expires_at=row.expires_at,
        cut_off=row.cutoff_at,
        shown=as_shown(row.shown, limit_set=row.limit_set_id),
        phase=Phase(row.phase),
        window=_window_state(row) if row.phase == "walk" else None,
        grant=grant_value(row.grant) if row.grant else None,
    )


def _window_state(row: Request) -> WindowState | None:
    state = Window.objects.filter(request=row).values_list("state", flat=True).first()
    return WindowState(state) if state else None


def window_value(row: Window) -> WindowValue:
    """The window in the words of the gate."""
    return WindowValue(
        state=WindowState(row.state),
        asked_at=row.asked_at,
        cut_off=row.request.cutoff_at,
        length=timedelta(seconds=row.seconds),
        send_at=row.send_at,
        sent_first=row.sent_first,
    )


def _windows() -> QuerySet[Window]:
    return Window.objects.select_related(*_AROUND)


def window_of(window_id: int) -> Window | None:
    return _windows().filter(pk=window_id).first()


def window_of_request(request_id: int) -> Window | None:
    return _windows().filter(request_id=request_id).first()


def windows_running(gateway_id: int | None = None) -> QuerySet[Window]:
    """Those that count or are about to, the next deadline first."""
    rows = _windows().filter(state__in=Window.RUNNING).order_by("send_at", "pk")
    return rows if gateway_id is None else rows.filter(request__account__gateway_id=gateway_id)


def windows_asked() -> QuerySet[Window]:
    """Those whose alert is still to be delivered."""
    return _windows().filter(state=Window.ASKED).order_by("pk")


def windows_shown(now: datetime) -> list[Window]:
    """What a screen counts: the running ones, then those sent first that a tap still cancels."""
    sent = Q(state=Window.RELEASED, sent_first=True, ends_at__gt=now)
    # mostly there is none, and then this is all that is read
    rows = Window.objects.filter(Q(state__in=Window.RUNNING) | sent).prefetch_related(*_AROUND)
    return sorted(rows, key=_next_deadline)


def _next_deadline(row: Window) -> tuple[bool, datetime, int]:
    is_sent = row.state == Window.RELEASED
    return is_sent, (row.ends_at if is_sent else row.send_at) or NEVER, row.pk


def grant_value(row: Grant) -> GrantValue:
    return GrantValue(
        starts_at=row.given_at,
        ends_at=row.ends_at,
        cap=row.cap,
        used=row.used,
        revoked=row.revoked_at is not None,
    )


def standing_grant(strategy_id: int, account_id: int) -> Grant | None:
    """The one that was not taken back; it may have ended."""
    return Grant.objects.filter(strategy_id=strategy_id, account_id=account_id, revoked_at=None).first()


def tightened_to(plan_id: int) -> Phase | None:
    phase = Tightening.objects.filter(plan_id=plan_id).values_list("phase", flat=True).first()
    return Phase(phase) if phase else None


def may_be_tightened(plan: Plan) -> bool:
    """Whether it could still go, now or when it is proposed again, without a person before it."""
    if plan.state not in (Plan.RECEIVED, Plan.PROPOSED):
        return False
    decided = Request.objects.filter(plan=plan, state=Request.APPROVED).exists()
    phase = strictest(Phase(phase_of(plan.strategy, plan.account)), tightened_to(plan.pk))
    return not decided and phase is not Phase.CRAWL


def to_run() -> QuerySet[Request]:
    """Requests of the run phase that nothing has released yet."""
    return Request.objects.filter(state=Request.PROPOSED, phase="run").order_by("pk")


def decided_counts(since: datetime) -> dict[str, int]:
    """How many were decided which way since then."""
    rows = Request.objects.filter(decided_at__gte=since).values_list("state")
    return dict(rows.annotate(number=Count("pk")))


def next_deadline(after: datetime) -> datetime | None:
    """When the next waiting request lapses."""
    rows = Request.objects.filter(state=Request.PROPOSED, expires_at__gt=after).order_by("expires_at")
    return rows.values_list("expires_at", flat=True).first()


def overdue_count(now: datetime) -> int:
    return Request.objects.filter(state=Request.PROPOSED, expires_at__lte=now).count()


def requests_of_plans(plan_ids: Iterable[int]) -> dict[int, Request]:
    """The newest request of each plan that has one."""
    rows = Request.objects.filter(plan_id__in=list(plan_ids)).order_by("pk")
    return {row.plan_id: row for row in rows}
