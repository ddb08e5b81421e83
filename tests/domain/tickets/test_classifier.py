import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.tickets import Meaning, News, RequestKind, State, classify, is_done, learn
from tradingdesk.domain.tickets.classifier import TABLE

PLACE, MODIFY, CANCEL, QUERY = RequestKind
ORDER_KINDS = (PLACE, MODIFY, CANCEL)


@pytest.mark.parametrize(
    "code", [399, 404, 481, 2109, 2137, 2161, 10349, 1100, 1101, 1102, 2103, 2104, 2158, 100]
)
@pytest.mark.parametrize("kind", ORDER_KINDS)
def test_a_note_on_a_living_order_changes_nothing(code, kind):
    reading = classify(code, kind)
    assert reading.news is None
    assert not reading.look_up


TURNED_DOWN = (
    103, 107, 109, 110, 113, 200, 203, 321, 328, 382, 383, 387, 388, 391, 392, 434, 435, 436, 460, 10006,
    10052, 10255, 10285, 10311, 10329, 10342,
)  # fmt: skip


@pytest.mark.parametrize("code", TURNED_DOWN)
def test_a_placement_turned_down_is_refused(code):
    assert classify(code, PLACE).news is News.REFUSED


def test_a_rejected_order_is_rejected():
    assert classify(201, PLACE).news is News.REJECTED


@pytest.mark.parametrize("code", [104, 105, 110, 201, 321, 329, 2102, 135])
def test_a_refused_change_leaves_the_order_and_looks_it_up(code):
    reading = classify(code, MODIFY)
    assert (reading.meaning, reading.news, reading.look_up) == (Meaning.KEEPS, None, True)


@pytest.mark.parametrize("kind", ORDER_KINDS)
def test_only_202_confirms_a_cancel(kind):
    assert classify(202, kind).news is News.ENDED
    ends = {code for code, asked in TABLE if asked is kind and classify(code, asked).news is News.ENDED}
    assert ends == {202}


@pytest.mark.parametrize("code", [136, 161, 10148])
def test_a_cancel_that_cannot_be_done_ends_nothing(code):
    reading = classify(code, CANCEL)
    assert (reading.meaning, reading.news, reading.look_up) == (Meaning.CANNOT_CANCEL, None, True)


@pytest.mark.parametrize("code", [10147, 135])
def test_an_order_not_found_is_in_doubt_not_gone(code):
    reading = classify(code, CANCEL)
    assert (reading.news, reading.look_up) == (News.DOUBTED, True)


@pytest.mark.parametrize("code", [162, 165, 354, 366, 10167, 10197, 101, 420, 10358])
def test_trouble_with_data_is_about_data(code):
    assert classify(code, QUERY).meaning is Meaning.ABOUT_DATA


@pytest.mark.parametrize("code", [200, 321, 504, 19999])
def test_a_failed_query_says_nothing_about_orders(code):
    reading = classify(code, QUERY)
    assert reading.meaning in (Meaning.FAILS_QUERY, Meaning.ABOUT_LINK)
    assert reading.news is None


@given(st.integers(min_value=1, max_value=30_000), st.sampled_from(ORDER_KINDS))
def test_a_code_the_table_lacks_is_doubt_and_never_an_end(code, kind):
    reading = classify(code, kind)
    if (code, kind) not in TABLE:
        assert (reading.meaning, reading.news, reading.look_up) == (Meaning.UNKNOWN, News.DOUBTED, True)
        assert not is_done(learn(State.WORKING, reading.news).state)


@pytest.mark.parametrize("pair", sorted(TABLE))
def test_every_entry_has_a_reading_of_its_own_meaning(pair):
    assert classify(*pair).meaning is TABLE[pair]
