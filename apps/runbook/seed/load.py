"""Sets the stage of the demo: the desk's own rows, three weeks of past, and the plan of today."""

import itertools
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from apps.approvals.actions.give_grant import give_grant, revoke_grants
from apps.approvals.queries import standing_grant, waiting
from apps.broker.models import LinkState, Order
from apps.desks.actions.save_account import save_account
from apps.desks.actions.save_gateway import save_gateway
from apps.desks.actions.save_strategy import save_strategy
from apps.desks.actions.set_phase import set_phase
from apps.desks.models import Account, Gateway, Strategy
from apps.desks.queries import phase_of
from apps.journal import clock
from apps.journal.ports import SYSTEM
from apps.ledger.queries import held_positions
from apps.market.actions.answer_lookup import answer_lookup, ask_lookup
from apps.market.models import Contract, Session
from apps.market.ports import CALENDAR
from apps.market.queries import last_session_day
from apps.operators.actions.offer_entry import make_demo_people
from apps.plans.models import Plan
from apps.risk.actions.found_limits import found_limits
from apps.risk.queries import reserved
from apps.runbook.daily import intake_folder
from apps.runbook.jobs import SESSIONS_AHEAD
from apps.runbook.seed.moments import at
from apps.runbook.seed.past import Stage, play_day, report_day
from apps.runbook.seed.past_books import keep_rates, open_books
from apps.runbook.seed.planfile import drop, plan_file, row_of
from apps.runbook.seed.script import EXPOSURE, past_days, planned_line
from apps.runbook.seed.statements import state_day
from apps.runbook.seed.survey import Listed, Survey
from apps.runbook.seed.voice import FIRST_PERM_ID, LAST_PERM_ID, Voice
from apps.runbook.situation import trading_day
from tradingdesk.domain.plans import Line
from tradingdesk.domain.risk import LIMITS

SYMBOLS = (
    "WEC", "ATO", "PNW", "OHI", "BHP", "AEE", "NI", "SPG", "IFF", "DUK", "NEE", "JPM", "BAC", "WFC", "KO",
    "PEP", "PG", "WMT", "XOM", "CVX", "MRK", "JNJ", "CSCO", "QCOM",
)  # fmt: skip
HELD = ("SPY", "AAPL", "MSFT", "GLD", "IWM", "TLT", "LQD", "XLE")  # as in accounts.yaml beside this
PAST_SESSIONS = 15
SEED = 11
STRATEGY = "bracket-day"
WALKER, RUNNER = "bracket-walk", "bracket-run"
A_DAY = timedelta(days=1)


def history_is_there(today: date) -> bool:
    """Every past session has its plan, or the demo has moved on since."""
    planned = Plan.objects.filter(trading_day__lt=today).values("trading_day").distinct().count()
    return planned >= PAST_SESSIONS


def day_is_laid(now: datetime) -> bool:
    """Whether all that would be laid is there, behind the gateway where it listens today."""
    gateways = Gateway.objects.filter(
        name="simulator", host=settings.GATEWAY_HOST, port=settings.GATEWAY_PORT, mode="sim"
    )
    found, reach = Account.objects.filter(gateway__in=gateways).first(), last_session_day(CALENDAR)
    if found is None or reach is None or reach < (now + SESSIONS_AHEAD).date():
        return False
    return history_is_there(trading_day(now)) and not plan_is_needed(found, now)


def lay_desk(account_code: str) -> tuple[Account, Strategy]:
    """The gateway, its account, the strategy and its phase; where the gateway listens may have changed."""
    gateway = Gateway.objects.filter(name="simulator").first() or Gateway(name="simulator")
    gateway = save_gateway(
        gateway,
        actor=SYSTEM,
        reason="the demo",
        host=settings.GATEWAY_HOST,
        port=settings.GATEWAY_PORT,
        client_id=settings.GATEWAY_CLIENT_ID,
        mode="sim",
    )
    found_limits()
    account = Account.objects.filter(code=account_code).first()
    if account is None:
        values = {"code": account_code, "gateway": gateway, "title": "Simulated account"}
        account = save_account(Account(), actor=SYSTEM, reason="the demo", **values)
    strategy = Strategy.objects.filter(name=STRATEGY).first()
    if strategy is None:
        strategy = save_strategy(
            Strategy(),
            actor=SYSTEM,
            reason="the demo",
            name=STRATEGY,
            system=3,
            title="Day-trade brackets",
            parameters={"propose_again": True},
        )
        set_phase(strategy, account, phase="crawl", actor=SYSTEM, reason="the demo")
    _lay_beside(account, WALKER, "Brackets that walk", ("crawl", "walk"), why="the demo shows a countdown")
    _lay_beside(
        account, RUNNER, "Brackets that run", ("crawl", "walk", "run"), why="the demo shows what a grant does"
    )
    return account, strategy


def _lay_beside(account: Account, name: str, title: str, phases: Sequence[str], *, why: str) -> None:
    """A strategy that takes no files, so it moves only when somebody hands it a plan."""
    if Strategy.objects.filter(name=name).exists():
        return
    told = {"name": name, "system": 3, "title": title, "parameters": {"by_files": False}}
    made = save_strategy(Strategy(), actor=SYSTEM, reason="the demo", **told)
    for phase in phases:
        set_phase(made, account, phase=phase, actor=SYSTEM, reason=why)


def let_it_run(strategy: Strategy, account: Account, *, by_itself: bool) -> None:
    """A day that plays by itself has nobody who types EXECUTE: its strategy runs under a grant for a day.

    The next demo in which somebody sits before the screen finds it in crawl again, with the grant taken back.
    """
    now = clock.now()
    why = "a day of the demo that plays by itself"
    standing = standing_grant(strategy.pk, account.pk)
    if by_itself:
        for phase in ("walk", "run"):
            if phase_of(strategy, account) != "run":
                set_phase(strategy, account, phase=phase, actor=SYSTEM, reason=why)
        give_grant(strategy, account, ends_at=now + A_DAY, cap=EXPOSURE, actor=SYSTEM, reason=why, now=now)
    elif standing is not None and standing.given_by == SYSTEM.name:
        revoke_grants(strategy, account, actor=SYSTEM, now=now)
        set_phase(strategy, account, phase="crawl", actor=SYSTEM, reason="somebody sits before the screen")


def past_sessions(today: date) -> list[Session]:
    rows = Session.objects.filter(calendar=CALENDAR, day__lt=today).order_by("-day")[:PAST_SESSIONS]
    return list(rows)[::-1]


def load_past(found: Survey, today: date) -> None:
    """Day by day, each whole or not at all; a load that was interrupted goes on where it stopped."""
    sessions = past_sessions(today)
    before = sessions[0].open_at - timedelta(days=3)
    with at(before):
        make_demo_people()  # the past is decided by people who may
    stage = _lay_stage(found, before)
    days = past_days(sessions, {symbol: found.listed[symbol].mid for symbol in SYMBOLS}, SEED)
    earned = sum((day.net for day in days), Decimal(0))
    nav, to_earn, now = found.value("NetLiquidation") - earned, earned, clock.now()
    with at(before + timedelta(hours=3)):
        open_books(stage.account, found, stage.mids, still_to_earn=earned, now=clock.now())
    for day in days:
        if not Plan.objects.filter(trading_day=day.session.day).exists():
            with transaction.atomic():
                play_day(stage, day, nav_before=nav)
        report_day(stage.account, day.session)
        nav, to_earn = nav + day.net, to_earn - day.net
        state_day(stage.account, day.session, found, still_to_earn=to_earn, until=now)
    LinkState.objects.filter(gateway=stage.account.gateway).delete()  # today's link has not reported yet


@transaction.atomic
def _lay_stage(found: Survey, before: datetime) -> Stage:
    with at(before if not Account.objects.exists() else clock.now()):
        account, strategy = lay_desk(found.account)
    with at(before + timedelta(hours=1)):
        contracts = {symbol: _keep(listed) for symbol, listed in found.listed.items()}
    spoken = Order.objects.filter(perm_id__lt=LAST_PERM_ID).aggregate(last=Max("perm_id"))["last"]
    held = [row.symbol for row in found.positions]
    stage = Stage(
        account=account,
        strategy=strategy,
        contracts=contracts,
        held=found.positions,
        instance=settings.INSTANCE,
        server_version=found.server_version,
        mids={contracts[name].pk: found.listed[name].mid for name in held if name in contracts},
        keep_rates=lambda now: keep_rates(account, found, now),
        voice=Voice(perm_ids=itertools.count((spoken or FIRST_PERM_ID) + 1)),
    )
    return stage


def _keep(listed: Listed) -> Contract:
    contract = answer_lookup(ask_lookup(listed.symbol).pk, listed.found)
    assert contract is not None
    return contract


# the plan of today


def plan_is_needed(account: Account, now: datetime) -> bool:
    """Whether nothing of today waits for a person, or is on its way there."""
    coming = Plan.objects.filter(account=account, trading_day=trading_day(now), state=Plan.RECEIVED)
    return not waiting().filter(account=account).exists() and not coming.exists()


def drop_plan(found: Survey, account: Account, now: datetime) -> str:
    """Ten names near their prices: one is held already, one cannot be split, the last ones do not fit."""
    lines = lines_of_today(found, account, now)
    single = row_of(lines[-1]) | {"instrument_id": "HD", "quantity": "1"}
    name, data = plan_file(lines, now, extra=[single])
    drop(intake_folder(), name, data)
    return name


def lines_of_today(found: Survey, account: Account, now: datetime) -> Sequence[Line]:
    chance = random.Random(f"{trading_day(now)}{Plan.objects.count()}")
    held = {row.contract.symbol for row in held_positions(account.pk)}
    free = [symbol for symbol in SYMBOLS if symbol not in held]
    names = ["WEC", *chance.sample([one for one in free if one != "WEC"], 8)] if "WEC" in free else free[:9]
    names.insert(4, HELD[1])
    worth = int(_room(found, account, now) / Decimal("8.4"))
    return [
        planned_line(number, name, _near(found.listed[name], chance), worth=worth, chance=chance)
        for number, name in enumerate(names, 2)
    ]


def _room(found: Survey, account: Account, now: datetime) -> Decimal:
    """What the limits leave for today: of the day's exposure, and of the account's."""
    of_day = EXPOSURE - reserved(account.code, trading_day(now))
    of_account = LIMITS["gross_exposure"].default - found.value("GrossPositionValue")
    return max(min(of_day, of_account * Decimal("0.95")), Decimal(5000))


def _near(listed: Listed, chance: random.Random) -> Decimal:
    """Most limits stand a little above the market and fill at once; some wait just below it."""
    away = Decimal(str(chance.choice((6, 4, 3, 3, -4, -9)))) / 10_000
    return (listed.ask * (1 + away)).quantize(Decimal("0.01"))
