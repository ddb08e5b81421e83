"""The check itself: a field too many or too few is noticed, in either direction."""

import itertools
from typing import Any

import pytest

from apps.simgateway.assembly import Setup, build_machine
from apps.simgateway.clock import read_instant
from apps.simgateway.record import Ledger
from tests.simgateway.clients.unread import refused_requests, unread_by_insync, unread_by_official
from tests.simgateway.scripts.actors import framed, greeting
from tests.simgateway.scripts.requests import request_fields

START = read_instant("2026-11-20T10:00 US/Eastern")
ORDER = {"id": "1", "side": "BUY", "quantity": "10", "type": "MKT", "symbol": "MSFT"}
CHECKED = {"1": 7, "3": 12, "5": 136, "11": 31, "59": 8, "61": 16}  # message id → its fields at 176


def said(*requests: list[str]) -> list[dict[str, Any]]:
    """The answers of a gateway to these requests, as its ledger has them."""
    ledger = Ledger()
    machine = build_machine(Setup(start=START), ledger)
    machine.open(1, START)
    begin = request_fields("startApi", {"client": "1"})
    for data in (greeting("v157..176"), *(framed(fields) for fields in (begin, *requests))):
        machine.receive(1, data, START)
        machine.take()
    return [line for line in ledger.latest(10_000) if line["kind"] == "out"]


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    quote = request_fields("reqMktData", {"id": "9", "symbol": "MSFT"})
    return said(request_fields("placeOrder", ORDER), request_fields("reqPositions", {}), quote)


def test_what_the_gateway_says_is_read_whole(answers: list[dict[str, Any]]) -> None:
    assert unread_by_insync(answers, 176) == {}
    assert unread_by_official(answers, 176) == {}
    assert refused_requests(answers, 176) == []


@pytest.mark.parametrize(("number", "change"), list(itertools.product(CHECKED, ("longer", "shorter"))))
def test_a_field_too_many_or_too_few_is_noticed(
    number: str, change: str, answers: list[dict[str, Any]]
) -> None:
    true = next(row["fields"] for row in answers[1:] if row["fields"][0] == number)
    assert len(true) == CHECKED[number]
    false = [*true, "7"] if change == "longer" else true[:-1]
    frames = [{"fields": false}]
    assert set(unread_by_insync(frames, 176)) == {number}
    assert set(unread_by_official(frames, 176)) == {number}


def test_an_emptied_number_that_no_client_can_read_is_noticed(answers: list[dict[str, Any]]) -> None:
    order = next(row["fields"] for row in answers[1:] if row["fields"][0] == "5")
    broken = [*order[:79], "", *order[80:]]  # how many combo legs there are
    assert set(unread_by_insync([{"fields": broken}], 176)) == {"5"}


@pytest.mark.parametrize("name", ["placeOrder", "reqPositions", "reqOpenOrders", "reqExecutions"])
@pytest.mark.parametrize("change", ["longer", "shorter"])
def test_a_request_with_fields_left_over_or_missing_draws_error_320(name: str, change: str) -> None:
    true = request_fields(name, ORDER if name == "placeOrder" else {})
    assert refused_requests(said(true), 176) == []
    false = [*true, "7"] if change == "longer" else true[:-1]
    assert len(refused_requests(said(false), 176)) == 1


def test_error_320_is_found_where_newer_versions_have_it() -> None:
    assert refused_requests([{"fields": ["4", "7", "320", "wrong", "", "1795186800000"]}], 200)
    assert not refused_requests([{"fields": ["4", "320", "200", "none", "", "1795186800000"]}], 200)
