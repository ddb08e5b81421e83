"""What this gateway does not have: news, fundamentals, event calendars, advisors, display groups, vendors."""

from collections.abc import Callable
from typing import Any

from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.wording import invalid, unprocessed
from apps.simgateway.wire.answers import advisor, news
from apps.simgateway.wire.requests import advisor as groups
from apps.simgateway.wire.requests import news as feeds
from apps.simgateway.wire.requests.options import ExerciseOptions
from apps.simgateway.wire.requests.session import (
    VerifyAndAuthMessage,
    VerifyAndAuthRequest,
    VerifyMessage,
    VerifyRequest,
)

PROVIDERS = (
    ("BRFG", "Briefing.com General Market Columns"),
    ("BRFUPDN", "Briefing.com Analyst Actions"),
    ("DJNL", "Dow Jones Newsletters"),
)
FUNDAMENTALS = {
    "gone": (10358, "Fundamentals data is not allowed"),
    "none": (430, "We are sorry, but fundamentals data for the security specified is not available."),
}
GROUPS = "1|2|3|4|5|6|7"
NO_ADVISOR = "FA data operations ignored for non FA customers."
NO_VENDOR = invalid("Intent to authenticate needs to be expressed during initial connect request.", "bB")

Handler = Callable[[Hub, Session, Any], None]


def refusing(code: int, text: str, *, numbered: bool = True) -> Handler:
    """A handler that always answers with one error."""

    def refuse(gateway: Hub, session: Session, request: Any) -> None:
        gateway.error(session, request.req_id if numbered else -1, code, text)

    return refuse


def take_note(gateway: Hub, session: Session, request: Any) -> None:
    """Requests that a gateway takes without an answer: there is nothing to end, or nothing ever comes."""


def tell_providers(gateway: Hub, session: Session, request: feeds.ReqNewsProviders) -> None:
    gateway.send(session, news.news_providers(session.version, rows=PROVIDERS))


def tell_headlines(gateway: Hub, session: Session, request: feeds.ReqHistoricalNews) -> None:
    """There are none: the end comes at once."""
    gateway.send(session, news.historical_news_end(session.version, req_id=request.req_id, has_more=False))


def tell_groups(gateway: Hub, session: Session, request: groups.QueryDisplayGroups) -> None:
    gateway.send(session, advisor.display_group_list(session.version, req_id=request.req_id, groups=GROUPS))


def tell_group(gateway: Hub, session: Session, request: groups.SubscribeToGroupEvents) -> None:
    """No group of this gateway shows anything."""
    message = advisor.display_group_updated(session.version, req_id=request.req_id, contract_info="none")
    gateway.send(session, message)


def refuse_fundamentals(gateway: Hub, session: Session, request: feeds.ReqFundamentalData) -> None:
    """Recent gateways have none at all; older ones had none of most securities."""
    gateway.error(session, request.req_id, *FUNDAMENTALS[gateway.switches.fundamentals])


def refuse_exercise(gateway: Hub, session: Session, request: ExerciseOptions) -> None:
    """Options of this exchange end with their last day; nobody exercises them before."""
    text = unprocessed(f"No unlapsed position exists in this option in account {request.account}", "bG")
    gateway.error(session, request.req_id, 322, text)


HANDLERS: dict[type, Handler] = {
    feeds.ReqNewsBulletins: take_note,
    feeds.CancelNewsBulletins: take_note,
    feeds.ReqNewsProviders: tell_providers,
    feeds.ReqHistoricalNews: tell_headlines,
    feeds.ReqNewsArticle: refusing(10172, "Failed to request news article:Article is not found"),
    feeds.ReqFundamentalData: refuse_fundamentals,
    feeds.CancelFundamentalData: take_note,
    feeds.ReqWshMetaData: refusing(10276, "News feed is not allowed."),
    feeds.CancelWshMetaData: take_note,
    feeds.ReqWshEventData: refusing(10276, "News feed is not allowed."),
    feeds.CancelWshEventData: take_note,
    groups.RequestFA: refusing(321, invalid(f"{NO_ADVISOR}", "bC"), numbered=False),
    groups.ReplaceFA: refusing(321, invalid(f"{NO_ADVISOR}", "bC")),
    groups.QueryDisplayGroups: tell_groups,
    groups.SubscribeToGroupEvents: tell_group,
    groups.UpdateDisplayGroup: take_note,
    groups.UnsubscribeFromGroupEvents: take_note,
    ExerciseOptions: refuse_exercise,
    VerifyRequest: refusing(321, NO_VENDOR, numbered=False),
    VerifyMessage: refusing(321, NO_VENDOR, numbered=False),
    VerifyAndAuthRequest: refusing(321, NO_VENDOR, numbered=False),
    VerifyAndAuthMessage: refusing(321, NO_VENDOR, numbered=False),
}
