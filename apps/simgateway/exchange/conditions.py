"""Conditions that an order waits for, or that cancel it."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instant import Instant, from_datetime
from apps.simgateway.exchange.order import Condition
from apps.simgateway.exchange.triggers import LAST, seen_prices
from apps.simgateway.exchange.work import Work

PRICE, TIME, MARGIN, EXECUTION, VOLUME, CHANGE = 1, 3, 4, 5, 6, 7
_KNOWN_METHODS = (2, 4, 7, 8)


def parse_time(text: str, zone: str) -> Instant | None:
    """`yyyymmdd hh:mm:ss [zone]`, or `yyyymmdd-hh:mm:ss` which is UTC; None when it is neither."""
    words = text.replace("-", " ").split()
    if len(words) not in (2, 3):
        return None
    try:
        moment = datetime.strptime(f"{words[0]} {words[1]}", "%Y%m%d %H:%M:%S")
        tz = UTC if "-" in text and len(words) == 2 else ZoneInfo(words[2] if len(words) == 3 else zone)
    except (ValueError, KeyError):  # an unknown zone is a KeyError
        return None
    return from_datetime(moment.replace(tzinfo=tz))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _compare(value: Decimal | None, condition: Condition) -> bool:
    wanted = _number(condition.value)
    if value is None or wanted is None:
        return False
    return value >= wanted if condition.is_more else value <= wanted


def _price(floor: Floor, _work: Work, condition: Condition) -> bool:
    quote = floor.market.quote(condition.con_id, floor.now)
    method = condition.trigger_method if condition.trigger_method in _KNOWN_METHODS else LAST
    return any(_compare(p, condition) for p in seen_prices(method, quote, rising=condition.is_more))


def _time(floor: Floor, work: Work, condition: Condition) -> bool:
    moment = parse_time(condition.value, floor.sessions.zone_id(work.hours))
    if moment is None:
        return False
    return floor.now >= moment if condition.is_more else floor.now <= moment


def _margin(floor: Floor, work: Work, condition: Condition) -> bool:
    return _compare(floor.credit.cushion_pct(work.order.account, floor.now), condition)


def _execution(floor: Floor, work: Work, condition: Condition) -> bool:
    for execution, _ in floor.accounts.prints(work.order.account):
        instrument = floor.instrument(execution.con_id) if execution.con_id else None
        if instrument is None or execution.at < work.order.accepted_at:
            continue
        if (instrument.symbol, instrument.sec_type) == (condition.symbol, condition.sec_type):
            return True
    return False


def _volume(floor: Floor, _work: Work, condition: Condition) -> bool:
    return _compare(floor.market.quote(condition.con_id, floor.now).volume, condition)


def _change(floor: Floor, _work: Work, condition: Condition) -> bool:
    quote = floor.market.quote(condition.con_id, floor.now)
    if quote.last is None or not quote.close:
        return False
    return _compare((quote.last - quote.close) * 100 / quote.close, condition)


_TESTS: dict[int, Callable[[Floor, Work, Condition], bool]] = {
    PRICE: _price,
    TIME: _time,
    MARGIN: _margin,
    EXECUTION: _execution,
    VOLUME: _volume,
    CHANGE: _change,
}


def are_met(floor: Floor, work: Work) -> bool:
    """Do the conditions hold now? Each says how it is joined to the next, and they are read from the left."""
    order = work.order
    if not order.conditions_outside_rth and floor.sessions.state(work.hours, floor.now) != "open":
        return False
    result, joined_by_and = True, True
    for condition in order.conditions:
        test = _TESTS.get(condition.kind)
        holds = test is not None and test(floor, work, condition)
        result = (result and holds) if joined_by_and else (result or holds)
        joined_by_and = condition.conjunction != "o"
    return result
