from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import pytest

from apps.simgateway.data.loading import DATA, DataError, load_catalogue, load_sessions
from apps.simgateway.exchange.catalogue import Catalogue, Query
from apps.simgateway.exchange.chains import contract_number, contract_parts
from apps.simgateway.exchange.sessions import Sessions
from tests.simgateway.market.conftest import TODAY, Exchange

NAMED = {
    "STK": "UVXY SVXY QQQ SPY WEC OHI BHP AEE NI SPG IFF AAPL MSFT GOOGL NVDA AMZN ARCC CSPX CS51 IUIT CNDX "
    "SEMI IUHC IUQA EXV1 EXS1 IUKD LQDE IHYU FLOT HYG JNK BNP GLE ACA",
    "FUT": "ES MES NQ FESX M6E 6E M6B 6S VX FVS FGBL FOAT FBTP",
    "IND": "SPX NDX VIX SX5E",
    "CASH": "EUR GBP",
    "OPT": "SPX SPY QQQ VIX HYG JNK AAPL ESTX50 BNP",
    "FOP": "ES",
}


@pytest.mark.parametrize(("sec_type", "symbols"), NAMED.items())
def test_everything_the_strategies_name_is_listed(sec_type: str, symbols: str, catalogue: Catalogue) -> None:
    month = "" if sec_type in ("STK", "IND", "CASH") else "202612"
    queries = [Query(symbol=symbol, sec_type=sec_type, expiry=month) for symbol in symbols.split()]
    missing = [query.symbol for query in queries if not catalogue.find(query, TODAY)]
    assert missing == []


def test_there_are_names_enough_for_a_day_trade_plan(catalogue: Catalogue) -> None:
    shares = [
        i for i in catalogue.listed() if (i.sec_type, i.currency, i.stock_type) == ("STK", "USD", "COMMON")
    ]
    assert len(shares) > 40


def test_every_listed_contract_is_whole(catalogue: Catalogue, sessions: Sessions) -> None:
    for instrument in catalogue.listed():
        assert len(instrument.market_rule_ids) == len(instrument.valid_exchanges), instrument.symbol
        rule = catalogue.rule_for(instrument)
        assert min(step for _, step in rule.bands) <= instrument.min_tick, instrument.symbol
        assert sessions.zone_id(instrument.hours), instrument.symbol
        assert sessions.hours_of(instrument.primary_exchange), instrument.symbol
        assert catalogue.find(Query(con_id=instrument.con_id), TODAY) == [instrument]


def test_pence_are_told_by_the_contract(exchange: Exchange) -> None:
    fund = exchange.one("IUKD", currency="GBP")
    assert (fund.price_magnifier, fund.currency) == (100, "GBP")
    assert fund.money_per_point == Decimal("0.01")
    assert exchange.one("CSPX", primary_exchange="LSEETF").price_magnifier == 1


def test_a_listing_answers_to_both_names_of_its_exchange(exchange: Exchange) -> None:
    assert exchange.one("EXS1", primary_exchange="IBIS") == exchange.one("EXS1", primary_exchange="IBIS2")
    assert exchange.catalogue.find(Query(symbol="EXS1", sec_type="STK", primary_exchange="NYSE"), TODAY) == []


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        (
            contract_number(29, date(2026, 12, 18), strike_index=600, right="P"),
            (29, date(2026, 12, 18), 600, "P"),
        ),
        (contract_number(1, date(2035, 3, 16)), (1, date(2035, 3, 16), 0, "C")),
        (265598, None),
    ],
)
def test_a_contract_number_can_be_read_back(number: int, parts: tuple[object, ...] | None) -> None:
    assert contract_parts(number) == parts
    assert number < 2**31


def test_no_two_contracts_share_a_number(catalogue: Catalogue) -> None:
    seen: dict[int, str] = {i.con_id: i.local_symbol for i in catalogue.listed()}
    for symbol in ("SPX", "QQQ", "AAPL", "VIX"):
        for option in catalogue.find(Query(symbol=symbol, sec_type="OPT", expiry="202612"), TODAY):
            name = option.local_symbol
            assert seen.setdefault(option.con_id, name) == name


def test_a_derivative_is_remade_from_its_number_alone(sessions: Sessions, exchange: Exchange) -> None:
    option = exchange.one("QQQ", "OPT", expiry="20261218", strike=Decimal(600), right="P")
    future = exchange.one("ES", "FUT")
    over_future = exchange.one("ES", "FOP", expiry="20261218", strike=Decimal(6700), right="C")
    other = load_catalogue(sessions)
    assert [other.by_con_id(i.con_id) for i in (option, future, over_future)] == [option, future, over_future]


def test_a_number_that_never_was_a_contract_is_none(catalogue: Catalogue) -> None:
    saturday = contract_number(29, date(2026, 12, 19), strike_index=600, right="P")
    assert catalogue.by_con_id(saturday) is None
    assert catalogue.by_con_id(contract_number(29, date(2026, 12, 18), strike_index=1, right="P")) is None
    assert catalogue.by_con_id(999_999) is None


def test_an_option_on_a_future_ends_no_later_than_the_future(exchange: Exchange) -> None:
    option = exchange.one("ES", "FOP", expiry="20270319", strike=Decimal(6700), right="C")
    future = exchange.catalogue.under(option)
    assert future is not None
    assert (future.sec_type, future.local_symbol) == ("FUT", "ESH7")
    rows = exchange.catalogue.option_params(future.con_id, TODAY)
    assert [row.expirations for row in rows] == [("20270319",)]


@pytest.mark.parametrize(
    ("symbol", "expiry"),
    [("ES", "20261218"), ("6E", "20261214"), ("VX", "20261216"), ("FGBL", "20261208"), ("FESX", "20261218")],
)
def test_the_front_future_ends_on_the_exchanges_day(symbol: str, expiry: str, exchange: Exchange) -> None:
    assert exchange.one(symbol, "FUT").expiry == expiry


def test_expiries_move_on_with_the_days_and_keep_their_numbers(catalogue: Catalogue) -> None:
    query = Query(symbol="QQQ", sec_type="OPT", strike=Decimal(600), right="C")
    today = {i.expiry: i.con_id for i in catalogue.find(query, TODAY)}
    later = {i.expiry: i.con_id for i in catalogue.find(query, TODAY + timedelta(days=7))}
    assert min(today) == "20261120"
    assert min(later) == "20261127"
    assert all(later[expiry] == con_id for expiry, con_id in today.items() if expiry in later)


def test_the_expiry_of_good_friday_week_is_thursday(catalogue: Catalogue) -> None:
    rows = catalogue.option_params(320227571, date(2027, 3, 22))
    assert "20270325" in rows[0].expirations
    assert "20270326" not in rows[0].expirations


def test_a_chain_lists_exchanges_and_classes(exchange: Exchange) -> None:
    rows = exchange.catalogue.option_params(416904, TODAY)
    assert {(row.exchange, row.trading_class) for row in rows} == {
        (exchange_, cls) for exchange_ in ("SMART", "CBOE") for cls in ("SPX", "SPXW")
    }
    assert all(row.multiplier == "100" and Decimal(6700) in row.strikes for row in rows)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(symbol="QQQ", sec_type="OPT", expiry="202612", strike=Decimal(600)), None),
        (Query(local_symbol="QQQ   261218P00600000"), "QQQ   261218P00600000"),
        (Query(local_symbol="ESZ6"), "ESZ6"),
        (Query(local_symbol="EUR.USD", sec_type="CASH"), "EUR.USD"),
        (Query(isin="US0378331005", sec_type="STK"), "AAPL"),
        (Query(symbol="EUR", sec_type="CASH", currency="GBP", exchange="IDEALPRO"), "EUR.GBP"),
    ],
)
def test_a_contract_is_found_by_any_of_its_names(
    query: Query, expected: str | None, catalogue: Catalogue
) -> None:
    found = catalogue.find(query, TODAY)
    if expected is None:
        assert len({i.expiry for i in found}) > 3
        assert {(i.strike, i.expiry[:6]) for i in found} == {(Decimal(600), "202612")}
    else:
        assert [i.local_symbol for i in found] == [expected]


def test_a_wrong_part_finds_nothing(catalogue: Catalogue) -> None:
    right = Query(symbol="AAPL", sec_type="STK", currency="USD", exchange="SMART")
    assert len(catalogue.find(right, TODAY)) == 1
    for wrong in ({"currency": "EUR"}, {"exchange": "LSE"}, {"symbol": "APPL"}, {"trading_class": "SCM"}):
        assert catalogue.find(replace(right, **wrong), TODAY) == []


def test_an_expired_contract_is_found_only_when_asked_for(catalogue: Catalogue) -> None:
    past = Query(symbol="ES", sec_type="FUT", expiry="20260918")
    assert catalogue.find(past, TODAY) == []
    assert [i.local_symbol for i in catalogue.find(replace(past, include_expired=True), TODAY)] == ["ESU6"]


def test_matching_puts_the_exact_symbol_first(catalogue: Catalogue) -> None:
    assert catalogue.matching("c")[0].symbol == "C"
    assert "AAPL" in [i.symbol for i in catalogue.matching("apple")]
    assert len(catalogue.matching("i")) == 16
    assert catalogue.matching(" ") == []


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("listings.yaml", "leader: NDX", "leader: NDZ", "its leader NDZ is not listed"),
        ("listings.yaml", "price: 265,", "", "'price' is missing"),
        ("derivatives.yaml", "code: 2,", "code: 1,", "family code 1 is given twice"),
        ("rules.yaml", "26: [[0, 0.0001]", "26: [[0.5, 0.0001]", "market rule 26 needs a first band from 0"),
        ("rules.yaml", "market_rules:", "market_rules: [", "not valid YAML"),
    ],
)
def test_a_mistake_in_the_data_is_told_with_its_place(
    name: str, old: str, new: str, told: str, tmp_path: Path
) -> None:
    folder = copytree(DATA, tmp_path / "data")
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=told) as caught:
        load_catalogue(load_sessions(folder), folder)
    assert name in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="file is missing"):
        load_sessions(tmp_path)
