"""What changes without a journal line: states that grow old, figures the broker tells, prices that move."""

import time
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from apps.approvals.queries import next_deadline, overdue_count
from apps.broker.queries import beat_limit, link_states, unknown_intents
from apps.dashboard.books import Books, PositionRow, mark_of
from apps.dashboard.rows import away_text, market_of
from apps.dashboard.templatetags.desk import MINUS, money, price, signed
from apps.desks.queries import enabled_accounts
from apps.journal import clock
from apps.ledger.queries import newest_money_at, newest_positions_at
from apps.market.queries import quotes_since
from apps.runbook.situation import trading_day

Cell = list[object]  # the text, the sign of the number, whether it is too old

HELD_SECONDS = 1.0
QUOTES_OF = timedelta(hours=12)


def states() -> dict[str, str]:
    """One short text a topic; when it is another one than before, the topic has changed."""
    now = clock.now()
    links = [
        f"{gateway}:{'dead' if now - beat > beat_limit() else state}:{code}"
        for gateway, state, code, beat in link_states()
    ]
    found = {
        "link": "|".join(links),
        "review": f"{overdue_count(now)}/{next_deadline(now)}",
        "plans": str(trading_day(now)),
        "alerts": str(list(unknown_intents().values_list("pk", flat=True))),
    }
    accounts = [account.pk for account in enabled_accounts()]
    found["account"] = "|".join(str(newest_money_at(account)) for account in accounts)
    told = [newest_positions_at(account) for account in accounts]
    found["positions"] = "|".join("" if at is None else f"{at:%H:%M}" for at in told)
    return found


class Ticker:
    """One account's figures. Prices are read at every tick; what is held and worked, once a second."""

    def __init__(self, account: Any) -> None:
        self._account = account
        self._books: Books | None = None
        self._read_at = 0.0

    def cells(self) -> dict[str, Cell]:
        books = self._fresh()
        found: dict[str, Cell] = {}
        quotes = {row.contract_id: row for row in quotes_since(books.now - QUOTES_OF)}
        books.__dict__["quotes"] = quotes
        for quote in quotes.values():
            found |= _quote_cells(quote, books)
        for row in books.positions:
            found |= _position_cells(row)
        return found | _total_cells(books) | _away_cells(books)

    def _fresh(self) -> Books:
        if self._books is None or time.monotonic() - self._read_at > HELD_SECONDS:
            self._books = Books(self._account, clock.now())
            self._read_at = time.monotonic()
        else:
            self._books.look_again(clock.now())
        return self._books


_tickers: dict[int, Ticker] = {}


def cells(shown: Iterable[int]) -> dict[int, dict[str, Cell]]:
    """What ticks on the screens that show these accounts."""
    accounts = {account.pk: account for account in enabled_accounts()} if set(shown) - set(_tickers) else {}
    for number, account in accounts.items():
        _tickers.setdefault(number, Ticker(account))
    return {number: _tickers[number].cells() for number in shown if number in _tickers}


SIGNS = {MINUS: -1, "+": 1}


def signed_cell(value: Decimal | None, places: int = 2, *, old: bool = False) -> Cell:
    """The colour goes by what is written: what rounds to zero has none."""
    text = signed(value, places)
    return [text, SIGNS.get(text[:1], 0), old]


def _quote_cells(quote: Any, books: Books) -> dict[str, Cell]:
    name, tick, old = f"q{quote.contract_id}", quote.contract.min_tick, books.is_old(quote)
    return {
        f"{name}:last": [price(mark_of(quote), tick), 0, old],
        f"{name}:market:BUY": [price(quote.ask, tick), 0, old],
        f"{name}:market:SELL": [price(quote.bid, tick), 0, old],
    }


def _position_cells(row: PositionRow) -> dict[str, Cell]:
    return {
        f"daypnl:{row.contract_id}": signed_cell(row.day_result, old=row.stale),
        f"pnl:{row.contract_id}": signed_cell(row.unrealized, old=row.stale),
        f"value:{row.contract_id}": [money(row.value), 0, row.stale],
    }


def _total_cells(books: Books) -> dict[str, Cell]:
    totals, day = books.totals, books.day.net
    return {
        "day": signed_cell(day, 0),
        "total:day": signed_cell(day),
        "total:pnl": signed_cell(totals.unrealized),
        "total:value": [money(totals.value), 0, False],
    }


def _away_cells(books: Books) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for ticket in books.living:
        quote = books.quotes.get(ticket.contract_id)
        market = market_of(ticket.side, quote)
        asked = ticket.limit_price if ticket.limit_price is not None else ticket.stop_price
        text = away_text(asked, market, ticket.contract.min_tick)
        found[f"away:{ticket.key}"] = [text, 0, books.is_old(quote)]
    return found
