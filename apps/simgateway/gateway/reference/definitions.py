"""What can be traded: contract details, whole chains, symbol search, and the steps prices move by."""

from apps.simgateway.exchange.instant import MILLISECOND, SECOND
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.reference.lookup import NO_DEFINITION, find, multiplier_text, today
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.answers import reference as answers
from apps.simgateway.wire.requests.reference import (
    ReqContractDetails,
    ReqMarketRule,
    ReqMatchingSymbols,
    ReqSecDefOptParams,
)
from apps.simgateway.wire.state import ContractRow, SymbolSample

DAYS_AHEAD = 6  # of trading hours
ROWS_AT_ONCE = 100  # a longer answer comes in parts
PAUSE = 50 * MILLISECOND  # between its parts
SEARCH_INTERVAL = SECOND
SEARCH = ("symbol search", 0)
NO_COMBOS = invalid("'BAG' isn't supported for contract data request.", "bF")


def tell_details(gateway: Hub, session: Session, request: ReqContractDetails) -> None:
    """One row for each contract that fits, then the end; or error 200 and no end."""
    req_id = request.req_id
    if request.contract.sec_type == "BAG":
        if gateway.switches.bag_contract_details == "refuse":
            gateway.error(session, req_id, 321, NO_COMBOS)
        return
    found = find(gateway, request.contract)
    if not found:
        gateway.error(session, req_id, 200, NO_DEFINITION)
        return
    asked = request.contract.exchange
    _tell_part(gateway, session, req_id, [(instrument, asked) for instrument in found])


def _tell_part(gateway: Hub, session: Session, req_id: int, rows: list[tuple[Instrument, str]]) -> None:
    """Some rows now, the others a little later: a whole chain takes its time."""
    if session.closed:
        return
    for instrument, asked in rows[:ROWS_AT_ONCE]:
        row = row_of(gateway, instrument, asked)
        gateway.send(session, answers.contract_data(session.version, req_id=req_id, row=row))
    rest = rows[ROWS_AT_ONCE:]
    if rest:
        gateway.later(PAUSE, lambda: _tell_part(gateway, session, req_id, rest))
    else:
        gateway.send(session, answers.contract_data_end(session.version, req_id=req_id))


def row_of(gateway: Hub, instrument: Instrument, asked_exchange: str = "") -> ContractRow:
    """Everything the gateway says about one contract."""
    calendar, day = gateway.calendar, today(gateway)
    exchange = asked_exchange if asked_exchange in instrument.valid_exchanges else instrument.exchange
    return ContractRow(
        con_id=instrument.con_id,
        symbol=instrument.symbol,
        sec_type=instrument.sec_type,
        last_trade_date=last_trade(gateway, instrument),
        strike=instrument.strike,
        right=instrument.right,
        exchange=exchange,
        currency=instrument.currency,
        local_symbol=instrument.local_symbol,
        market_name=instrument.trading_class,
        trading_class=instrument.trading_class,
        min_tick=instrument.min_tick,
        multiplier=multiplier_text(instrument),
        order_types=",".join(instrument.order_types),
        valid_exchanges=",".join(instrument.valid_exchanges),
        price_magnifier=instrument.price_magnifier,
        under_con_id=instrument.under_con_id,
        long_name=instrument.long_name,
        primary_exchange=instrument.primary_exchange,
        contract_month=instrument.contract_month,
        industry=instrument.industry,
        category=instrument.category,
        subcategory=instrument.subcategory,
        time_zone_id=calendar.zone_id(instrument.hours),
        trading_hours=calendar.trading_hours_text(instrument.hours, day, DAYS_AHEAD),
        liquid_hours=calendar.liquid_hours_text(instrument.hours, day, DAYS_AHEAD),
        sec_ids=(("ISIN", instrument.isin),) if instrument.isin else (),
        agg_group=1
        if instrument.sec_type in ("STK", "OPT")
        else 4
        if instrument.sec_type == "CASH"
        else 2147483647,
        under_symbol=instrument.under_symbol,
        under_sec_type=instrument.under_sec_type,
        market_rule_ids=",".join(map(str, instrument.market_rule_ids)),
        real_expiration_date=instrument.expiry,
        stock_type=instrument.stock_type,
        min_size=instrument.min_size,
        size_increment=instrument.size_increment,
        suggested_size_increment=max(instrument.size_increment, instrument.min_size),
    )


def last_trade(gateway: Hub, instrument: Instrument) -> str:
    """Date, time and zone of a derivative's last trade in one field; nothing for what does not end."""
    if not instrument.expiry:
        return ""
    family = gateway.catalogue.family(instrument)
    at = family.last_time if family else ""
    if not at:
        return instrument.expiry
    clock = f"{at}:00" if instrument.is_option else at
    return f"{instrument.expiry} {clock} {gateway.calendar.zone_id(instrument.hours)}"


def tell_chains(gateway: Hub, session: Session, request: ReqSecDefOptParams) -> None:
    """One row for each exchange and trading class with options on the underlying, then the end."""
    req_id, under = request.req_id, gateway.catalogue.by_con_id(int(request.under_con_id))
    if under is None:
        text = invalid("Invalid contract id", "bM")
        gateway.error(session, req_id, 321, text)
        return
    fits = under.sec_type == request.under_sec_type and request.symbol in ("", under.symbol)
    rows = gateway.catalogue.option_params(under.con_id, today(gateway)) if fits else []
    for row in rows:
        if request.fut_fop_exchange and row.exchange != request.fut_fop_exchange:
            continue
        gateway.send(
            session,
            answers.sec_def_opt_param(
                session.version,
                req_id=req_id,
                exchange=row.exchange,
                under_con_id=row.under_con_id,
                trading_class=row.trading_class,
                multiplier=row.multiplier,
                expirations=row.expirations,
                strikes=row.strikes,
            ),
        )
    gateway.send(session, answers.sec_def_opt_param_end(session.version, req_id=req_id))


def search(gateway: Hub, session: Session, request: ReqMatchingSymbols) -> None:
    """Answer at once, but only one search a second: the next ones wait for their turn."""
    free = max(int(session.streams.get(SEARCH, 0)), gateway.now)
    session.streams[SEARCH] = free + SEARCH_INTERVAL
    gateway.later(free - gateway.now, lambda: _tell_matches(gateway, session, request))


def _tell_matches(gateway: Hub, session: Session, request: ReqMatchingSymbols) -> None:
    if session.closed:
        return
    found = gateway.catalogue.matching(request.pattern)
    rows = [
        SymbolSample(
            con_id=instrument.con_id,
            symbol=instrument.symbol,
            sec_type=instrument.sec_type,
            primary_exchange=_listing(instrument),
            currency=instrument.currency,
            derivatives=_derivatives(gateway, instrument),
            description=instrument.long_name,
        )
        for instrument in found
    ]
    gateway.send(session, answers.symbol_samples(session.version, req_id=request.req_id, rows=rows))


def _listing(instrument: Instrument) -> str:
    return "NASDAQ.NMS" if instrument.primary_exchange == "NASDAQ" else instrument.primary_exchange


def _derivatives(gateway: Hub, instrument: Instrument) -> tuple[str, ...]:
    over = [family for family in gateway.catalogue.families() if family.under_con_id == instrument.con_id]
    kinds = dict.fromkeys(family.sec_type for family in over)
    return (*kinds, "BAG") if kinds else ()


def tell_rule(gateway: Hub, session: Session, request: ReqMarketRule) -> None:
    """The steps of a market rule; the answer names the rule, not a request."""
    rule = gateway.catalogue.market_rule(int(request.rule_id))
    if rule is None:
        text = invalid(f"Invalid market rule id {request.rule_id}", "cf")
        gateway.error(session, -1, 321, text)
        return
    gateway.send(session, answers.market_rule(session.version, rule_id=rule.rule_id, bands=rule.bands))


HANDLERS = {
    ReqContractDetails: tell_details,
    ReqSecDefOptParams: tell_chains,
    ReqMatchingSymbols: search,
    ReqMarketRule: tell_rule,
}
