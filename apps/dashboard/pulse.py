"""What changes without a journal line: states that grow old, figures the broker tells, prices that move."""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from apps.approvals.queries import next_deadline, overdue_count
from apps.broker.queries import BEAT_LIMIT, link_states
from apps.dashboard.books import Books, PositionRow, mark_of
from apps.dashboard.rows import away_text, market_of
from apps.dashboard.templatetags.desk import money, price, signed
from apps.desks.queries import first_account
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
        f"{gateway}:{'dead' if now - beat > BEAT_LIMIT else state}:{code}"
        for gateway, state, code, beat in link_states()
    ]
    found = {
        "link": "|".join(links),
        "review": f"{overdue_count(now)}/{next_deadline(now)}",
        "plans": str(trading_day(now)),
    }
    account = first_account()
    if account is not None:
        found["account"] = str(newest_money_at(account.pk))
        told = newest_positions_at(account.pk)
        found["positions"] = "" if told is None else f"{told:%H:%M}"
    return found


class Ticker:
    """Prices are read at every tick; what is held and worked, once a second."""

    def __init__(self) -> None:
        self._books: Books | None = None
        self._read_at = 0.0

    def cells(self) -> dict[str, Cell]:
        books = self._fresh()
        if books is None:
            return {}
        found: dict[str, Cell] = {}
        quotes = {row.contract_id: row for row in quotes_since(books.now - QUOTES_OF)}
        books.__dict__["quotes"] = quotes
        for quote in quotes.values():
            found |= _quote_cells(quote, books)
        for row in books.positions:
            found |= _position_cells(row)
        found |= _away_cells(books)
        day = books.day.net
        found["day"] = [signed(day, 0), _sign(day), False]
        return found

    def _fresh(self) -> Books | None:
        if self._books is None or time.monotonic() - self._read_at > HELD_SECONDS:
            account = first_account()
            self._books = Books(account, clock.now()) if account is not None else None
            self._read_at = time.monotonic()
        elif self._books is not None:
            self._books.look_again(clock.now())
        return self._books


_ticker = Ticker()


def cells() -> dict[str, Cell]:
    return _ticker.cells()


def _sign(value: Decimal | None) -> int:
    return 0 if not value else 1 if value > 0 else -1


def _quote_cells(quote: Any, books: Books) -> dict[str, Cell]:
    name, tick, old = f"q{quote.contract_id}", quote.contract.min_tick, books.is_old(quote)
    return {
        f"{name}:last": [price(mark_of(quote), tick), 0, old],
        f"{name}:market:BUY": [price(quote.ask, tick), 0, old],
        f"{name}:market:SELL": [price(quote.bid, tick), 0, old],
    }


def _position_cells(row: PositionRow) -> dict[str, Cell]:
    return {
        f"daypnl:{row.contract_id}": [signed(row.day_result), _sign(row.day_result), row.stale],
        f"pnl:{row.contract_id}": [signed(row.unrealized), _sign(row.unrealized), row.stale],
        f"value:{row.contract_id}": [money(row.value), 0, row.stale],
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
