"""From the fields of a frame to the request they are."""

from typing import Any

from apps.simgateway.wire.failures import UnknownMessage, WrongFields
from apps.simgateway.wire.reading import Malformed, Reader
from apps.simgateway.wire.requests.layout import BY_TEXT, Layout, Request
from apps.simgateway.wire.requests.placing import PlaceOrder, read_again, remember

_PLACE_ORDER = str(PlaceOrder.message_id)
_IDS = ("req_id", "order_id")


def parse(fields: list[str], version: int) -> Request:
    """The request in these fields. WrongFields or UnknownMessage when there is none, and nothing else."""
    message_id = fields[0] if fields else ""
    known = BY_TEXT.get(message_id)
    if known is None:
        raise UnknownMessage(message_id)
    if message_id == _PLACE_ORDER and (placed := read_again(fields, version)) is not None:
        return placed
    values: dict[str, Any] = {}
    try:
        _read(known, Reader(fields, version), values)
    except ValueError as wrong:
        raise WrongFields(int(message_id), _id_of(values), str(wrong)) from None
    request = known.build(**values)
    if isinstance(request, PlaceOrder):
        remember(fields, version, request)
    return request


def _read(known: Layout, reader: Reader, values: dict[str, Any]) -> None:
    for step in known.steps:
        if step.since <= reader.version < step.before:
            value = step.read(reader)
            if step.attribute:
                values[step.attribute] = value
    if reader.left:
        raise Malformed(f"{reader.left} fields left over, from {reader.fields[reader.at][:40]!r} on")


def _id_of(values: dict[str, Any]) -> int:
    for name in _IDS:
        if name in values:
            number: int = values[name]
            return number
    return -1
