"""A day taken apart by cause: the parts are the whole in every currency; an unknown part stays unknown."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.market import Contract
from tradingdesk.domain.portfolio import Position
from tradingdesk.domain.portfolio.results import (
    ContractDay,
    DayOfBooks,
    Movement,
    RateSpan,
    Span,
    Why,
    day_of_books,
)

D = Decimal
KINDS = [
    Contract(con_id=1, symbol="SPY", currency="USD"),
    Contract(con_id=2, symbol="ISF", currency="GBP", price_magnifier=100),
    Contract(con_id=3, symbol="FESX", sec_type="FUT", currency="EUR", multiplier=D(10)),
    Contract(con_id=4, symbol="SPX", sec_type="OPT", currency="USD", multiplier=D(100)),
]
prices = st.decimals("0.5", "900", places=2)
amounts = st.decimals("-100000", "100000", places=2)
quantities = st.integers(-500, 500).map(Decimal)
positions = st.builds(Position, quantities, prices)
spans = st.builds(Span, opening=positions, closing=positions, moved=amounts)
days = st.builds(
    ContractDay,
    contract=st.sampled_from(KINDS),
    whole=spans,
    by_strategy=st.dictionaries(st.integers(1, 3), spans, max_size=2),
    adopted=amounts,
    opening_mark=prices,
    closing_mark=prices,
)
currencies = st.sampled_from(["USD", "EUR", "GBP"])
movements = st.builds(Movement, st.sampled_from([*Why][1:]), currencies, amounts)
rates = st.decimals("0.2", "5", places=4)


def spoken(
    euro: tuple[str, str] = ("1.1", "1.1"), pound: tuple[str, str] = ("1.25", "1.25")
) -> dict[str, RateSpan]:
    return {
        "USD": RateSpan(D(1), D(1)),
        "EUR": RateSpan(D(euro[0]), D(euro[1])),
        "GBP": RateSpan(D(pound[0]), D(pound[1])),
    }


def by_cause(books: DayOfBooks) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for part in books.parts:
        assert part.amount is not None
        found[part.why] = found.get(part.why, D(0)) + part.amount
    return found


@given(
    st.lists(days, max_size=5, unique_by=lambda day: day.contract.con_id),
    st.dictionaries(currencies, amounts),
    st.lists(movements, max_size=8),
    st.tuples(rates, rates, rates, rates),
)
def test_the_parts_lead_from_the_opening_worth_to_the_closing_one(
    contracts: list[ContractDay],
    cash: dict[str, Decimal],
    moved: list[Movement],
    told: tuple[Decimal, Decimal, Decimal, Decimal],
) -> None:
    spread = spoken((str(told[0]), str(told[1])), (str(told[2]), str(told[3])))
    books = day_of_books(contracts, cash=cash, movements=moved, rates=spread)
    # what was adopted is worth something and moved no cash: it is in the closing positions by its making
    assert books.whole is not None and books.opening is not None and books.closing is not None
    assert abs(books.whole - (books.closing - books.opening)) < D("0.000001")


def test_a_share_gains_by_its_price_and_its_currency_by_the_rate() -> None:
    held = Span(opening=Position(D(1000)), closing=Position(D(1000)))
    day = ContractDay(contract=KINDS[1], whole=held, opening_mark=D(800), closing_mark=D(812))
    books = day_of_books([day], cash={}, movements=[], rates=spoken(pound=("1.20", "1.30")))
    assert by_cause(books) == {"price": D(1000) * D("0.12") * D("1.30"), "fx": D(8000) * D("0.10")}


def test_a_future_s_day_is_its_gain_whether_it_was_closed_or_not() -> None:
    opening = Position(D(2), D(4900))
    kept = ContractDay(
        contract=KINDS[2],
        whole=Span(opening=opening, closing=opening),
        opening_mark=D(5000),
        closing_mark=D(5010),
    )
    closed = ContractDay(
        contract=KINDS[2], whole=Span(opening=opening, moved=D(2 * 10 * 110)), opening_mark=D(5000)
    )
    for day in (kept, closed):
        assert by_cause(day_of_books([day], cash={}, movements=[], rates=spoken())) == {"price": D(220)}


def test_what_two_strategies_and_nobody_made_is_what_the_account_made() -> None:
    def bought(quantity: int) -> Span:
        return Span(closing=Position(D(quantity)), moved=D(-100 * quantity))

    day = ContractDay(
        contract=KINDS[0], whole=bought(60), by_strategy={1: bought(10), 2: bought(20)}, closing_mark=D(101)
    )
    books = day_of_books([day], cash={}, movements=[], rates=spoken())
    assert {part.strategy: part.amount for part in books.parts} == {1: 10, 2: 20, None: 30}


def test_without_a_price_or_a_rate_the_part_is_unknown_and_says_why() -> None:
    held = Span(opening=Position(D(10)), closing=Position(D(10)))
    day = ContractDay(contract=KINDS[0], whole=held, opening_mark=None, closing_mark=D(101))
    rates = {"USD": RateSpan(D(1), D(1)), "CHF": RateSpan(None, None)}
    books = day_of_books([day], cash={"CHF": D(50)}, movements=[], rates=rates)
    assert books.whole is None and books.opening is None and books.closing is None
    codes = {reason.code for reason in books.reasons}
    assert codes == {"OPENING_MARK_MISSING", "OPENING_RATE_MISSING", "FX_RATE_MISSING"}
