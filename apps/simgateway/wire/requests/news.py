"""Requests for news, fundamentals and event calendars."""

from dataclasses import dataclass

from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.reading import Reader, contract_of_fundamentals
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout, options_or_counted


@layout(12, VERSION, Step("all_messages", Reader.flag))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqNewsBulletins(Request):
    """Subscribes to bulletins."""

    all_messages: bool


@layout(13, VERSION)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelNewsBulletins(Request):
    """Ends that subscription."""


@layout(85)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqNewsProviders(Request):
    """Asks who delivers news."""


@layout(84, REQ_ID, Step("provider"), Step("article_id"), Step("options"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqNewsArticle(Request):
    """Asks for one article."""

    req_id: int
    provider: str
    article_id: str
    options: str = ""


@layout(
    86,
    REQ_ID,
    Step("con_id", Reader.integer),
    Step("providers"),
    Step("start"),
    Step("end"),
    Step("count", Reader.integer),
    Step("options"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqHistoricalNews(Request):
    """Asks for headlines of the past."""

    req_id: int
    con_id: int
    providers: str
    start: str
    end: str
    count: int
    options: str = ""


@layout(
    52,
    VERSION,
    REQ_ID,
    Step("contract", contract_of_fundamentals),
    Step("report"),
    Step("options", options_or_counted),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqFundamentalData(Request):
    """Asks for a fundamental report."""

    req_id: int
    contract: WireContract
    report: str
    options: str = ""


@layout(53, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFundamentalData(Request):
    """Ends such a request."""

    req_id: int


@layout(100, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqWshMetaData(Request):
    """Asks for what the event calendar knows."""

    req_id: int


@layout(101, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWshMetaData(Request):
    """Ends such a request."""

    req_id: int


@layout(
    102,
    REQ_ID,
    Step("con_id", Reader.optional_integer),
    Step("filter", since=171),
    Step("fill_watchlist", Reader.flag, since=171),
    Step("fill_portfolio", Reader.flag, since=171),
    Step("fill_competitors", Reader.flag, since=171),
    Step("start", since=173),
    Step("end", since=173),
    Step("limit", Reader.optional_integer, since=173),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqWshEventData(Request):
    """Asks for events."""

    req_id: int
    con_id: int | None
    filter: str = ""
    fill_watchlist: bool = False
    fill_portfolio: bool = False
    fill_competitors: bool = False
    start: str = ""
    end: str = ""
    limit: int | None = None


@layout(103, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWshEventData(Request):
    """Ends such a request."""

    req_id: int
