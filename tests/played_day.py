"""A believable day for the screens: real actions at the times of one Wednesday, a broker in a few lines."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.approvals.actions.decide import reject
from apps.approvals.actions.start_window import start_window
from apps.approvals.models import Request
from apps.broker.actions.claim_bracket import Claim, claim_bracket
from apps.broker.actions.mark_sending import mark_sending
from apps.broker.actions.mark_silent import mark_silent
from apps.broker.actions.record_events import record_events
from apps.broker.models import Intent, Lease, LinkSession, LinkState, Preview
from apps.broker.ports import Heard, MoneyTold, PositionTold
from apps.desks.models import Account, Phase, Strategy
from apps.journal import clock
from apps.journal.ports import Actor
from apps.ledger.actions.book_broker import book_money, book_positions
from apps.ledger.actions.book_fills import book_fills
from apps.ledger.actions.rebuild_position import rebuild_position
from apps.ledger.models import Fill, NavPoint, Position
from apps.market.models import Contract, LastQuote, Lookup
from apps.plans.models import Plan
from apps.runbook.gate import Word, approve_request
from apps.runbook.road import judge_claim, look_up_contracts, market_problem, propose
from tests.builders import NEW_YORK, make_desk, make_line, make_plan, make_sessions
from tests.people import make_person

TODAY = date(2026, 11, 18)
ANN = Actor("user", "ann")
# symbol, exchange, price, yesterday's close, conId
MARKET = (
    ("WEC", "NYSE", "115.79", "115.10", 13272),
    ("ATO", "NYSE", "148.20", "147.95", 4681),
    ("PNW", "NYSE", "92.54", "92.90", 10190),
    ("LNT", "NASDAQ", "66.31", "66.02", 8894),
    ("NVDA", "NASDAQ", "191.08", "186.40", 4815747),
    ("AVGO", "NASDAQ", "405.88", "402.10", 313130367),
    ("KO", "NYSE", "71.12", "71.40", 8894771),
    ("XOM", "NYSE", "118.42", "117.05", 13977),
)
HELD = (("NVDA", 142, "186.42"), ("AVGO", 64, "402.10"), ("KO", 420, "71.90"), ("XOM", 113, "115.79"))


@dataclass
class PlayedDay:
    """Moves the desk's clock from act to act."""

    settings: Any
    port: int = 4012
    account: Account = field(init=False)
    session: LinkSession = field(init=False)
    exec_number: int = 0

    def __post_init__(self) -> None:
        self.at("06:00")
        with connection.cursor() as cursor:  # plans and requests of every played day have the same numbers
            for table in ("plans_plan", "approvals_request"):
                cursor.execute(f"ALTER SEQUENCE {table}_id_seq RESTART WITH 1")
        self.account = make_desk(port=self.port)
        make_person(ANN.name)
        make_sessions(TODAY - timedelta(days=2), 60)
        for row in MARKET:
            self._contract(*row)

    def at(self, text: str, day: date = TODAY) -> datetime:
        hour = datetime.strptime(text, "%H:%M:%S" if text.count(":") == 2 else "%H:%M").time()
        moment = datetime.combine(day, hour, NEW_YORK)
        self.settings.CLOCK = str(clock.Line(moment, time.time(), 0.0))
        return moment

    def run(self) -> None:
        """From here on the clock goes as the wall's; until then it stood still, however slow the machine."""
        self.settings.CLOCK = str(clock.Line(clock.now(), time.time()))

    def _contract(self, symbol: str, exchange: str, price: str, close: str, con_id: int) -> None:
        row = Contract.objects.create(
            con_id=con_id,
            symbol=symbol,
            sec_type="STK",
            currency="USD",
            exchange="SMART",
            primary_exchange=exchange,
            local_symbol=symbol,
            trading_class=symbol,
            min_tick=Decimal("0.01"),
            tick_steps=[["0", "0.01"]],
            calendar="XNYS",
            time_zone="America/New_York",
            checked_at=clock.now(),
        )
        Lookup.objects.create(symbol=symbol, state=Lookup.FOUND, contract=row, asked_at=clock.now())
        self.quote(symbol, price, close=close)

    def quote(
        self, symbol: str, price: str, *, close: str | None = None, fresh: timedelta = timedelta(0)
    ) -> None:
        middle = Decimal(price)
        values = {
            "bid": middle - Decimal("0.01"),
            "ask": middle + Decimal("0.02"),
            "bid_size": Decimal(400),
            "ask_size": Decimal(300),
            "last": middle,
            "received_at": clock.now() + fresh,
        }
        if close is not None:
            values["close"] = Decimal(close)
        LastQuote.objects.update_or_create(contract=Contract.objects.get(symbol=symbol), defaults=values)

    def quote_all(self, *, fresh: timedelta = timedelta(0), moved: str = "0") -> None:
        for symbol, _, price, close, _ in MARKET:
            self.quote(symbol, str(Decimal(price) + Decimal(moved)), close=close, fresh=fresh)

    def connect(self, *, state: str = "ready", heard: timedelta = timedelta(hours=4)) -> None:
        """The link's own rows, with a heartbeat that stays young for a test."""
        now = clock.now()
        gateway = self.account.gateway
        self.session = LinkSession.objects.create(
            gateway=gateway, epoch=3, opened_at=now, ready_at=now, server_version=178, next_valid_id=4100
        )
        Lease.objects.update_or_create(
            gateway=gateway, defaults={"holder": "link-1", "epoch": 3, "beat_at": now}
        )
        LinkState.objects.update_or_create(
            gateway=gateway,
            defaults={
                "state": state, "session": self.session, "beat_at": now + heard, "callback_at": now,
                "connected_at": now, "snapshot_at": now, "round_trip_ms": 11.0, "clock_skew_ms": 41.0,
                "loop_lag_ms": 1.2, "server_version": 178, "pid": 4711, "memory_mb": 92.0, "reason": "",
                "farms": {"usfarm": "ok"}, "pacing": {"waiting": 0, "allowance": 5},
            },
        )  # fmt: skip

    def hold(self) -> None:
        """What was bought the day before, and the broker's figures of it."""
        yesterday = TODAY - timedelta(days=1)
        strategy = Strategy.objects.get(name="bracket-day")
        for symbol, size, price in HELD:
            contract = Contract.objects.get(symbol=symbol)
            Fill.objects.create(
                account=self.account, exec_id=f"0000.{symbol}.01", exec_root=f"0000.{symbol}", revision=1,
                contract=contract, side="BUY", quantity=size, price=Decimal(price), strategy=strategy,
                at=datetime.combine(yesterday, datetime.min.time(), NEW_YORK) + timedelta(hours=11),
                trading_day=yesterday, commission=Decimal("1.00"), booked_at=clock.now(),
            )  # fmt: skip
            rebuild_position(self.account.pk, contract.pk)
        self.tell_positions()

    def tell_positions(self) -> None:
        rows = [
            PositionTold(
                account=self.account.code, con_id=row.contract.con_id, symbol=row.contract.symbol,
                quantity=row.quantity, average_cost=row.average_cost or Decimal(0),
            )
            for row in Position.objects.filter(account=self.account).select_related("contract")
        ]  # fmt: skip
        book_positions(self.account.gateway, rows, clock.now())

    def tell_money(self, nav: str = "1002142.20", *, fresh: timedelta = timedelta(0)) -> None:
        figures = {
            "NetLiquidation": nav, "GrossPositionValue": "96280.40", "AvailableFunds": "612480.00",
            "ExcessLiquidity": "640210.00", "TotalCashValue": "905861.80",
        }  # fmt: skip
        told = [
            MoneyTold(account=self.account.code, tag=tag, currency="USD", value=Decimal(value))
            for tag, value in figures.items()
        ]
        book_money(self.account.gateway, told, clock.now() + fresh)

    def nav_line(self) -> None:
        wave = [0, 3, 2, 6, 9, 7, 11, 16, 14, 19, 17, 22, 26, 24, 21, 25, 30, 28, 33, 31, 36]
        for number, step in enumerate(wave):
            at = self.at("09:30") + timedelta(minutes=18 * number)
            NavPoint.objects.create(
                account=self.account, at=at, nav=Decimal(998_300 + 107 * step), source="broker"
            )

    def plan(
        self, *wanted: tuple[str, str, int], name: str = "execution_plan_run_20261118_093058_a1b2.csv"
    ) -> Plan:
        lines = [
            make_line(number, symbol, Decimal(price), size)
            for number, (symbol, price, size) in enumerate(wanted, 1)
        ]
        for line, score in zip(lines, ("142.5", "131.0", "128.4", "117.2"), strict=False):
            line.context.update({"score": score, "gex_regime": "positive", "sector": "Utilities"})
        return make_plan(self.account, lines, day=TODAY, at=clock.now(), name=name)

    def propose(self, plan: Plan) -> Request:
        assert look_up_contracts(plan)
        request = propose(plan, clock.now())
        assert request is not None, list(plan.lines.values("symbol", "state", "reason"))
        return request

    def answer_previews(self, request: Request) -> None:
        Preview.objects.filter(request=request).update(
            state="known",
            initial_margin_change=Decimal("3440.20"),
            commission=Decimal("0.77"),
            answered_at=clock.now(),
        )

    def approve(self, request: Request, actor: Actor = ANN) -> Any:
        word = Word(
            typed=f"EXECUTE {request.challenge}", digest=request.digest, row_version=request.row_version
        )
        decided = approve_request(request.pk, word, actor=actor, how={}, now=clock.now())
        assert decided.approved, decided.reason
        return decided

    def reject(self, request: Request, reason: str) -> None:
        reject(request, actor=ANN, reason=reason, now=clock.now(), how={})

    def send(self, request: Request) -> list[Intent]:
        """Claim and mark every bracket as the link does."""
        sent: list[Intent] = []
        entries = request.tickets.filter(position_in_bracket=0).order_by("pk")
        for bracket in entries.values_list("bracket", flat=True):
            claim = claim_bracket(
                bracket, session=self.session, epoch=3, now=clock.now(), instance="desk",
                judge=judge_claim,
            )  # fmt: skip
            assert isinstance(claim, Claim), claim
            for intent_id in claim.intents:
                problem = mark_sending(
                    intent_id, claim, session=self.session, epoch=3, ready=True, market=market_problem
                )
                assert problem is None, problem
                sent.append(Intent.objects.get(pk=intent_id))
        return sent

    def hear(self, *heard: Heard) -> None:
        record_events(self.session, heard, book=book_fills)

    def ack(self, intent: Intent, status: str = "Submitted", *, why: str = "") -> None:
        body = {"status": status, "filled": "0", "remaining": str(intent.ticket.quantity), "why_held": why}
        self.hear(self._heard("orderStatus", intent, body))

    def fill(self, intent: Intent, size: int, price: str, *, fee: str | None = "0.37") -> None:
        self.exec_number += 1
        ticket = intent.ticket
        exec_id = f"0001f4e8.{self.exec_number:04}.01.01"
        body = {
            "account": self.account.code, "con_id": str(ticket.contract.con_id),
            "symbol": ticket.contract.symbol, "sec_type": "STK", "venue": "ARCA",
            "side": {"BUY": "BOT", "SELL": "SLD"}[ticket.side], "quantity": str(size), "price": price,
            "time": clock.now().isoformat(),
        }  # fmt: skip
        told = [self._heard("execDetails", intent, body, exec_id=exec_id)]
        if fee is not None:
            told.append(Heard(kind="commission", at=clock.now(), raw=(), exec_id=exec_id,
                              body={"commission": fee, "currency": "USD"}))  # fmt: skip
        ticket.refresh_from_db()
        filled = ticket.filled + size
        left = ticket.quantity - filled
        status = {
            "status": "Filled" if not left else "Submitted",
            "filled": str(filled),
            "remaining": str(left),
        }
        self.hear(*told, self._heard("orderStatus", intent, status))

    def cancelled(self, intent: Intent) -> None:
        ticket = intent.ticket
        self.hear(
            self._heard(
                "orderStatus", intent, {"status": "Cancelled", "filled": str(ticket.filled), "remaining": "0"}
            )
        )

    def refuse(self, intent: Intent, code: int = 201, text: str = "Order rejected - reason: margin") -> None:
        self.hear(
            Heard(
                kind="error", at=clock.now(), raw=(), body={"text": text}, code=code, order_id=intent.order_id
            )
        )

    def fall_silent(self) -> list[int]:
        """Whatever was sent more than five seconds ago and not heard of is unknown from now on."""
        return mark_silent(self.account.gateway_id, self.session.pk, clock.now())

    def _heard(self, kind: str, intent: Intent, body: dict[str, str], exec_id: str = "") -> Heard:
        return Heard(
            kind=kind, at=clock.now(), raw=(), body=body, order_id=intent.order_id,
            client_id=intent.client_id, perm_id=1190447000 + intent.pk, exec_id=exec_id,
            order_ref=intent.order_ref if kind != "orderStatus" else "",
        )  # fmt: skip


def ordinary_day(settings: Any, *, port: int = 4012) -> PlayedDay:
    """Held positions, a morning's brackets in every state, and two plans that wait for a person."""
    day = PlayedDay(settings, port)
    day.nav_line()
    day.at("09:20")
    day.connect()
    day.hold()
    day.at("09:31:04")
    day.quote_all()
    day.tell_money("998310.00")
    first = day.propose(day.plan(("WEC", "115.79", 60), ("ATO", "148.20", 40)))
    day.at("09:33:41")
    day.quote_all()
    day.approve(first)
    day.at("09:35:00")
    day.quote_all()
    _morning(day, day.send(first))
    day.at("10:02")
    day.quote_all()
    gone = day.propose(day.plan(("LNT", "66.31", 30), name="execution_plan_run_20261118_100130_c3d4.csv"))
    day.reject(gone, "Not this session")
    day.at("10:40:00")
    day.quote_all(moved="0.35")
    day.tell_money(fresh=timedelta(hours=4))
    day.tell_positions()
    last = day.propose(
        day.plan(
            ("PNW", "92.54", 151), ("LNT", "66.31", 421), name="execution_plan_run_20261118_103958_9e8f.csv"
        )
    )
    day.answer_previews(last)
    day.quote_all(moved="0.35", fresh=timedelta(hours=4))
    day.run()
    return day


def _morning(day: PlayedDay, sent: list[Intent]) -> None:
    """A whole bracket filled and out, one in, one half in, one whose fate nobody knows."""
    wec_a, wec_at, wec_as, wec_b, wec_bt, _, ato_a, _, _, *ato_b = sent
    for intent in sent[:9]:
        day.ack(intent, "PreSubmitted" if intent.parent_order_id else "Submitted")
    day.at("09:35:02")
    day.fill(wec_a, int(wec_a.ticket.quantity), "115.79")
    day.ack(wec_at)
    day.at("09:35:06")
    day.fill(wec_b, int(wec_b.ticket.quantity), "115.78")
    day.ack(wec_bt)
    day.fill(ato_a, 5, "148.20", fee=None)
    day.at("09:35:20")
    assert day.fall_silent() == [intent.pk for intent in ato_b]
    day.at("09:58:12")
    day.fill(wec_at, int(wec_at.ticket.quantity), str(wec_at.ticket.limit_price))
    day.cancelled(wec_as)


def let_it_walk(day: PlayedDay) -> Request:
    """The plan that waited is turned down; its names come again in the walk phase, and their window runs."""
    day.quote_all(moved="0.35")
    day.reject(Request.objects.get(state="proposed"), "Too large for this morning")
    Phase.objects.update(phase="walk")
    plan = day.plan(
        ("PNW", "92.54", 51), ("LNT", "66.31", 61), name="execution_plan_run_20261118_104100_77aa.csv"
    )
    request = day.propose(plan)
    assert request.state == "counting", (request.phase_code, request.phase_reason)
    day.answer_previews(request)
    told = [
        {"channel": "Telegram", "at": clock.now().isoformat()},
        {"channel": "Mail", "at": clock.now().isoformat()},
    ]
    assert start_window(request.window.pk, delivered=told) is None
    return request
