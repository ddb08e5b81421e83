"""Years of history: what pages cost over few fills and over many, and what a report and a file cost."""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psutil
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client, override_settings
from django.urls import reverse

from apps.approvals.models import Request
from apps.broker.models import Intent, LinkSession
from apps.desks.models import Account, Phase, Strategy
from apps.journal import clock
from apps.journal.ports import SYSTEM
from apps.ledger.actions.carry import carry_forward
from apps.ledger.models import DayResult, Fill, NavPoint
from apps.market.models import Contract, Session
from apps.plans.models import Line, Plan
from apps.reports.actions.close_report import close_report
from apps.reports.models import DayReport, ExecutionRow, TradeRow
from apps.reports.tables import orders_table
from apps.risk.queries import limits_in_force
from apps.runbook.bench.figures import Figure, figure
from apps.runbook.bench.screens import somebody
from apps.tickets.models import Ticket

SESSIONS, SMALL, LOOKS = 750, 10_000, 20
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing was collected for this process
HOSTS = {"host": "127.0.0.1"}


def measure_history(account: Account, fills: int, say: Any) -> list[Figure]:
    """The same pages twice: over a small history, then over a large one beside it."""
    say(f"{SESSIONS} sessions with {SMALL:,} fills …")
    few = lay_history(sibling_of(account, 1), SMALL)
    small = {name: looked_at(path, few) for name, path in pages_of(few).items()}
    say(f"{SESSIONS} sessions with {fills:,} fills …")
    many = lay_history(sibling_of(account, 2), fills)
    large = {name: looked_at(path, many) for name, path in pages_of(many).items()}
    aims = {"report page": "p95 ≤ 300 ms", "Desk": "≤ 150 ms"}
    found = [
        figure(
            f"{name}, {SESSIONS} sessions, {fills:,} fills",
            samples,
            beside=f"the same over {SMALL:,} fills",
            baseline=small[name],
            aim=aims.get(name, ""),
        )
        for name, samples in large.items()
    ]
    return [*found, time_closing(many, few), *file_figures(many)]


def sibling_of(account: Account, number: int) -> Account:
    """An account of its own for each size, so that neither sees the other's rows."""
    made, _ = Account.objects.get_or_create(
        code=f"DU77000{number}", defaults={"gateway": account.gateway, "enabled": True}
    )
    Phase.objects.get_or_create(account=made, strategy=Strategy.objects.order_by("pk")[0])
    return made


def days_before(today: date) -> list[date]:
    """Weekdays, the newest last; each has its session in the calendar."""
    days = [today - timedelta(days=back) for back in range(1, SESSIONS * 7 // 5 + 10)]
    kept = [day for day in days if day.weekday() < 5][:SESSIONS][::-1]
    Session.objects.bulk_create(
        [
            Session(
                calendar="XNYS",
                day=day,
                open_at=datetime.combine(day, datetime.min.time(), clock.now().tzinfo)
                + timedelta(hours=14.5),
                close_at=datetime.combine(day, datetime.min.time(), clock.now().tzinfo) + timedelta(hours=21),
            )
            for day in kept
        ],
        ignore_conflicts=True,
    )
    return kept


def lay_history(account: Account, fills: int) -> Account:
    """One session by the models, its report by the action; the others are copies of it in the tables."""
    days = days_before(clock.now().date())
    newest = days[-1]
    with transaction.atomic():
        lay_day(account, newest, brackets=max(1, fills // SESSIONS // 2))
    report = close_report(account, newest, actor=SYSTEM, now=clock.now())
    with transaction.atomic():
        copy_reports(report, days[:-1])
        copy_fills(account, newest, days[:-1])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    carry_forward(account, clock.now())  # as the worker does, a day at a time
    return account


def lay_day(account: Account, day: date, *, brackets: int) -> None:
    """Each bracket: an entry and a target, both sent and filled once."""
    strategy, contract = Strategy.objects.order_by("pk")[0], Contract.objects.order_by("pk")[0]
    at = Session.objects.get(calendar="XNYS", day=day).open_at + timedelta(minutes=10)
    plan = Plan.objects.create(
        strategy=strategy, account=account, source="api", digest=f"{account.pk:064d}", trading_day=day,
        state=Plan.PROPOSED, author="bench", received_at=at,
    )  # fmt: skip
    request = Request.objects.create(
        plan=plan, account=account, strategy=strategy, phase="crawl", state=Request.APPROVED,
        digest=f"{plan.pk:064d}", nonce="bench", challenge="bench", content={}, order_count=2 * brackets,
        notional=500 * brackets, limit_set=limits_in_force(), opened_at=at, expires_at=at, cutoff_at=at,
        shown={"mids": {str(contract.con_id): "49.99"}}, decided_at=at, decided_by="bench",
    )  # fmt: skip
    lines = Line.objects.bulk_create(
        [
            Line(
                plan=plan, number=number, symbol=contract.symbol, contract=contract, side="BUY", quantity=10,
                limit_price=50, stop_price=48, target_1=52, target_2=54, context={"score": "100"},
            )
            for number in range(1, brackets + 1)
        ]
    )  # fmt: skip
    tickets = Ticket.objects.bulk_create([one for line in lines for one in _bracket(request, line, at)])
    Intent.objects.bulk_create([_intent(ticket, at) for ticket in tickets])
    Fill.objects.bulk_create([_fill(ticket, day, at) for ticket in tickets])
    gained, paid = Decimal(20 * brackets), Decimal("0.70") * brackets
    DayResult.objects.create(
        account=account,
        strategy=strategy,
        trading_day=day,
        net=gained - paid,
        realized=gained,
        commissions=paid,
        fills=2 * brackets,
        provisional=False,
        changed_at=at,
    )
    NavPoint.objects.create(account=account, at=at, nav=1_000_000, source="broker")


def _bracket(request: Request, line: Line, at: datetime) -> Iterator[Ticket]:
    roles = (("A", "entry", "BUY", 50), ("AT", "target", "SELL", 52))
    for place, (tail, role, side, price) in enumerate(roles, 1):
        yield Ticket(
            key=f"{request.plan_id}-{line.number}{tail}", request=request, line=line, account=request.account,
            strategy=request.strategy, contract=line.contract, bracket=f"{request.plan_id}-{line.number}A",
            position_in_bracket=place, role=role, side=side, quantity=10, order_type="LMT", limit_price=price,
            state="FILLED", filled=10, average_price=price, protocol_version=1, limit_set=request.limit_set,
            not_after=at, created_at=at, changed_at=at,
        )  # fmt: skip


def _intent(ticket: Ticket, at: datetime) -> Intent:
    session = LinkSession.objects.filter(gateway=ticket.account.gateway).latest("pk")
    return Intent(
        ticket=ticket, attempt=1, order_ref=f"td-history-{ticket.key}-1",
        gateway_id=ticket.account.gateway_id, client_id=77, order_id=10_000_000 + ticket.pk, transmit=True,
        epoch=1, session=session, state="CLOSED",
        claimed_at=at, sending_at=at, arrival_mid=Decimal("49.99"), arrival_spread=Decimal("0.02"),
    )  # fmt: skip


def _fill(ticket: Ticket, day: date, at: datetime) -> Fill:
    assert ticket.limit_price is not None
    return Fill(
        account=ticket.account, exec_id=f"h{ticket.pk}.01", exec_root=f"h{ticket.pk}", revision=1,
        ticket=ticket,
        strategy=ticket.strategy, contract=ticket.contract, side=ticket.side, quantity=10,
        price=ticket.limit_price, at=at, trading_day=day, commission=Decimal("0.35"),
        commission_currency="USD", booked_at=at,
    )  # fmt: skip


def columns(model: type[Model], *without: str) -> str:
    return ", ".join(
        str(field.column) for field in model._meta.concrete_fields if field.name not in ("id", *without)
    )


def _of(alias: str, names: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in names.split(", "))


def copy_reports(report: DayReport, days: list[date]) -> None:
    """The figures move from day to day, or every line would be flat."""
    whole = columns(DayReport, "trading_day", "closed", "summary")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO reports_dayreport ({whole}, trading_day, closed, summary)
                SELECT {whole}, day, false,
                    summary || jsonb_build_object('net', (100 * sin(n))::numeric(12, 2)::text)
                FROM reports_dayreport, unnest(%s::date[]) WITH ORDINALITY AS d (day, n) WHERE id = %s""",
            [days, report.pk],
        )
        for model, more in ((TradeRow, ()), (ExecutionRow, ("trading_day",))):
            kept = columns(model, "report", *more)
            named = "".join(f", {name}" for name in more)
            cursor.execute(
                f"""INSERT INTO {model._meta.db_table} (report_id{named}, {kept})
                    SELECT n.id{", n.trading_day" if more else ""}, {_of("t", kept)}
                    FROM {model._meta.db_table} t, reports_dayreport n
                    WHERE t.report_id = %s AND NOT n.closed AND n.account_id = %s""",
                [report.pk, report.account_id],
            )
        cursor.execute("UPDATE reports_dayreport SET closed = true WHERE NOT closed")


def copy_fills(account: Account, day: date, days: list[date]) -> None:
    kept = columns(Fill, "exec_id", "exec_root", "ticket", "order", "trading_day", "at")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO ledger_fill (exec_id, exec_root, trading_day, at, {kept})
                SELECT d.day || f.exec_id, d.day || f.exec_root, d.day,
                    f.at - (%s::date - d.day) * interval '1 day',
                    {_of("f", kept)}
                FROM ledger_fill f, unnest(%s::date[]) AS d (day)
                WHERE f.account_id = %s AND f.trading_day = %s""",
            [day, days, account.pk, day],
        )


def pages_of(account: Account) -> dict[str, str]:
    day = DayReport.objects.filter(account=account).latest("trading_day").trading_day
    return {"report page": reverse("report", args=[account.pk, day.isoformat()]), "Desk": "/"}


def looked_at(path: str, account: Account) -> list[float]:
    """The time of the server for a whole page about that account, the first two looks left out."""
    browser = Client(headers=HOSTS)
    browser.force_login(somebody())
    browser.post(reverse("show-account"), {"account": account.pk})
    passed = []
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}):
        for _ in range(LOOKS + 2):
            began = time.perf_counter()
            answer = browser.get(path)
            passed.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} was not shown: {answer.status_code}")
    return passed[2:]


def time_closing(many: Account, few: Account) -> Figure:
    """Gathered from the same rows again and taken back."""

    def closed(account: Account) -> float:
        day = DayReport.objects.filter(account=account).latest("trading_day").trading_day
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                for table in ("reports_traderow", "reports_executionrow"):
                    cursor.execute(
                        f"DELETE FROM {table} t USING reports_dayreport r WHERE r.id = t.report_id "
                        "AND r.account_id = %s AND r.trading_day = %s",
                        [account.pk, day],
                    )
                cursor.execute(
                    "DELETE FROM reports_dayreport WHERE account_id = %s AND trading_day = %s",
                    [account.pk, day],
                )
                cursor.execute("SET LOCAL session_replication_role = origin")
            began = time.perf_counter()
            close_report(account, day, actor=SYSTEM, now=clock.now())
            passed = time.perf_counter() - began
            transaction.set_rollback(True)
        return passed

    return figure(
        "a session's report made",
        [closed(many) for _ in range(3)],
        beside="that of a small session",
        baseline=[closed(few) for _ in range(3)],
        aim="≤ 5 s",
    )


def file_figures(account: Account) -> Iterator[Figure]:
    """All orders there are as one file, read to its end: how long, and how much more memory at most."""
    process = psutil.Process()
    before, largest, size, began = process.memory_info().rss, 0, 0, time.perf_counter()
    for piece in orders_table(account.pk).csv():
        size += len(piece)
        largest = max(largest, process.memory_info().rss)
    passed = time.perf_counter() - began
    rows = ExecutionRow.objects.filter(report__account=account).count()
    yield figure(
        f"CSV of {rows:,} rows: memory above before", [(largest - before) / 1e6], beside="the file itself",
        baseline=[size / 1e6], aim="constant", unit="MB",
    )  # fmt: skip
    began = time.perf_counter()
    for _ in orders_table(account.pk).values():
        pass
    bare = time.perf_counter() - began
    yield figure(f"CSV of {rows:,} rows", [passed], beside="its rows only read", baseline=[bare], aim="")
