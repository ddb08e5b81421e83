"""Requests about the connection itself, ids and the clock."""

from dataclasses import dataclass

from apps.simgateway.wire.reading import Reader
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout


def _capabilities(reader: Reader) -> str:
    """Clients of before optional capabilities end here."""
    return reader.text() if reader.left else ""


@layout(71, VERSION, Step("client_id", Reader.integer), Step("optional_capabilities", _capabilities))
@dataclass(frozen=True, slots=True, kw_only=True)
class StartApi(Request):
    """The client says who it is; nothing else may come before."""

    client_id: int
    optional_capabilities: str = ""


@layout(8, VERSION, Step("count", Reader.integer))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqIds(Request):
    """Asks for the next valid order id."""

    count: int


@layout(17, VERSION)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqManagedAccts(Request):
    """Asks for the account list."""


@layout(14, VERSION, Step("level", Reader.integer))
@dataclass(frozen=True, slots=True, kw_only=True)
class SetServerLogLevel(Request):
    """Turns the log level of the gateway."""

    level: int


@layout(49, VERSION)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqCurrentTime(Request):
    """Asks for the time in seconds."""


@layout(105)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqCurrentTimeInMillis(Request):
    """Asks for the time in milliseconds."""


@layout(104, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqUserInfo(Request):
    """Asks for the white-branding id."""

    req_id: int


@layout(65, VERSION, Step("api_name"), Step("api_version"))
@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest(Request):
    """Begins the verification of a vendor."""

    api_name: str
    api_version: str


@layout(66, VERSION, Step("api_data"))
@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyMessage(Request):
    """Goes on with the verification of a vendor."""

    api_data: str


@layout(72, VERSION, Step("api_name"), Step("api_version"), Step("opaque_key"))
@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAndAuthRequest(Request):
    """Begins a verification with a challenge."""

    api_name: str
    api_version: str
    opaque_key: str


@layout(73, VERSION, Step("api_data"), Step("response"))
@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAndAuthMessage(Request):
    """Answers the challenge."""

    api_data: str
    response: str
