"""What the broker answered: everything, nothing at all, or we do not know.

An empty answer says that there is nothing; a failed one says nothing. The two never look alike here, so no
comparison can take a timeout for a flat account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from tradingdesk.domain.money import Reason

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Known(Generic[Key, Value]):
    """A complete answer of one moment; empty when there is nothing."""

    rows: Mapping[Key, Value]
    at: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, a part of one, or one from before the connection broke."""

    reason: Reason


Answer = Known[Key, Value] | Unknown
