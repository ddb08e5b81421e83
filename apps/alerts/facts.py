"""What a source says: something is wrong, or something is worth a word."""

from dataclasses import dataclass

from django.conf import settings

from apps.desks.ports import mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something is wrong. The same code and subject is the same thing."""

    code: str
    text: str
    subject: str = ""
    account: str = ""
    severity: str = ""  # else the code's own
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something happened that nobody has to do anything about. The same subject is told together."""

    kind: str
    code: str
    title: str
    body: str = ""
    subject: str = ""
    account: str = ""
    href: str = ""


def headed(text: str, account: str = "") -> str:
    """Every message begins with where it comes from."""
    where = f" {mask(account)}" if account else ""
    return f"{settings.MODE.upper()}{where}: {text}"


def address(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}" if path else ""
