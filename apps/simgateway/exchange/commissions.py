"""What a print costs, by kind of instrument. The minimum is charged once for an order, on its first print."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import ZERO

CENT_OF_CENT = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A rate for each unit, or a share of the value, with a floor for the order and a cap on its value."""

    per_unit: Decimal = ZERO
    of_value: Decimal = ZERO
    minimum: Decimal = ZERO
    cap_of_value: Decimal | None = None
    sell_of_value: Decimal = ZERO  # regulatory fees of a sale
    sell_per_unit: Decimal = ZERO
    always_per_unit: Decimal = ZERO  # passed on with every print, beside the minimum


def _d(text: str) -> Decimal:
    return Decimal(text)


_US_STOCK = Schedule(
    per_unit=_d("0.005"),
    minimum=_d("1"),
    cap_of_value=_d("0.01"),
    sell_of_value=_d("0.0000278"),
    sell_per_unit=_d("0.000166"),
    always_per_unit=_d("0.000003"),
)
_EUROPEAN_STOCK = Schedule(of_value=_d("0.0005"), minimum=_d("3"))
_OPTION = Schedule(per_unit=_d("0.65"), minimum=_d("1"), sell_of_value=_d("0.0000278"))
_FUTURE = Schedule(per_unit=_d("2.25"))
_MICRO = Schedule(per_unit=_d("0.62"))
_FX = Schedule(of_value=_d("0.00002"), minimum=_d("2"))

_BY_KIND: dict[tuple[str, str], Schedule] = {
    ("STK", "USD"): _US_STOCK,
    ("STK", ""): _EUROPEAN_STOCK,
    ("OPT", "USD"): _OPTION,
    ("OPT", ""): Schedule(per_unit=_d("1.5")),
    ("FOP", ""): Schedule(per_unit=_d("1.42")),
    ("FUT", ""): _FUTURE,
    ("CASH", ""): _FX,
}
_MICROS = frozenset({"MES", "MNQ", "M2K", "MYM", "MGC", "M6E", "M6B", "VXM"})
_NOTHING = Schedule()


def schedule_of(instrument: Instrument) -> Schedule:
    if instrument.symbol in _MICROS and instrument.sec_type == "FUT":
        return _MICRO
    kind = instrument.sec_type
    return _BY_KIND.get((kind, instrument.currency)) or _BY_KIND.get((kind, "")) or _NOTHING


def _charge(schedule: Schedule, shares: Decimal, value: Decimal) -> Decimal:
    charge = schedule.per_unit * shares + schedule.of_value * value
    if charge < schedule.minimum:
        charge = schedule.minimum
    if schedule.cap_of_value is not None and charge > (cap := schedule.cap_of_value * value):
        charge = cap
    return charge


def commission(
    instrument: Instrument,
    side: str,
    *,
    shares: Decimal,
    price: Decimal,
    before: Decimal,
    value_before: Decimal,
) -> Decimal:
    """The cost of one print; the order had filled `before` shares for `value_before` (price × shares)."""
    schedule, point = schedule_of(instrument), instrument.money_per_point
    value = shares * price * point
    total = _charge(schedule, before + shares, abs(value_before * point + value))
    if before:
        total -= _charge(schedule, before, abs(value_before * point))
    total += schedule.always_per_unit * shares
    if side == "SELL":
        total += schedule.sell_of_value * abs(value) + schedule.sell_per_unit * shares
    return total.quantize(CENT_OF_CENT)
