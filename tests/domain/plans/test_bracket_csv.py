from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.plans import REASONS, Scope, newest_of, parse_plan, signal_digest, stamp_of
from tradingdesk.domain.plans.bracket_csv import COLUMNS

DAY = date(2026, 2, 18)
NAME = "execution_plan_run_20260218_141502_a1b2c3.csv"
HEADER = ",".join(COLUMNS)
WEC_CELLS = (
    "WEC,BUY,LIMIT,115.79,113,112.26,120.49,122.84,401.38,142.5,positive,Utilities,"
    "0.8027,0.988,1.3,54.51,neutral,False"
)
WEC = dict(zip(COLUMNS, WEC_CELLS.split(","), strict=True))


def row(**changes):
    return ",".join({**WEC, **changes}.values())


def read(*rows, name=NAME, end="\n"):
    return parse_plan("\n".join([HEADER, *rows]).encode() + end.encode(), file_name=name, trading_day=DAY)


def codes(parsed):
    return {problem.code for problem in parsed.problems}


def test_the_documented_row_is_read_whole():
    parsed = read(row())
    (line,) = parsed.lines
    assert (line.symbol, line.side, line.quantity, line.number) == ("WEC", "BUY", 113, 2)
    assert (line.limit_price, line.stop_price) == (Decimal("115.79"), Decimal("112.26"))
    assert line.context["sector"] == "Utilities"
    assert parsed.problems == ()
    assert not parsed.quarantined


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("limit_price", "NaN", "CELL_NOT_FINITE"),
        ("limit_price", "inf", "CELL_NOT_FINITE"),
        ("score", "1.7976931348623157E308", "CELL_NOT_FINITE"),
        ("limit_price", "1e9", "CELL_TOO_LARGE"),
        ("risk_usd", "1e30", "CELL_TOO_LARGE"),
        ("quantity", "1e9", "CELL_TOO_LARGE"),
        ("quantity", "-113", "CELL_NEGATIVE"),
        ("instrument_id", "=cmd", "CELL_FORMULA"),
        ("sector", "@SUM(A1)", "CELL_FORMULA"),
        ("limit_price", "=1+1", "CELL_FORMULA"),
        ("direction", "+BUY", "CELL_FORMULA"),
        ("sector", "a\tb", "CELL_CONTROL"),
        ("sector", "Uti\u202elities", "CELL_CONTROL"),
    ],
)
def test_what_only_a_broken_generator_writes_quarantines_the_file(column, value, code):
    parsed = read(row(**{column: value}), row(instrument_id="XOM"))
    assert codes(parsed) == {code}
    assert parsed.quarantined
    assert parsed.lines == ()
    (problem,) = parsed.problems
    assert (problem.line, problem.column) == (2, column)
    assert problem.remedy


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"stop_loss": "115.79"}, "STOP_MISPLACED", "stop_loss"),
        ({"stop_loss": "119"}, "STOP_MISPLACED", "stop_loss"),
        ({"take_profit_1": "115.79"}, "TARGET_MISPLACED", "take_profit_1"),
        ({"take_profit_1": "125"}, "TARGET_MISPLACED", "take_profit_1"),
        ({"direction": "SELL"}, "STOP_MISPLACED", "stop_loss"),
        ({"quantity": "1"}, "QUANTITY_TOO_SMALL", "quantity"),
        ({"quantity": "0"}, "CELL_ZERO", "quantity"),
        ({"quantity": "10.5"}, "QUANTITY_FRACTIONAL", "quantity"),
        ({"limit_price": ""}, "CELL_MISSING", "limit_price"),
        ({"limit_price": "cheap"}, "CELL_NOT_A_NUMBER", "limit_price"),
        ({"direction": "HOLD"}, "CELL_UNKNOWN", "direction"),
        ({"order_type": "MARKET"}, "CELL_UNKNOWN", "order_type"),
        ({"instrument_id": "wec!"}, "SYMBOL_MALFORMED", "instrument_id"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_the_others_stand(changes, code, column):
    parsed = read(row(instrument_id="XOM"), row(**changes))
    assert [line.symbol for line in parsed.lines] == ["XOM"]
    (problem,) = parsed.problems
    assert (problem.scope, problem.code, problem.line, problem.column) == (Scope.ROW, code, 3, column)
    assert problem.value == {**WEC, **changes}[column]


def test_a_sell_is_the_mirror_of_a_buy():
    mirrored = row(direction="SELL", stop_loss="118", take_profit_1="112", take_profit_2="110")
    assert read(mirrored).lines[0].side == "SELL"


def test_an_absent_context_number_is_no_problem():
    assert len(read(row(score="", gex_regime="")).lines) == 1


def test_the_same_ticker_twice_quarantines_and_names_both_lines():
    parsed = read(row(), row(quantity="5"))
    assert [(p.code, p.line) for p in parsed.problems] == [("SYMBOL_REPEATED", 2), ("SYMBOL_REPEATED", 3)]
    assert parsed.lines == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"\n\n", "FILE_EMPTY"),
        (HEADER.encode() + b"\n", "FILE_EMPTY"),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\n", "FILE_MARKED"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), "FILE_MARKED"),
        (HEADER.encode() + b"\n\x00\n", "FILE_ENCODING"),
        (HEADER.encode() + b"\nZ\xfcrich\n", "FILE_ENCODING"),
        ((HEADER + "\n" + row()).encode(), "FILE_TRUNCATED"),
        ((HEADER + "\n" + row()[:-9] + "\n").encode(), "ROW_LENGTH"),
        ((HEADER + '\n"open\n').encode(), "FILE_UNREADABLE"),
        ((HEADER.replace(",sector,", ",sektor,") + "\n").encode(), "COLUMN_MISSING"),
        ((HEADER + ",extra\n").encode(), "COLUMN_UNKNOWN"),
        ((HEADER + ",sector\n").encode(), "COLUMN_REPEATED"),
        (b"x" * 1_000_001, "FILE_TOO_LARGE"),
        ((HEADER + "\n" + (row() + "\n") * 2001).encode(), "ROW_COUNT"),
    ],
)
def test_a_damaged_file_is_refused_whole(data, code):
    parsed = parse_plan(data, file_name=NAME, trading_day=DAY)
    assert code in codes(parsed)
    assert parsed.quarantined
    assert parsed.lines == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("execution_plan_run_20260217_141502_a1b2c3.csv", "FILE_STALE"),
        ("execution_plan_run_20260219_141502_a1b2c3.csv", "FILE_DATED_AHEAD"),
        ("execution_plan_run_20261345_141502_a1b2c3.csv", "FILE_NAME_UNKNOWN"),
        ("plan.csv", "FILE_NAME_UNKNOWN"),
        (NAME + "\n", "FILE_NAME_UNKNOWN"),
    ],
)
def test_a_wrong_date_in_the_name_refuses_the_file(name, code):
    assert codes(read(row(), name=name)) == {code}


def test_the_newest_of_today_is_chosen_and_none_is_an_answer():
    older, newer = NAME, "execution_plan_run_20260218_150000_ffff.csv"
    yesterday = "execution_plan_run_20260217_235959_eeee.csv"
    assert newest_of([newer, older, yesterday, "notes.txt"], DAY) == newer
    assert newest_of([yesterday], DAY) is None
    assert stamp_of(NAME).hour == 14


@given(st.binary(max_size=400))
def test_any_bytes_are_lines_or_problems_never_an_exception(data):
    parsed = parse_plan(HEADER.encode() + b"\n" + data + b"\n", file_name=NAME, trading_day=DAY)
    assert parsed.lines or parsed.problems
    assert {problem.code for problem in parsed.problems} <= set(REASONS)


@given(
    st.dictionaries(st.sampled_from(COLUMNS), st.text(alphabet="0123456789.-+=eEnaNif ABUYSL", max_size=9))
)
def test_whatever_stands_in_the_cells_a_line_that_passes_is_sane(changes):
    for line in read(row(**changes)).lines:
        prices = (line.limit_price, line.stop_price, line.target_1, line.target_2)
        assert all(price.is_finite() and 0 < price <= 1_000_000 for price in prices)
        assert 2 <= line.quantity == int(line.quantity)


def test_every_row_ends_as_a_line_or_a_named_problem():
    rows = [row(instrument_id=f"T{n}", quantity=str(n)) for n in range(1, 40)]
    parsed = read(*rows)
    assert len(parsed.lines) + len({p.line for p in parsed.problems}) == len(rows)


def test_the_same_bytes_are_the_same_signal():
    assert signal_digest(b"a") == signal_digest(b"a") != signal_digest(b"b")
