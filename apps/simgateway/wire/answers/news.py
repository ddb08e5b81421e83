"""What is said about news, fundamentals and events."""

from collections.abc import Sequence

from apps.simgateway.wire.numbers import flag


def news_bulletins(version: int, *, bulletin_id: int, kind: int, text: str, exchange: str) -> list[str]:
    return ["14", "1", str(bulletin_id), str(kind), text, exchange]


def news_providers(version: int, *, rows: Sequence[tuple[str, str]]) -> list[str]:
    """Rows of code and name."""
    return ["85", str(len(rows)), *(text for row in rows for text in row)]


def news_article(version: int, *, req_id: int, kind: int, text: str) -> list[str]:
    return ["83", str(req_id), str(kind), text]


def tick_news(
    version: int, *, req_id: int, time_ms: int, provider: str, article_id: str, headline: str, extra: str = ""
) -> list[str]:
    return ["84", str(req_id), str(time_ms), provider, article_id, headline, extra]


def historical_news(
    version: int, *, req_id: int, time: str, provider: str, article_id: str, headline: str
) -> list[str]:
    return ["86", str(req_id), time, provider, article_id, headline]


def historical_news_end(version: int, *, req_id: int, has_more: bool) -> list[str]:
    return ["87", str(req_id), flag(has_more)]


def fundamental_data(version: int, *, req_id: int, data: str) -> list[str]:
    return ["51", "1", str(req_id), data]


def wsh_meta_data(version: int, *, req_id: int, json: str) -> list[str]:
    return ["104", str(req_id), json]


def wsh_event_data(version: int, *, req_id: int, json: str) -> list[str]:
    return ["105", str(req_id), json]
