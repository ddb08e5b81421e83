"""What was approved, as one number: any change to what will be sent changes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedOrder:
    """One order exactly as it will be sent."""

    key: str
    con_id: int
    symbol: str
    currency: str
    multiplier: Decimal
    side: str
    quantity: Decimal
    order_type: str
    role: str
    tif: str
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    collar_bps: Decimal | None = None
    outside_rth: bool = False
    algo: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedContent:
    """Everything an approval is bound to."""

    account: str
    mode: str
    plan: int
    plan_version: int
    limit_set: int
    cut_off: datetime
    nonce: str
    orders: tuple[ApprovedOrder, ...]


def approval_digest(content: ApprovedContent) -> str:
    """SHA-256 over the canonical form, in hexadecimal."""
    return digest_of(canonical_json(content))


def digest_of(canonical: str) -> str:
    return sha256(canonical.encode()).hexdigest()


def canonical_json(value: object) -> str:
    """One spelling for each content: sorted keys, plain numbers, UTC instants, no floats anywhere."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return _plain_text(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, (ApprovedOrder, ApprovedContent)):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, Decimal):
        return _plain_number(value)
    if isinstance(value, datetime):
        return _plain_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys of canonical content must be text")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _plain_text(value: str) -> str:
    # A number is written as text behind one mark, so that 5 and "5" differ; text with a mark gets two.
    return f"#{value}" if value.startswith("#") else value


def _plain_number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} cannot be approved")
    return f"#{value.normalize() + 0:f}"


def _plain_instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("an instant without a zone cannot be approved")
    return value.astimezone(UTC).isoformat()
