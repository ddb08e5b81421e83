"""The same order in the spellings of programs in other languages."""

import pytest

from apps.simgateway.wire.requests import PlaceOrder, parse
from apps.simgateway.wire.requests.placing import is_pegged
from tests.simgateway.wire import orders
from tests.simgateway.wire.clients import sent_by_official

HUGE = "179769313486231570" + "0" * 291  # the largest double, written out
UNSET = {
    "python": "1.7976931348623157e+308",
    "java": "1.7976931348623157E308",
    "sharp": "1.79769313486232E+308",
    "rust": HUGE,
    "empty": "",
}
WORDS = {"java": ("1", "0"), "go": ("true", "false"), "sharp": ("True", "False")}


def frame(version: int, name: str = "limit") -> list[str]:
    built = orders.official(*orders.ORDERS[name][:2])
    (fields,) = sent_by_official(version, lambda client: client.placeOrder(17, *built))
    return fields


def read(fields: list[str], version: int) -> PlaceOrder:
    request = parse(fields, version)
    assert isinstance(request, PlaceOrder)
    return request


@pytest.mark.parametrize("spelling", UNSET.values(), ids=UNSET)
@pytest.mark.parametrize("version", [163, 176, 200])
def test_an_unset_number_is_unset_in_every_language(version: int, spelling: str) -> None:
    plain = frame(version)
    changed = [spelling if field == UNSET["python"] else field for field in plain]
    assert (changed == plain) is (spelling == UNSET["python"])
    order = read(changed, version).order
    assert (
        order.trigger_price is order.lmt_price_offset is order.cash_qty is order.adjusted_stop_price is None
    )
    assert order == read(plain, version).order


@pytest.mark.parametrize("yes_no", WORDS.values(), ids=WORDS)
def test_flags_may_be_words(yes_no: tuple[str, str]) -> None:
    plain = frame(178)
    transmit, hidden = 27, 34  # their places in a plain order
    changed = list(plain)
    changed[transmit], changed[hidden] = yes_no
    assert read(changed, 178).order == read(plain, 178).order
    changed[transmit] = yes_no[1]
    assert read(changed, 178).order.transmit is False


@pytest.mark.parametrize("number", ["10.25", "10.250", "1.025E1", "1.025e+01", " 10.25"])
def test_a_price_may_be_written_in_many_ways(number: str) -> None:
    changed = frame(178)
    changed[changed.index("10.25")] = number
    assert read(changed, 178).order.lmt_price == read(frame(178), 178).order.lmt_price


@pytest.mark.parametrize("infinity", ["Infinity", "Infinite", "inf", "+Inf"])
def test_infinity_lets_an_order_compete_up_to_the_midpoint(infinity: str) -> None:
    changed = [infinity if field == "Infinity" else field for field in frame(178, "peg best to mid")]
    order = read(changed, 178).order
    assert (float(order.mid_offset_at_whole or 0), float(order.mid_offset_at_half or 0)) == (0.01, 0.02)


def test_pegged_types_are_known_with_and_without_a_blank() -> None:
    assert is_pegged("PEG MID", "MID")
    assert is_pegged("PEGMID", "MID")
    assert not is_pegged("PEG MIDPT", "MID")
