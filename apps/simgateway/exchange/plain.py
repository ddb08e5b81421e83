"""Values as plain JSON ones, and back."""

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

_hints: dict[type, dict[str, Any]] = {}


def plain(value: Any) -> Any:
    """Dataclasses become tables, decimals and dates text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (Decimal, date)):
        return str(value)
    return value


def revived(kind: Any, value: Any) -> Any:
    """The opposite: a value of that type, from plain ones."""
    if isinstance(kind, UnionType):
        inner = next(one for one in get_args(kind) if one is not NoneType)
        return None if value is None else revived(inner, value)
    origin = get_origin(kind)
    if origin is dict:
        key_kind, value_kind = get_args(kind)
        return {revived(key_kind, key): revived(value_kind, one) for key, one in value.items()}
    if origin in (list, tuple):
        inner = get_args(kind)
        if origin is tuple and Ellipsis not in inner:
            return tuple(revived(k, one) for k, one in zip(inner, value, strict=True))
        return origin(revived(inner[0], one) for one in value)
    if kind is date:
        return date.fromisoformat(value)
    if is_dataclass(kind):
        return _dataclass(kind, value)
    return kind(value) if kind in (Decimal, int) else value


def _dataclass(kind: Any, value: dict[str, Any]) -> Any:
    hints = _hints.get(kind)
    if hints is None:
        hints = _hints[kind] = get_type_hints(kind)
    return kind(**{name: revived(hints[name], one) for name, one in value.items() if name in hints})
