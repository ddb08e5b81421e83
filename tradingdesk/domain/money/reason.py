"""Why something was refused: a code for machines, a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """The code reads SUBJECT_CONDITION and never changes its meaning; the text carries the figures."""

    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"
