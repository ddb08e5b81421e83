"""In the tables alone: what a claim costs, and what a plan of five hundred lines costs."""

import time
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.broker.actions.claim_bracket import Claim, claim_bracket
from apps.broker.models import Lease, LinkSession
from apps.broker.queries import released_brackets
from apps.desks.models import Strategy
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Subject
from apps.market.models import Contract, LastQuote, Lookup
from apps.plans.models import Line as LineRow
from apps.plans.models import Plan
from apps.runbook.bench.day import TRADER, Day, execute, line_at
from apps.runbook.bench.figures import Figure, figure
from apps.runbook.intake import take_file
from apps.runbook.processes.parts import collect_when_due
from apps.runbook.road import judge_claim, look_up_contracts, propose
from apps.runbook.seed.planfile import plan_file

LINES = 500


def time_claims(day: Day, prices: dict[str, Decimal]) -> Figure:
    """With no link about: the claim as the link makes it, up to and with its commit."""
    gateway = day.account.gateway
    epoch = Lease.objects.get(gateway=gateway).epoch
    session = LinkSession.objects.filter(gateway=gateway).latest("pk")
    passed = []
    for symbol, price in prices.items():
        request = day.propose({symbol: price})
        LastQuote.objects.update(received_at=clock.now())
        execute(request)
        for bracket in released_brackets(gateway.pk):
            LastQuote.objects.update(received_at=clock.now())
            began = time.perf_counter()
            claim = claim_bracket(
                bracket,
                session=session,
                epoch=epoch,
                now=clock.now(),
                instance="bench",
                judge=judge_claim,
            )
            passed.append(time.perf_counter() - began)
            if not isinstance(claim, Claim):
                raise RuntimeError(f"not claimed: {claim}")
    return figure(
        "claim of a bracket, with its journal line",
        passed[2:],
        beside="one journal line and its commit",
        baseline=[time_line() for _ in range(100)],
        aim="p99 ≤ 5 ms",
    )


def time_line() -> float:
    began = time.perf_counter()
    with transaction.atomic():
        write_entry("measure_line", subject=Subject("bench", "1"), actor=TRADER)
    return time.perf_counter() - began


def time_large_plan(day: Day, times: int = 3) -> Figure:
    """From the bytes of the file to the page on which a person reads it; every contract is known already."""
    collect_when_due()
    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(User.objects.get(username=TRADER.name))
    browser.get(reverse("desk"))  # a web process has read its table of static files long before
    passed, bare = [], []
    for number in range(times):
        symbols = [f"Z{number}X{place:03d}" for place in range(LINES)]
        know(symbols)
        lines = [line_at(place, symbol, Decimal(50), 4) for place, symbol in enumerate(symbols, 1)]
        name, data = plan_file(lines, clock.now() - timedelta(minutes=10 - number))
        began = time.perf_counter()
        plan = read_in(day, name, data)
        request = propose(plan, clock.now())
        if request is None or request.order_count != LINES * 6:
            raise RuntimeError("the large plan was not proposed whole")
        answer = browser.get(reverse("review-one", args=[request.pk]))
        passed.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"the card was not shown: {answer.status_code}")
        bare.append(time_bulk(plan.pk))
    return figure(
        "plan of 500 lines read, judged, shown",
        passed,
        beside="its 500 lines written in one statement",
        baseline=bare,
        aim="≤ 2 s",
    )


def read_in(day: Day, name: str, data: bytes) -> Plan:
    taken = take_file(
        data,
        name,
        source="api",
        author="csv",
        strategy=Strategy.objects.get(),
        account=day.account,
        now=clock.now(),
        actor=TRADER,
    )
    if taken.plan is None or not look_up_contracts(taken.plan):
        raise RuntimeError(f"the large plan was {taken.outcome}: {taken.told[:2]}")
    return taken.plan


def know(symbols: list[str]) -> None:
    """Contracts and fresh quotes, as the link would have left them."""
    now = clock.now()
    first = 900_000_000 + Contract.objects.count()
    contracts = Contract.objects.bulk_create(
        [
            Contract(
                con_id=first + place, symbol=symbol, sec_type="STK", currency="USD", exchange="SMART",
                local_symbol=symbol, min_tick=Decimal("0.01"), tick_steps=[["0", "0.01"]], calendar="XNYS",
                time_zone="US/Eastern", checked_at=now,
            )
            for place, symbol in enumerate(symbols)
        ]
    )  # fmt: skip
    Lookup.objects.bulk_create(
        [
            Lookup(symbol=row.symbol, state=Lookup.FOUND, contract=row, asked_at=now, answered_at=now)
            for row in contracts
        ]
    )
    LastQuote.objects.bulk_create(
        [
            LastQuote(contract=row, bid=Decimal("50.9"), ask=Decimal(51), last=Decimal(51), received_at=now)
            for row in contracts
        ]
    )


def time_bulk(plan_id: int) -> float:
    """The plainest thing a database could be asked to do with the same rows; taken back at once."""
    rows = list(LineRow.objects.filter(plan_id=plan_id))
    for row in rows:
        row.pk, row.number = None, row.number + 1000
    began = time.perf_counter()
    with transaction.atomic():
        LineRow.objects.bulk_create(rows)
    passed = time.perf_counter() - began
    LineRow.objects.filter(plan_id=plan_id, number__gt=1000).delete()
    return passed
