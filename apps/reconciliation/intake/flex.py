"""Read a Flex statement: one account, one day, as XML. Nothing is guessed, and nothing in it is expanded.

A document type or an entity is refused before a word of the rest is read: a statement has neither.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.parsers import expat
from zoneinfo import ZoneInfo

LARGEST = 20_000_000  # bytes
ROOT, STATEMENT = "FlexQueryResponse", "FlexStatement"
SECTIONS = {"Trades": "executions", "OpenPositions": "positions", "CashReport": "cash"}
BASE = "BASE_SUMMARY"
STATED_IN = ZoneInfo("America/New_York")  # the zone of every time in a statement
MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[;, ](\d\d):?(\d\d):?(\d\d)(?: E[SD]?T)?)?")


class FlexRefused(Exception):
    """What is wrong, where, and what to do about it."""

    def __init__(self, code: str, text: str, remedy: str, *, element: str = "", line: int = 0) -> None:
        where = f"{element}, line {line}: " if element else ""
        super().__init__(f"{where}{text}. {remedy}")
        self.code, self.text, self.remedy, self.element, self.line = code, text, remedy, element, line


@dataclass(slots=True)
class FlexDay:
    """One account's day in the desk's own words."""

    account: str
    day: date
    executions: list[dict[str, Any]] = field(default_factory=list)
    positions: list[dict[str, Any]] = field(default_factory=list)
    cash: list[dict[str, Any]] = field(default_factory=list)
    sections: set[str] = field(default_factory=set)

    def body(self) -> dict[str, Any]:
        return {
            "executions": self.executions,
            "positions": self.positions,
            "cash": self.cash,
            "sections": sorted(self.sections),
        }


def read_flex(data: bytes) -> list[FlexDay]:
    """Every statement of the file. Refused whole when any part of it cannot be understood."""
    if len(data) > LARGEST:
        raise FlexRefused("STATEMENT_TOO_LARGE", f"it has more than {LARGEST:,} bytes", "Send one day.")
    reader = _Reader()
    parser = expat.ParserCreate()
    reader.parser = parser
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.EntityDeclHandler = reader.refuse_doctype
    parser.StartElementHandler = reader.begin
    try:
        parser.Parse(data, True)
    except expat.ExpatError as broken:
        said = expat.errors.messages.get(broken.code, "cannot be read")
        raise FlexRefused(
            "STATEMENT_NOT_XML",
            f"line {broken.lineno} is not XML: {said}",
            "Download the Flex query again, in XML format, and do not open it in between.",
        ) from broken
    if not reader.days:
        raise FlexRefused(
            "STATEMENT_NOT_FLEX",
            "there is no FlexStatement in it",
            "Run an Activity Flex Query and download its XML.",
        )
    for one in reader.days:
        _check_sections(one)
    return reader.days


def _check_sections(one: FlexDay) -> None:
    missing = [name for name in SECTIONS if name not in one.sections]
    if missing:
        raise FlexRefused(
            "STATEMENT_SECTION_MISSING",
            f"the statement of {one.day} lacks {', '.join(missing)}",
            "Tick Trades (executions), Open Positions (summary) and Cash Report in the query.",
            element=STATEMENT,
            line=0,
        )


class _Reader:
    """Takes one element after the other; all that matters stands in attributes."""

    def __init__(self) -> None:
        self.days: list[FlexDay] = []
        self.parser: Any = None
        self.depth = 0

    def refuse_doctype(self, *_: Any) -> None:
        raise FlexRefused(
            "STATEMENT_ENTITIES",
            "it declares a document type or an entity",
            "A broker's statement has none; this file was made by somebody else.",
            element="DOCTYPE",
            line=self.parser.CurrentLineNumber,
        )

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth == 1 and name != ROOT:
            raise FlexRefused(
                "STATEMENT_NOT_FLEX",
                f"it begins with {name[:40]}, not with {ROOT}",
                "Run an Activity Flex Query and download its XML.",
                element=name[:40],
                line=self.parser.CurrentLineNumber,
            )
        row = _Element(name, attributes, self.parser.CurrentLineNumber)
        if name == STATEMENT:
            self.days.append(_day_of(row))
        elif name in SECTIONS and self.days:
            self.days[-1].sections.add(name)
        elif name in READERS and self.days:
            READERS[name](self.days[-1], row)


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    attributes: Mapping[str, str]
    line: int

    def text(self, name: str) -> str:
        value = self.attributes.get(name, "").strip()
        if not value:
            raise FlexRefused(
                "STATEMENT_FIELD_MISSING",
                f"it has no {name}",
                f"Tick the field {name} of this section in the query.",
                element=self.name,
                line=self.line,
            )
        return value

    def number(self, name: str) -> Decimal:
        value = self.text(name)
        try:
            number = Decimal(value.replace(",", ""))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self.bad(name, value, "a number")
        return number

    def day(self, name: str) -> date:
        value = self.text(name)
        for form in ("%Y%m%d", "%Y-%m-%d"):
            try:
                return datetime.strptime(value, form).date()
            except ValueError:
                continue
        raise self.bad(name, value, "a date like 20261118")

    def moment(self, name: str) -> str:
        """In UTC; empty where the query tells none, or a date without its time."""
        value = self.attributes.get(name, "").strip()
        if not value:
            return ""
        read = MOMENT.fullmatch(value)
        if read is None:
            raise self.bad(name, value, "a time like 20261118;153000")
        if read[4] is None:
            return ""
        try:
            local = datetime.strptime("".join(read.groups()), "%Y%m%d%H%M%S")
        except ValueError as wrong:
            raise self.bad(name, value, "a time like 20261118;153000") from wrong
        return local.replace(tzinfo=STATED_IN).astimezone(UTC).isoformat()

    def bad(self, name: str, value: str, wanted: str) -> FlexRefused:
        return FlexRefused(
            "STATEMENT_FIELD_BAD",
            f"{name} is {value[:40]!r}, which is not {wanted}",
            "Set the query's date format to yyyyMMdd and its time format to HHmmss, and run it again.",
            element=self.name,
            line=self.line,
        )


def _day_of(row: _Element) -> FlexDay:
    first, last = row.day("fromDate"), row.day("toDate")
    if first != last:
        raise FlexRefused(
            "STATEMENT_SPANS_DAYS",
            f"it is about {first} to {last}",
            "Set the query's period to Last Business Day: each day is compared by itself.",
            element=row.name,
            line=row.line,
        )
    return FlexDay(row.text("accountId"), last)


def _trade(day: FlexDay, row: _Element) -> None:
    """Executions only: orders and sums of the same trades stand in the file too."""
    if row.attributes.get("levelOfDetail", "EXECUTION") != "EXECUTION":
        return
    side, quantity = row.text("buySell"), abs(row.number("quantity"))
    if side not in ("BUY", "SELL"):
        raise row.bad("buySell", side, "BUY or SELL")
    fee = row.attributes.get("ibCommission", "").strip()
    day.executions.append(
        {
            "exec_id": row.text("ibExecID"),
            "con_id": row.text("conid"),
            "symbol": row.text("symbol"),
            "currency": row.attributes.get("currency", ""),
            "side": side,
            "quantity": str(quantity),
            "price": str(row.number("tradePrice")),
            "time": row.moment("dateTime"),
            "venue": row.attributes.get("exchange", ""),
            "order_ref": row.attributes.get("orderReference", "").strip(),
            "perm_id": row.attributes.get("ibOrderID", "").strip(),
            "commission": str(-row.number("ibCommission")) if fee else None,
            "commission_currency": row.attributes.get("ibCommissionCurrency", ""),
            "sec_type": row.attributes.get("assetCategory", ""),
        }
    )


def _position(day: FlexDay, row: _Element) -> None:
    if row.attributes.get("levelOfDetail", "SUMMARY") != "SUMMARY":
        return
    day.positions.append(
        {
            "con_id": row.text("conid"),
            "symbol": row.text("symbol"),
            "quantity": str(row.number("position")),
            "price": row.attributes.get("markPrice", ""),
        }
    )


def _cash(day: FlexDay, row: _Element) -> None:
    currency = row.text("currency")
    if currency != BASE:
        day.cash.append({"currency": currency, "amount": str(row.number("endingCash"))})


READERS = {"Trade": _trade, "OpenPosition": _position, "CashReportCurrency": _cash}
