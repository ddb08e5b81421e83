"""What a history request means, or why it is refused."""

from dataclasses import dataclass, replace

from apps.simgateway.exchange.instant import DAY, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.history import rules
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.prices.entitlement import missing_history
from apps.simgateway.gateway.reference.lookup import TOO_OLD, is_too_old, one
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.requests.history import ReqHistoricalData

SERVICE = "Historical Market Data Service error message:"
PACE = ("history pace", 0)
PACING = "Historical data request pacing violation"
INVALID = invalid("", "bJ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A bar request that makes sense."""

    req_id: int
    instrument: Instrument
    exchange: str
    end: Instant
    length: tuple[int, str]
    bar_size: str
    what: str
    regular_hours: bool
    date_format: int
    keep_up_to_date: bool
    end_text: str  # as the client wrote it

    @property
    def duration(self) -> str:
        return f"{self.length[0]} {self.length[1]}"

    @property
    def what_text(self) -> str:
        return self.what.replace("_", " ").title()

    def until(self, end: Instant) -> "Ask":
        return replace(self, end=end)

    def shortened(self) -> "Ask":
        """Only as long as two bars need."""
        size = rules.BAR_SIZES[self.bar_size]
        if size >= DAY:
            return replace(self, length=(1 + size // DAY, "D"))
        return replace(self, length=(max(2 * size // 1_000_000, 30), "S"))


def service_error(gateway: Hub, session: Session, req_id: int, text: str) -> None:
    gateway.error(session, req_id, 162, f"{SERVICE}{text}")


def understood(gateway: Hub, session: Session, request: ReqHistoricalData) -> Ask | None:
    """The request in the market's terms; a client that asks nonsense is told so."""
    if request.contract.sec_type == "BAG":
        gateway.error(
            session, request.req_id, 321, f"{INVALID}'BAG' isn't supported for historical data requests"
        )
        return None
    instrument = one(gateway, session, request.req_id, request.contract)
    if instrument is None:
        return None
    if is_too_old(session, instrument):
        gateway.error(session, request.req_id, *TOO_OLD)
        return None
    size, length = rules.bar_size(request.bar_size), rules.duration(request.duration)
    what = request.what_to_show.upper()
    if wrong := _wrong_form(request, size=size, length=length, what=what):
        gateway.error(session, request.req_id, 321, f"{INVALID}{wrong}")
        return None
    zone = gateway.calendar.zone_id(instrument.hours)
    end = rules.moment(request.end, zone) if request.end.strip() else gateway.now
    if end is None:
        gateway.error(session, request.req_id, 10314, rules.WRONG_MOMENT)
        return None
    exchange = request.contract.exchange or instrument.exchange
    if missing := missing_history(gateway, instrument):
        service_error(gateway, session, request.req_id, missing)
        return None
    if wrong := _not_kept(instrument, what):
        text = f"No historical market data for {instrument.symbol}/{instrument.sec_type}@{exchange} {wrong}"
        service_error(gateway, session, request.req_id, text)
        return None
    assert size is not None and length is not None
    return Ask(
        req_id=request.req_id,
        instrument=instrument,
        exchange=exchange,
        end=min(end, gateway.now),
        length=length,
        bar_size=size,
        what=what,
        regular_hours=request.use_rth,
        date_format=request.format_date,
        keep_up_to_date=request.keep_up_to_date,
        end_text=request.end.strip(),
    )


def _wrong_form(
    request: ReqHistoricalData, *, size: str | None, length: tuple[int, str] | None, what: str
) -> str:
    if size is None:
        legal = ", ".join(rules.BAR_SIZES)
        return f"Historical data bar size setting is invalid. Legal ones are: {legal}"
    if length is None:
        return f"Historical data query duration '{request.duration}' is invalid: a number and S, D, W, M or Y"
    if what not in (*rules.PRICE_KINDS, *rules.OTHER_KINDS):
        return f"Historical data what to show '{request.what_to_show}' is invalid"
    if what == "ADJUSTED_LAST" and request.end.strip():
        return "End Date Not Supported with adjusted last"
    if request.keep_up_to_date and request.end.strip():
        return "API historical data subscription can't have an end date"
    if request.keep_up_to_date and rules.BAR_SIZES[size] < 5_000_000:
        return "API historical data subscription needs bars of 5 secs or longer"
    return ""


def _not_kept(instrument: Instrument, what: str) -> str:
    """Kinds of data that an instrument has no history of."""
    trades = what in ("TRADES", "ADJUSTED_LAST", "AGGTRADES")
    if instrument.sec_type == "CASH" and trades:
        return "Last"
    if instrument.sec_type == "IND" and what in ("BID", "ASK", "BID_ASK", "MIDPOINT"):
        return what.title()
    if what in ("HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY") and instrument.sec_type not in (
        "STK",
        "IND",
    ):
        return what.title()
    return ""


def admitted(gateway: Hub, session: Session, ask: Ask) -> bool:
    """Is the client within its pace? If not it is told."""
    mode = gateway.switches.history_pacing
    if mode == "off":
        return True
    pace: rules.Pace = session.streams.setdefault(PACE, rules.Pace())
    contract = (ask.instrument.con_id, ask.exchange, ask.what)
    counted = mode == "strict" or rules.BAR_SIZES[ask.bar_size] <= rules.BAR_SIZES["30 secs"]
    request = (contract, ask.end_text, ask.length, ask.bar_size, ask.regular_hours, ask.keep_up_to_date)
    weight = 2 if ask.what == "BID_ASK" else 1
    if pace.admits(gateway.now, request=request, contract=contract, counted=counted, weight=weight):
        return True
    service_error(gateway, session, ask.req_id, PACING)
    return False
