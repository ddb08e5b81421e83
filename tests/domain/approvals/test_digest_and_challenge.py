from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.approvals import (
    ApprovedContent,
    ApprovedOrder,
    approval_digest,
    canonical_json,
    challenge,
    phrase,
    typed_matches,
)
from tradingdesk.domain.money import Side

D = Decimal
NOON = datetime(2026, 2, 18, 17, tzinfo=UTC)
ORDER = ApprovedOrder(
    key="81-1A",
    con_id=13272,
    symbol="WEC",
    currency="USD",
    multiplier=D(1),
    side="BUY",
    quantity=D(37),
    order_type="LMT",
    role="entry",
    tif="DAY",
    limit_price=D("115.79"),
)
CONTENT = ApprovedContent(
    account="DU1234567",
    mode="sim",
    plan=81,
    plan_version=1,
    limit_set=3,
    cut_off=NOON,
    nonce="n1",
    orders=(ORDER,),
)
OTHER = {
    str: "other",
    int: 99,
    bool: True,
    D: D("7.77"),
    datetime: NOON + timedelta(seconds=1),
    dict: {"a": "b"},
}


def changed(value):
    return (
        D("7.77") if value is None else OTHER[type(value)] if value != {} else {"adaptivePriority": "Urgent"}
    )


@pytest.mark.parametrize("name", [f.name for f in fields(ApprovedContent) if f.name != "orders"])
def test_every_field_of_the_content_is_in_the_digest(name):
    other = replace(CONTENT, **{name: changed(getattr(CONTENT, name))})
    assert approval_digest(other) != approval_digest(CONTENT)


@pytest.mark.parametrize("name", [f.name for f in fields(ApprovedOrder)])
def test_every_field_of_an_order_is_in_the_digest(name):
    order = replace(ORDER, **{name: changed(getattr(ORDER, name))})
    assert approval_digest(replace(CONTENT, orders=(order,))) != approval_digest(CONTENT)


def test_another_order_more_or_another_sequence_is_another_content():
    second = replace(ORDER, key="81-1B")
    both, swapped = replace(CONTENT, orders=(ORDER, second)), replace(CONTENT, orders=(second, ORDER))
    assert len({approval_digest(c) for c in (CONTENT, both, swapped)}) == 3


def test_the_same_value_in_another_spelling_is_the_same_content():
    respelled = replace(
        CONTENT,
        cut_off=NOON.astimezone(timezone(timedelta(hours=-5))),
        orders=(replace(ORDER, quantity=D("37.000"), limit_price=D("1.1579E2")),),
    )
    assert approval_digest(respelled) == approval_digest(CONTENT)
    assert canonical_json({"side": Side.BUY, "zero": D("-0.0")}) == '{"side":"BUY","zero":"#0"}'


numbers = st.one_of(st.integers(), st.decimals(allow_nan=False, allow_infinity=False, places=3))


@given(st.dictionaries(st.text(max_size=5), numbers, max_size=5))
def test_the_order_of_keys_does_not_matter(content):
    assert canonical_json(content) == canonical_json(dict(reversed(content.items())))


@pytest.mark.parametrize("value", [1.5, b"x", {1: 2}, object(), {1, 2}])
def test_what_has_no_single_spelling_has_no_digest(value):
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize("value", [D("NaN"), D("Infinity"), datetime(2026, 2, 18)])
def test_a_number_without_value_or_a_time_without_zone_cannot_be_approved(value):
    with pytest.raises(ValueError, match="cannot be approved"):
        canonical_json([value])


def test_a_number_and_its_text_differ_and_a_date_has_one_form():
    assert len({canonical_json(value) for value in (D(5), "5", "#5", "##5")}) == 4
    assert canonical_json(NOON.date()) == '"2026-02-18"'


def test_the_challenge_names_notional_and_digest():
    expected = challenge(D("41285.40"), "9f3c" + "0" * 60)
    assert expected == "41285 9F3C"
    assert phrase(expected) == "EXECUTE 41285 9F3C"


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [
        ("EXECUTE 41285 9F3C", True),
        ("  EXECUTE  41285 9F3C ", True),
        ("execute 41285 9F3C", False),
        ("EXECUTE 41285 9f3c", False),
        ("EXECUTE", False),
        ("EXECUTE 41286 9F3C", False),
        ("EXECUTE 41,285 9F3C", False),
        ("", False),
    ],
)
def test_only_the_exact_line_is_accepted(typed, accepted):
    assert typed_matches(typed, "41285 9F3C") is accepted
