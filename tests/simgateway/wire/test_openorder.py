"""openOrder field by field, as a real gateway sent it, and what changes with version, combo and preview."""

import time
from decimal import Decimal

import pytest

from apps.simgateway.wire.answers.orders import completed_order, open_order
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.order import WireOrder
from apps.simgateway.wire.state import Allocation, OrderState
from tests.simgateway.wire.clients import understood_by_official

MAX, INT_MAX = "1.7976931348623157E308", "2147483647"
# a market order for 100 AAPL as a paper gateway told it; runs of fields from the named position on
REAL_176: dict[int, str] = {
    0: "5|17|265598|AAPL|STK||0|?||SMART|USD|AAPL|NMS|BUY|100|MKT|0.0|0.0|DAY||DU1234567||0|meridian-7",
    24: "3|1824933227|0|0|0||1824933227.0/DU1234567/100||||||||||0||-1|0||||||2147483647|0|0|0||3|0|0||0|0",
    60: "|0|None||0||||?|0|0||0|0|||||",
    79: f"0|0|0|{INT_MAX}|{INT_MAX}|||0||IB|0|0||0|0|PreSubmitted",
    95: "|".join([MAX] * 9 + [""] * 5),
    109: f"0|0|0|None|{MAX}|{MAX}|{MAX}|{MAX}|{MAX}|{MAX}|0||||0|1|0|0|0|||0||100|0.02||",
}
NEW_PREVIEW = ["", *[MAX] * 9, "-9223372036854775808", "", "0"]
NEW_TAIL = ["", "0", "", "0", "", INT_MAX, "simulated", "0"]


def aapl() -> tuple[WireContract, WireOrder]:
    contract = WireContract(
        con_id=265598, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD", local_symbol="AAPL",
        trading_class="NMS",
    )  # fmt: skip
    order = WireOrder(
        order_id=17, client_id=3, perm_id=1824933227, action="BUY", total_quantity=Decimal(100),
        order_type="MKT", account="DU1234567", order_ref="meridian-7",
    )  # fmt: skip
    return contract, order


def told(version: int, order: WireOrder | None = None, **state: object) -> list[str]:
    contract, plain = aapl()
    return open_order(
        version,
        contract=contract,
        order=order or plain,
        state=OrderState(**{"status": "PreSubmitted", **state}),  # type: ignore[arg-type]
    )


def test_it_is_field_by_field_what_a_real_gateway_sent() -> None:
    fields = told(176)
    assert len(fields) == 136
    for begin, text in REAL_176.items():
        expected = text.split("|")
        assert fields[begin : begin + len(expected)] == expected
    assert sum(len(text.split("|")) for text in REAL_176.values()) == 136


def test_version_200_differs_from_176_only_by_what_came_and_went() -> None:
    old, new = told(176), told(200)
    assert len(new) == 156
    assert new == old[:34] + old[35:108] + NEW_PREVIEW + old[108:] + NEW_TAIL


@pytest.mark.parametrize(
    ("version", "count"),
    [
        (157, 128), (158, 129), (160, 130), (162, 131), (170, 136), (176, 136), (177, 135), (178, 135),
        (183, 136), (184, 137), (185, 138), (189, 139), (193, 141), (195, 154),
        (198, 155), (199, 156), (200, 156),
    ],
)  # fmt: skip
def test_each_version_has_its_number_of_fields(version: int, count: int) -> None:
    assert len(told(version)) == count


def test_a_routed_order_loses_the_two_filler_values() -> None:
    assert told(176)[132:134] == ["100", "0.02"]
    assert told(176, routed=True)[132:134] == ["", ""]


@pytest.mark.parametrize(
    ("changes", "first", "second"),
    [
        ({"order_type": "LMT", "lmt_price": Decimal("10.25")}, "", "11.25"),
        ({"order_type": "LOC", "lmt_price": Decimal(10)}, "", "11.0"),
        ({"order_type": "STP", "aux_price": Decimal("9.5")}, "", "9.5"),
        ({"order_type": "TRAIL", "trail_stop_price": Decimal(190)}, "190.0", "190.0"),
        ({"order_type": "MKT"}, "", MAX),
    ],
)
def test_the_second_stop_price_is_filled_as_a_gateway_does(
    changes: dict[str, object], first: str, second: str
) -> None:
    _, order = aapl()
    for name, value in changes.items():
        setattr(order, name, value)
    fields = told(176, order)
    assert (fields[74], fields[114]) == (first, second)


def test_a_preview_has_its_numbers_where_clients_look_for_them() -> None:
    contract, order = aapl()
    order.what_if = True
    state = OrderState(
        status="PreSubmitted",
        init_margin_before="100.0",
        equity_with_loan_change="-0.8600000001024455",
        equity_with_loan_after=Decimal("999.14"),
        commission=Decimal("1.0"),
        commission_currency="USD",
        margin_currency="EUR",
        outside_rth=tuple(range(9)),
        suggested_size=Decimal(50),
        reject_reason="none",
        warning_text="careful",
        allocations=[Allocation(account="DU1", position_desired=Decimal(5), is_monetary=True)],
    )
    fields = open_order(200, contract=contract, order=order, state=state)
    ((_, (_, _, read, preview)),) = understood_by_official(200, fields)
    assert read.whatIf
    assert (preview.initMarginBefore, preview.equityWithLoanChange) == ("100.0", "-0.8600000001024455")
    assert (preview.equityWithLoanAfter, preview.initMarginAfter) == ("999.14", MAX)
    assert (preview.commissionAndFees, preview.commissionAndFeesCurrency) == (1.0, "USD")
    assert (preview.marginCurrency, preview.initMarginBeforeOutsideRTH) == ("EUR", 0.0)
    assert preview.equityWithLoanAfterOutsideRTH == 8.0
    assert (preview.suggestedSize, preview.rejectReason, preview.warningText) == (50, "none", "careful")
    assert preview.orderAllocations[0].positionDesired == 5


@pytest.mark.parametrize(("version", "count"), [(163, 96), (176, 101), (178, 100), (184, 102), (200, 103)])
def test_a_completed_order_has_its_number_of_fields(version: int, count: int) -> None:
    contract, order = aapl()
    order.filled_quantity = Decimal(100)
    ended = OrderState(status="Filled", completed_time="t", completed_status="Filled Size: 100")
    fields = completed_order(version, contract=contract, order=order, state=ended)
    assert len(fields) == count
    assert fields[12:14] == ["BUY", "0"]
    cancelled = completed_order(version, contract=contract, order=order, state=OrderState(status="Cancelled"))
    assert cancelled[13] == "100"


def test_an_order_is_told_quickly() -> None:
    contract, order = aapl()
    state = OrderState(status="Submitted")
    best = min(_microseconds(contract, order, state) for _ in range(5))
    assert best < 60, f"{best:.0f} µs"


def _microseconds(contract: WireContract, order: WireOrder, state: OrderState) -> float:
    begun = time.perf_counter()
    for _ in range(100):
        open_order(178, contract=contract, order=order, state=state)
    return (time.perf_counter() - begun) * 10_000
