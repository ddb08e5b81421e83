"""Plays one past day through the desk's own verbs: the same actions that the link and the people call.

Only the broker is made up. So the past keeps every rule that the present keeps, and its journal is as good.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.approvals.actions.decide import reject
from apps.approvals.models import Request
from apps.broker.actions.answer_preview import answer_preview
from apps.broker.actions.claim_bracket import Claim, claim_bracket
from apps.broker.actions.keep_lists import keep_lists
from apps.broker.actions.mark_sending import mark_sending, mark_written
from apps.broker.actions.open_session import close_session, mark_ready, open_session
from apps.broker.actions.record_events import record_events
from apps.broker.actions.take_lease import release_lease, take_lease
from apps.broker.models import Evidence, Intent, LinkSession, LinkState, Preview, ToldList
from apps.broker.ports import Heard, Known, MoneyTold, Opened, PositionTold
from apps.broker.queries import released_brackets
from apps.desks.models import Account, Strategy
from apps.journal import clock
from apps.journal.ports import SYSTEM, Actor
from apps.ledger.actions.book_broker import book_money, book_positions
from apps.ledger.actions.book_fills import book_fills
from apps.market.actions.save_quotes import save_marks, save_quotes
from apps.market.models import Contract, Session
from apps.reconciliation.actions.reconcile import reconcile
from apps.reconciliation.models import Run
from apps.reports.actions.close_report import close_report
from apps.reports.models import DayReport
from apps.runbook.gate import Word, approve_request, expire_requests
from apps.runbook.intake import take_file
from apps.runbook.road import judge_claim, look_up_contracts, market_problem, propose
from apps.runbook.seed.moments import at
from apps.runbook.seed.past_books import close_books
from apps.runbook.seed.planfile import plan_file
from apps.runbook.seed.script import Day, Way, commission
from apps.runbook.seed.voice import Voice
from apps.tickets.models import Ticket

TRADER = Actor("user", "a.meyer")
FOLDER = Actor("system", "folder watch")
HOLDER = "earlier"
REFUSAL = "two of these report after the close today"
HALF_SPREAD = Decimal("0.01")
LAST_PRINT = timedelta(seconds=10)  # before the close
AFTER_CLOSE = timedelta(minutes=5)


class PastBroken(Exception):
    """A step of the past was refused by the desk's own rules."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """Who plays, and with which broker."""

    account: Account
    strategy: Strategy
    contracts: Mapping[str, Contract]
    held: tuple[PositionTold, ...]
    instance: str
    server_version: int
    mids: Mapping[int, Decimal] = field(default_factory=dict)  # of what is held, by contract
    keep_rates: Callable[[datetime], None] = lambda _now: None
    voice: Voice = field(default_factory=Voice)
    next_order_id: int = 1


@dataclass(frozen=True, slots=True)
class Life:
    """One life of the link: its session and its epoch."""

    session: LinkSession
    epoch: int


def play_day(stage: Stage, day: Day, *, nav_before: Decimal) -> None:
    """From the link's morning to the day's result."""
    morning = day.session.open_at + timedelta(seconds=20)
    with at(morning):
        life = _connect(stage, nav_before, morning)
    request = _propose(stage, day, morning + timedelta(seconds=45))
    decided_at = request.opened_at + timedelta(seconds=70 + 13 * len(day.lines))
    if day.verdict == "approved":
        with at(decided_at):
            _quote(stage, day, decided_at)
            _approve(request, decided_at)
        _trade(stage, day, life, now=decided_at + timedelta(seconds=2))
    elif day.verdict == "rejected":
        with at(decided_at):
            reject(request, actor=TRADER, reason=REFUSAL, now=decided_at, how={"method": "form"})
    else:
        late = request.expires_at + timedelta(seconds=1)
        with at(late):
            expire_requests(late)
    _close(stage, day, life, nav_before=nav_before)


def report_day(account: Account, session: Session) -> None:
    """When the day is committed: only then its lines stand in the journal, which tells what people did."""
    if not DayReport.objects.filter(account=account, trading_day=session.day).exists():
        now = session.close_at + AFTER_CLOSE
        with at(now):
            close_report(account, session.day, actor=SYSTEM, now=now)


def _connect(stage: Stage, nav: Decimal, now: datetime) -> Life:
    gateway = stage.account.gateway
    epoch = take_lease(gateway, HOLDER)
    opened = Opened(
        server_version=stage.server_version, accounts=(stage.account.code,), next_valid_id=stage.next_order_id
    )
    session = open_session(gateway, epoch, opened, holder=HOLDER)
    _state_link(stage, session, now)
    book_positions(gateway, stage.held, now)
    book_money(gateway, money_of(stage, nav), now)
    mark_ready(session, holder=HOLDER, seen={"orders": 0, "executions": 0, "lapsed": 0, "unknown": 0})
    return Life(session, epoch)


def _state_link(stage: Stage, session: LinkSession, now: datetime) -> None:
    values = {"state": "ready", "session": session, "beat_at": now, "connected_at": now, "clock_skew_ms": 0.0}
    LinkState.objects.update_or_create(gateway=stage.account.gateway, defaults=values)


def money_of(stage: Stage, nav: Decimal) -> tuple[MoneyTold, ...]:
    """The account's figures at a net asset value, with what it holds."""
    gross = sum((row.quantity * row.average_cost for row in stage.held), Decimal(0)).quantize(Decimal("0.01"))
    figures = {
        "NetLiquidation": nav,
        "GrossPositionValue": gross,
        "TotalCashValue": nav - gross,
        "AvailableFunds": nav - gross / 4,
        "BuyingPower": (nav - gross / 4) * 4,
    }
    code, cent = stage.account.code, Decimal("0.01")
    return tuple(
        MoneyTold(account=code, tag=tag, currency="USD", value=value.quantize(cent))
        for tag, value in figures.items()
    )


def _quote(stage: Stage, day: Day, now: datetime, *, moved: str = "") -> None:
    """At the plan's own prices, or where the market has moved to by then."""
    prices = {line.symbol: _moved(day, line.symbol, line.limit_price, moved) for line in day.lines}
    save_quotes(
        [
            {
                "contract_id": stage.contracts[line.symbol].pk,
                "bid": prices[line.symbol] - _half_spread(line.symbol),
                "ask": prices[line.symbol] + _half_spread(line.symbol),
                "bid_size": Decimal(400),
                "ask_size": Decimal(300),
                "last": prices[line.symbol],
                "close": line.limit_price,
                "volume": Decimal(310_000),
                "halted": False,
                "data_type": 1,
                "received_at": now,
            }
            for line in day.lines
        ]
    )
    LinkState.objects.filter(gateway=stage.account.gateway).update(beat_at=now)


def _moved(day: Day, symbol: str, price: Decimal, until: str) -> Decimal:
    """A few basis points by the time it is sent, more by the close; the same past has the same moves."""
    spread = {"": 0.0, "sent": 2.6, "closed": 55.0}[until]
    bps = random.Random(f"{day.session.day}{symbol}{until}").gauss(-spread / 3, spread)
    return (price * (1 + Decimal(str(round(bps, 2))) / 10_000)).quantize(Decimal("0.01"))


def _half_spread(symbol: str) -> Decimal:
    return HALF_SPREAD * random.Random(symbol).choice((1, 1, 1, 2, 3))


def _propose(stage: Stage, day: Day, now: datetime) -> Request:
    name, data = plan_file(day.lines, now - timedelta(seconds=4))
    with at(now):
        _quote(stage, day, now)
        taken = take_file(
            data,
            name,
            source="folder",
            author="folder",
            strategy=stage.strategy,
            account=stage.account,
            now=now,
            actor=FOLDER,
        )
        if taken.plan is None or not look_up_contracts(taken.plan):
            raise PastBroken(f"{name}: {taken.problems}")
        request = propose(taken.plan, now)
        if request is None:
            raise PastBroken(f"{name}: nothing left to propose")
        for preview in Preview.objects.filter(request=request, state="asked"):
            answer_preview(preview.pk, Known(({"initial_margin_change": "0"},), now))
    return request


def _approve(request: Request, now: datetime) -> None:
    word = Word(typed=f"EXECUTE {request.challenge}", digest=request.digest, row_version=request.row_version)
    decided = approve_request(request.pk, word, actor=TRADER, how={"method": "typed"}, now=now)
    if not decided.approved:
        raise PastBroken(f"request {request.pk} was not approved: {decided.reason}")


def _trade(stage: Stage, day: Day, life: Life, *, now: datetime) -> None:
    """Every bracket is sent, and then everything the broker says comes in the order in which it says it."""
    said: list[tuple[datetime, Callable[[datetime], list[Heard]]]] = []
    for place, bracket in enumerate(released_brackets(stage.account.gateway_id)):
        moment = now + timedelta(milliseconds=700 * place)
        with at(moment):
            _quote(stage, day, moment, moved="sent")
            intents = _send(stage, bracket, life, now=moment)
        way = day.ways[intents[0].ticket.contract.symbol, bracket_label(intents[0].ticket)]
        said += _story(stage, way, intents, day.session.close_at)
    for moment, speak in sorted(said, key=lambda one: one[0]):
        with at(moment):
            record_events(life.session, speak(moment), book=book_fills)


def bracket_label(ticket: Ticket) -> str:
    """A or B, the last letter of the entry's key."""
    return ticket.key.rstrip("0123456789")[-1]


def _send(stage: Stage, bracket: str, life: Life, *, now: datetime) -> list[Intent]:
    claim = claim_bracket(
        bracket,
        session=life.session,
        epoch=life.epoch,
        now=now,
        instance=stage.instance,
        judge=judge_claim,
    )
    if not isinstance(claim, Claim):
        raise PastBroken(f"bracket {bracket} was not claimed: {claim}")
    for number in claim.intents:
        problem = mark_sending(
            number, claim, session=life.session, epoch=life.epoch, ready=True, market=market_problem
        )
        if problem is not None:
            raise PastBroken(f"bracket {bracket} was not sent: {problem}")
        mark_written(number)
    intents = list(
        Intent.objects.filter(pk__in=claim.intents)
        .select_related("ticket__contract", "ticket__account")
        .order_by("pk")
    )
    entry, target, stop = intents
    first = now + timedelta(milliseconds=90)
    heard = [
        stage.voice.opened(entry, "Submitted", first),
        stage.voice.opened(target, "PreSubmitted", first),
        stage.voice.opened(stop, "PreSubmitted", first),
    ]
    record_events(life.session, heard, book=book_fills)
    stage.next_order_id = max(stage.next_order_id, stop.order_id + 1)
    return intents


def _story(
    stage: Stage, way: Way, intents: list[Intent], close_at: datetime
) -> list[tuple[datetime, Callable[[datetime], list[Heard]]]]:
    """What the broker says about one bracket after it has taken it."""
    voice, (entry, target, stop) = stage.voice, intents
    if way.filled_at is None or way.left_at is None:
        ended = close_at + timedelta(seconds=2)
        return [(ended, lambda now: [voice.status(one, "Cancelled", now) for one in intents])]
    left_by, other = (target, stop) if way.exit == "target" else (stop, target)
    fee, price = commission(way.bracket.quantity), way.bracket.entry_price
    return [
        (
            way.filled_at,
            lambda now: voice.filled(entry, price, fee, now),
        ),
        (
            way.left_at,
            lambda now: [
                *voice.filled(left_by, way.exit_price, fee, now),
                voice.status(other, "Cancelled", now),
            ],
        ),
    ]


def _compare(stage: Stage, day: Day, life: Life, nav: Decimal) -> None:
    """What the broker tells at the end of the day, beside our books, as the reconciliation looks at it."""
    now = clock.now()
    told = Evidence.objects.filter(session=life.session, kind="execDetails").order_by("pk")
    lists: dict[str, list[dict[str, Any]]] = {
        ToldList.ORDERS: [],
        ToldList.EXECUTIONS: [{**row.fields["body"], "exec_id": row.exec_id} for row in told],
        ToldList.POSITIONS: [
            {
                "account": row.account,
                "con_id": row.con_id,
                "symbol": row.symbol,
                "quantity": str(row.quantity),
                "cost": str(row.average_cost),
            }
            for row in stage.held
        ],
        ToldList.MONEY: [
            {"account": row.account, "tag": row.tag, "currency": row.currency, "value": str(row.value)}
            for row in money_of(stage, nav)
        ],
    }
    keep_lists(life.session, lists, now)
    for about in (Run.ORDERS, Run.BOOKS):
        reconcile(stage.account, about, day=day.session.day, now=now)


def _close(stage: Stage, day: Day, life: Life, *, nav_before: Decimal) -> None:
    """The day's result, the account's value, and the end of the link's day."""
    with at(day.session.close_at - LAST_PRINT):
        _quote(stage, day, day.session.close_at - LAST_PRINT, moved="closed")
        save_marks(day.session.close_at - LAST_PRINT)
        stage.keep_rates(day.session.close_at - LAST_PRINT)
    now = day.session.close_at + AFTER_CLOSE
    with at(now):
        gateway = stage.account.gateway
        book_positions(gateway, stage.held, now)
        book_money(gateway, money_of(stage, nav_before + day.net), now)
        close_books(stage.account, stage.mids, now)
        _compare(stage, day, life, nav_before + day.net)
        close_session(life.session, "the day is over", holder=HOLDER)
        release_lease(gateway.pk, life.epoch)
