"""The market scanner: ranked lists of stocks, told again every half minute."""

from collections.abc import Callable
from decimal import Decimal

from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.wire.answers import scanner as answers
from apps.simgateway.wire.requests.scanner import (
    CancelScannerSubscription,
    ReqScannerParameters,
    ReqScannerSubscription,
)
from apps.simgateway.wire.state import ScannerRow

SCAN = "scanner"
INTERVAL = 30 * SECOND
MOST_ROWS = 50
SERVICE = "Historical Market Data Service error message:"

Row = tuple[Instrument, Quote]


def _change(row: Row) -> float:
    quote = row[1]
    if quote.last is None or not quote.close:
        return 0.0
    return float(quote.last / quote.close - 1)


def _turnover(row: Row) -> float:
    return float(row[1].volume * (row[1].last or Decimal(0)))


# scan code → what ranks a stock, largest first
CODES: dict[str, Callable[[Row], float]] = {
    "TOP_PERC_GAIN": _change,
    "TOP_PERC_LOSE": lambda row: -_change(row),
    "MOST_ACTIVE": lambda row: float(row[1].volume),
    "MOST_ACTIVE_USD": _turnover,
    "HOT_BY_VOLUME": _turnover,
    "HOT_BY_PRICE": lambda row: abs(_change(row)),
    "TOP_PRICE_RANGE": lambda row: float((row[1].high or 0) - (row[1].low or 0)),
}
KINDS = {"STK": "COMMON", "ETF.EQ.US": "ETF"}  # scanner's instrument → the kind of stock

PARAMETERS = (
    '<?xml version="1.0" encoding="UTF-8"?><ScanParameterResponse><InstrumentList varName="instrumentList">'
    "<Instrument><name>US Stocks</name><type>STK</type></Instrument>"
    "<Instrument><name>US Equity ETFs</name><type>ETF.EQ.US</type></Instrument></InstrumentList>"
    '<LocationTree varName="locationTree"><Location><displayName>US Stocks</displayName>'
    "<locationCode>STK.US.MAJOR</locationCode><instruments>STK</instruments></Location></LocationTree>"
    '<ScanTypeList varName="scanTypeList">'
    + "".join(
        f"<ScanType><scanCode>{code}</scanCode><instruments>STK</instruments></ScanType>" for code in CODES
    )
    + "</ScanTypeList></ScanParameterResponse>"
)


def tell_parameters(gateway: Hub, session: Session, request: ReqScannerParameters) -> None:
    gateway.send(session, answers.scanner_parameters(session.version, xml=PARAMETERS))


def subscribe(gateway: Hub, session: Session, request: ReqScannerSubscription) -> None:
    """The list now, and again every half minute."""
    if request.scan_code not in CODES or request.instrument not in KINDS:
        code = request.scan_code if request.instrument in KINDS else request.instrument
        gateway.error(session, request.req_id, 162, f"{SERVICE}{code} scan is not supported")
        return
    stream = streams.begin(session, SCAN, request.req_id, request)
    _tell(gateway, stream)
    streams.every(gateway, stream, INTERVAL, lambda: _tell(gateway, stream))


def _tell(gateway: Hub, stream: Stream) -> None:
    ranked = _ranked(gateway, stream.about)
    if not ranked:
        text = "Historical Market Data Service query message:no items retrieved"
        gateway.error(stream.session, stream.number, 165, text)
        return
    rows = [_told(n, instrument) for n, (instrument, _) in enumerate(ranked)]
    message = answers.scanner_data(stream.session.version, req_id=stream.number, rows=rows)
    gateway.send(stream.session, message)


def _told(rank: int, instrument: Instrument) -> ScannerRow:
    return ScannerRow(
        rank=rank,
        con_id=instrument.con_id,
        symbol=instrument.symbol,
        sec_type=instrument.sec_type,
        exchange=instrument.exchange,
        currency=instrument.currency,
        local_symbol=instrument.local_symbol,
        market_name=instrument.trading_class,
        trading_class=instrument.trading_class,
    )


def _ranked(gateway: Hub, request: ReqScannerSubscription) -> list[Row]:
    rows = []
    for instrument in gateway.catalogue.listed():
        if instrument.currency != "USD" or instrument.sec_type != "STK":
            continue
        if instrument.stock_type != KINDS[request.instrument]:
            continue
        quote = gateway.market.quote(instrument.con_id, gateway.now)
        if _passes(request, quote):
            rows.append((instrument, quote))
    rows.sort(key=CODES[request.scan_code], reverse=True)
    wanted = request.rows if request.rows and request.rows > 0 else MOST_ROWS
    return rows[: min(wanted, MOST_ROWS)]


def _passes(request: ReqScannerSubscription, quote: Quote) -> bool:
    price = quote.last
    if price is None:
        return False
    above, below = _bound(request.above_price), _bound(request.below_price)
    volume = _bound(request.above_volume)
    return (
        (above is None or price >= above)
        and (below is None or price <= below)
        and (volume is None or quote.volume >= volume)
    )


def _bound(text: str) -> Decimal | None:
    """A filter's number; the spellings of "unset" are no bound."""
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return value if value.is_finite() and abs(value) < Decimal(2147483647) else None


def cancel(gateway: Hub, session: Session, request: CancelScannerSubscription) -> None:
    """The gateway confirms the end with an error message of its history service."""
    if streams.end(session, SCAN, request.req_id):
        text = f"{SERVICE}API scanner subscription cancelled: {request.req_id}"
        gateway.error(session, request.req_id, 162, text)
    else:
        gateway.error(
            session, request.req_id, 365, f"No scanner subscription found for ticker id:{request.req_id}"
        )


HANDLERS = {
    ReqScannerParameters: tell_parameters,
    ReqScannerSubscription: subscribe,
    CancelScannerSubscription: cancel,
}
