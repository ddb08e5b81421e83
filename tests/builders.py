"""Makes the desk a test needs: a gateway, an account, a strategy, sessions, limits, a plan."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.desks.models import Account, Gateway, Phase, Strategy
from apps.journal.ports import Actor
from apps.market.models import Session
from apps.plans.actions.accept_plan import Delivery, accept_plan
from apps.plans.models import Plan
from apps.risk.actions.found_limits import found_limits
from tradingdesk.domain.money import Side
from tradingdesk.domain.plans import Line, signal_digest

NEW_YORK = ZoneInfo("America/New_York")
SOMEBODY = Actor("user", "somebody")


def make_desk(*, port: int, account: str = "DU1000001", host: str = "127.0.0.1") -> Account:
    """One simulated gateway with one account, strategy system 3 on it in the crawl phase, and the limits."""
    gateway = Gateway.objects.create(name="sim", host=host, port=port, client_id=11, mode="sim")
    owned = Account.objects.create(code=account, gateway=gateway)
    strategy = Strategy.objects.create(name="bracket-day", system=3)
    Phase.objects.create(strategy=strategy, account=owned, phase="crawl")
    found_limits()
    return owned


def make_sessions(first: date, days: int = 5) -> None:
    """New York's sessions, weekends left out."""
    for offset in range(days):
        day = first + timedelta(days=offset)
        if day.weekday() < 5:
            Session.objects.update_or_create(
                calendar="XNYS",
                day=day,
                defaults={
                    "open_at": datetime.combine(day, time(9, 30), NEW_YORK).astimezone(UTC),
                    "close_at": datetime.combine(day, time(16), NEW_YORK).astimezone(UTC),
                },
            )


def make_line(number: int, symbol: str, price: Decimal, quantity: int = 10, *, side: Side = Side.BUY) -> Line:
    """A line around a price: stop 4 % away, targets 3 and 5 % away, all on a cent."""
    sign = 1 if side is Side.BUY else -1

    def away(percent: str) -> Decimal:
        return (price * (1 + sign * Decimal(percent) / 100)).quantize(Decimal("0.01"))

    return Line(
        number=number,
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        limit_price=price,
        stop_price=away("-4"),
        target_1=away("3"),
        target_2=away("5"),
        context={"score": "100"},
    )


def make_plan(
    account: Account, lines: Sequence[Line], *, day: date, at: datetime, name: str = "plan.csv"
) -> Plan:
    strategy = Strategy.objects.get(name="bracket-day")
    digest = signal_digest(repr((name, lines)).encode())
    delivery = Delivery(source="api", file_name=name, digest=digest, author="csv", at=at)
    accepted = accept_plan(
        delivery, lines, (), strategy=strategy, account=account, trading_day=day, actor=SOMEBODY
    )
    return accepted.plan
