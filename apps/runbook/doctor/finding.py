"""What an examination found."""

from dataclasses import dataclass
from typing import Literal

Grade = Literal["ok", "look", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, and for what is not well, what to do."""

    grade: Grade
    subject: str
    text: str
    remedy: str = ""


def well(subject: str, text: str) -> Finding:
    return Finding("ok", subject, text)


def look(subject: str, text: str, remedy: str) -> Finding:
    return Finding("look", subject, text, remedy)


def bad(subject: str, text: str, remedy: str) -> Finding:
    return Finding("bad", subject, text, remedy)
