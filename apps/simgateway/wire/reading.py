"""Reading the fields of a message one after another."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.simgateway.wire.contract import ComboLeg, DeltaNeutral, WireContract
from apps.simgateway.wire.numbers import (
    read_amount,
    read_double,
    read_flag,
    read_integer,
    read_optional_flag,
    read_optional_integer,
)

Values = tuple[tuple[str, Any], ...]  # attribute and value
_REMEMBERED = 128  # runs of a block
_LONGEST = 400  # characters of a run that is worth remembering

_KINDS: dict[str, Callable[[str], Any] | None] = {
    "text": None,
    "number": read_double,
    "amount": read_amount,
    "integer": read_integer,
    "integer?": read_optional_integer,
    "flag": read_flag,
    "flag?": read_optional_flag,
}


class Malformed(ValueError):
    """A field that cannot be what it has to be."""


class Block:
    """A run of fields, written as `name:kind name:kind`; without a kind a field is text."""

    def __init__(self, words: str) -> None:
        pairs = (word.partition(":") for word in words.split())
        self.pairs = tuple((name, _KINDS[kind or "text"]) for name, _, kind in pairs)
        self._read: dict[tuple[str, ...], Values] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    def values(self, texts: tuple[str, ...]) -> Values:
        """What these texts set. Most runs of an order read as they did in the one before it."""
        found = self._read.get(texts)
        if found is None:
            found = self._convert(texts)
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            if sum(map(len, texts)) < _LONGEST:
                self._read[texts] = found
        return found

    def _convert(self, texts: tuple[str, ...]) -> Values:
        found, name = [], ""
        try:
            for (name, convert), text in zip(self.pairs, texts, strict=True):
                if text:
                    found.append((name, text if convert is None else convert(text)))
        except ValueError as wrong:
            raise Malformed(f"{name}: {wrong}") from None
        return tuple(found)


def block(words: str) -> Block:
    return Block(words)


@dataclass(slots=True)
class Reader:
    """A place in the fields of one message."""

    fields: list[str]
    version: int
    at: int = 1  # past the message id
    contract: WireContract | None = None  # the one read last

    @property
    def left(self) -> int:
        return len(self.fields) - self.at

    def text(self) -> str:
        if self.at >= len(self.fields):
            raise Malformed(f"too few fields: there are {len(self.fields)}")
        self.at += 1
        return self.fields[self.at - 1]

    def integer(self) -> int:
        return read_integer(self.text())

    def optional_integer(self) -> int | None:
        return read_optional_integer(self.text())

    def number(self) -> Decimal | None:
        return read_double(self.text())

    def amount(self) -> Decimal:
        return read_amount(self.text())

    def flag(self) -> bool:
        return read_flag(self.text())

    def count(self) -> int:
        """How many of something follow."""
        count = self.integer()
        if not 0 <= count <= self.left:
            raise Malformed(f"{count} entries announced where {self.left} fields are left")
        return count

    def pairs(self) -> list[tuple[str, str]]:
        """A count, then so many tags with their values."""
        return [(self.text(), self.text()) for _ in range(self.count())]

    def texts(self) -> list[str]:
        return [self.text() for _ in range(self.count())]

    def fill(self, target: object, fields: Block) -> None:
        """Read a run of fields into the attributes it names; an empty one leaves the attribute alone."""
        end = self.at + len(fields)
        if end > len(self.fields):
            first = fields.pairs[0][0]
            raise Malformed(f"too few fields: there are {len(self.fields)}, {first} … need {end}")
        for name, value in fields.values(tuple(self.fields[self.at : end])):
            setattr(target, name, value)
        self.at = end


_CONTRACT = block(
    "con_id:integer symbol sec_type expiry strike:amount right multiplier exchange primary_exchange "
    "currency local_symbol trading_class"
)
_CONTRACT_11 = block(
    "con_id:integer symbol sec_type expiry strike:amount right multiplier exchange currency local_symbol "
    "trading_class"
)
_FUNDAMENTAL = block("con_id:integer symbol sec_type exchange primary_exchange currency local_symbol")
_LEG = block("con_id:integer ratio:integer action exchange")
_ORDER_LEG = block(
    "con_id:integer ratio:integer action exchange open_close:integer short_sale_slot:integer "
    "designated_location exempt_code:integer"
)
_HEDGE = block("con_id:integer delta:amount price:amount")


def contract(reader: Reader, fields: Block = _CONTRACT) -> WireContract:
    read = WireContract()
    reader.fill(read, fields)
    reader.contract = read
    return read


def contract_without_primary(reader: Reader) -> WireContract:
    return contract(reader, _CONTRACT_11)


def contract_of_fundamentals(reader: Reader) -> WireContract:
    return contract(reader, _FUNDAMENTAL)


def contract_with_expired(reader: Reader) -> WireContract:
    read = contract(reader)
    read.include_expired = reader.flag()
    return read


def legs(reader: Reader, fields: Block = _LEG) -> list[ComboLeg]:
    """A count and so many legs."""
    read = []
    for _ in range(reader.count()):
        leg = ComboLeg()
        reader.fill(leg, fields)
        read.append(leg)
    return read


def order_legs(reader: Reader) -> list[ComboLeg]:
    return legs(reader, _ORDER_LEG)


def delta_neutral(reader: Reader) -> DeltaNeutral | None:
    """A flag, and when it is set the underlying."""
    if not reader.flag():
        return None
    read = DeltaNeutral()
    reader.fill(read, _HEDGE)
    return read
