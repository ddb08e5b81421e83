"""What is said about the connection itself: errors, ids, accounts, the clock."""

from collections.abc import Iterable

from apps.simgateway.wire.numbers import flag


def error(
    version: int, *, req_id: int, code: int, text: str, advanced_json: str = "", time_ms: int = 0
) -> list[str]:
    """An error or a notice; `req_id` is -1 for what concerns no request."""
    words = escaped(text)
    if version >= 194:
        return ["4", str(req_id), str(code), words, escaped(advanced_json), str(time_ms)]
    fields = ["4", "2", str(req_id), str(code), words]
    if version >= 166:
        fields.append(escaped(advanced_json))
    return fields


def escaped(text: str) -> str:
    """Clients read these texts as ASCII with escapes; what is not ASCII has to be spelled as one."""
    return text if text.isascii() else text.encode("ascii", "backslashreplace").decode("ascii")


def managed_accts(version: int, *, accounts: Iterable[str]) -> list[str]:
    return ["15", "1", ",".join(accounts)]


def next_valid_id(version: int, *, order_id: int) -> list[str]:
    return ["9", "1", str(order_id)]


def current_time(version: int, *, seconds: int) -> list[str]:
    return ["49", "1", str(seconds)]


def current_time_in_millis(version: int, *, milliseconds: int) -> list[str]:
    return ["109", str(milliseconds)]


def user_info(version: int, *, req_id: int, white_branding_id: str = "") -> list[str]:
    return ["107", str(req_id), white_branding_id]


def verify_message_api(version: int, *, api_data: str) -> list[str]:
    return ["65", "1", api_data]


def verify_completed(version: int, *, successful: bool, text: str) -> list[str]:
    return ["66", "1", flag(successful), text]


def verify_and_auth_message_api(version: int, *, api_data: str, challenge: str) -> list[str]:
    return ["69", "1", api_data, challenge]


def verify_and_auth_completed(version: int, *, successful: bool, text: str) -> list[str]:
    return ["70", "1", flag(successful), text]
