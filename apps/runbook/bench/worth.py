"""The worth of an account with a thousand positions in six currencies, read from the tables and summed."""

import time
from decimal import Decimal

from django.db import transaction

from apps.desks.models import Account, Gateway
from apps.journal import clock
from apps.journal.ports import SYSTEM
from apps.ledger.actions.adopt import adopt_cash
from apps.ledger.books import holdings_of, nav_now
from apps.ledger.models import Position
from apps.market.actions.save_rates import RateTold, save_rates
from apps.market.models import Contract, LastQuote
from apps.market.queries import rates_of
from apps.runbook.bench.figures import Figure, figure
from tradingdesk.domain.money import Money
from tradingdesk.domain.portfolio import nav_of

CURRENCIES = {"USD": "1", "EUR": "1.08", "GBP": "1.25", "CHF": "1.12", "JPY": "0.0065", "SEK": "0.095"}
POSITIONS, ROUNDS, FIRST = 1000, 30, 900_000_000
CODE = "DU7000001"


class Unpriced(RuntimeError):
    """The worth that was to be timed is not known."""


def time_worth(gateway: Gateway, rounds: int = ROUNDS) -> Figure:
    """What a page or the minute's snapshot pays for it; beside it the arithmetic without the tables."""
    account = lay_worth(gateway)
    now = clock.now()
    cash = [Money(Decimal(10_000), currency) for currency in CURRENCIES]
    holdings, rates = holdings_of(account, now), rates_of(account, now)
    read, bare = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        nav = nav_now(account, now)
        read.append(time.perf_counter() - began)
        if nav.total is None or len(nav.holdings) != POSITIONS:
            raise Unpriced(str(nav.reasons[:3]))
        began = time.perf_counter()
        nav_of(cash, holdings, rates, now)
        bare.append(time.perf_counter() - began)
    return figure(
        "NAV of 1,000 positions in 6 currencies",
        read,
        beside="the same sum over values in memory",
        baseline=bare,
        aim="≤ 50 ms",
    )


@transaction.atomic
def lay_worth(gateway: Gateway) -> Account:
    """The account, its cash, contracts of every kind, quotes, positions and rates; once."""
    now = clock.now()
    account, _ = Account.objects.get_or_create(code=CODE, defaults={"gateway": gateway, "enabled": False})
    if Position.objects.filter(account=account).exists():
        return account
    for currency in CURRENCIES:
        adopt_cash(account, currency, amount=Decimal(10_000), reason="the bench", actor=SYSTEM, now=now)
    save_rates(
        RateTold(base="USD", currency=currency, value=Decimal(value), at=now)
        for currency, value in CURRENCIES.items()
        if currency != "USD"
    )
    contracts = Contract.objects.bulk_create([_contract(number) for number in range(POSITIONS)])
    LastQuote.objects.bulk_create(
        [
            LastQuote(contract=one, bid=Decimal(100), ask=Decimal(101), last=Decimal(100), received_at=now)
            for one in contracts
        ]
    )
    Position.objects.bulk_create(
        [
            Position(
                account=account,
                contract=one,
                quantity=Decimal(number % 50 + 1) * (-1) ** number,
                average_cost=Decimal(99),
                changed_at=now,
            )
            for number, one in enumerate(contracts)
        ]
    )
    return account


def _contract(number: int) -> Contract:
    future = number % 5 == 0
    return Contract(
        con_id=FIRST + number,
        symbol=f"N{number}",
        local_symbol=f"N{number}",
        sec_type="FUT" if future else "STK",
        currency=list(CURRENCIES)[number % len(CURRENCIES)],
        exchange="SMART",
        multiplier=Decimal(10 if future else 1),
        price_magnifier=100 if number % len(CURRENCIES) == 2 else 1,
        min_tick=Decimal("0.01"),
        calendar="XNYS",
        time_zone="US/Eastern",
        checked_at=clock.now(),
    )
