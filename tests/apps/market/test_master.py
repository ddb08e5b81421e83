"""The instrument master is the broker's: asked again each day, and refused when it is not what it was."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.market.actions.answer_lookup import (
    ChangeRefused,
    Found,
    answer_lookup,
    ask_description,
    ask_lookup,
    ask_old_again,
    ask_refused_again,
    take_over_change,
)
from apps.market.models import Contract, ContractChange, Lookup
from apps.market.queries import contracts_by_symbol, open_changes
from apps.runbook.booking import keep_books
from tests.stations import Stations, clock_line, stations

__all__ = ["stations"]

D = Decimal
RISK = Actor("user", "risk")
PLAIN: dict[str, Any] = {
    "con_id": 77, "symbol": "ISF", "sec_type": "STK", "currency": "GBP", "exchange": "SMART",
    "primary_exchange": "LSE", "local_symbol": "ISF", "trading_class": "", "long_name": "FTSE 100",
    "multiplier": D(1), "price_magnifier": 100, "min_tick": D("0.1"), "time_zone": "GB", "expiry": "",
    "strike": D(0), "right": "", "calendar": "XLON",
}  # fmt: skip


def told(**changes: Any) -> Contract | None:
    lookup = ask_lookup("ISF", currency="GBP")
    return answer_lookup(lookup.pk, Found(values={**PLAIN, **changes}, tick_steps=[["0", "0.1"]]))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"price_magnifier": 1}, {"multiplier": D(10)}, {"currency": "USD"}, {"min_tick": D("0.01")}],
)
def test_a_contract_that_is_not_what_it_was_is_refused_recorded_and_left_as_it_was(
    change: dict[str, Any],
) -> None:
    assert told() is not None
    assert told(**change) is None and told(**change) is None
    (name,) = change
    assert getattr(Contract.objects.get(), name) == PLAIN[name]
    assert contracts_by_symbol(["ISF"]) == {}
    (row,) = open_changes()
    assert row.reason_code == "CONTRACT_CHANGED" and list(row.told) == [name]
    assert Entry.objects.filter(reason_code="CONTRACT_CHANGED").count() == 2


@pytest.mark.django_db
def test_a_changed_name_is_no_changed_contract() -> None:
    told()
    assert told(long_name="another name") is not None
    assert Contract.objects.get().long_name == "another name" and open_changes() == []


@pytest.mark.django_db
def test_when_the_broker_tells_the_old_figures_again_the_case_is_closed() -> None:
    told()
    told(price_magnifier=1)
    assert told() is not None
    assert open_changes() == [] and ContractChange.objects.get().settled_by == "broker"


@pytest.mark.django_db
def test_a_person_takes_the_change_over_with_a_reason_and_the_next_answer_counts() -> None:
    told()
    told(price_magnifier=1)
    (row,) = open_changes()
    with pytest.raises(ChangeRefused):
        take_over_change(row.pk, reason=" ", actor=RISK, now=clock.now())
    take_over_change(row.pk, reason="redenominated", actor=RISK, now=clock.now())
    assert not Contract.objects.get().confirmed
    found = told(price_magnifier=1)
    assert found is not None and (found.confirmed, found.price_magnifier) == (True, 1)
    assert Entry.objects.get(verb="take_over_change").before == {"price_magnifier": "100"}


@pytest.mark.django_db
def test_every_contract_is_asked_for_again_once_a_day() -> None:
    told()
    assert ask_old_again(clock.now() + timedelta(hours=2)) == 0
    assert ask_old_again(clock.now() + timedelta(hours=21)) == 1
    assert Lookup.objects.get().state == Lookup.ASKED


def test_a_description_that_the_broker_did_not_have_is_asked_for_again_while_the_books_wait(
    stations: Stations,
) -> None:
    contract = stations.contract("MES", confirmed=False)
    now = clock.now()
    lookup = answer_lookup_of(contract, "the broker knows no such contract")
    assert ask_refused_again(now + timedelta(minutes=50)) == 0
    with override_settings(CLOCK=clock_line(now + timedelta(minutes=61))):
        keep_books(clock.now())
        lookup.refresh_from_db()
        assert lookup.state == Lookup.ASKED
        answer_lookup(lookup.pk, "it still knows none")
    contract.confirmed = True  # described by now: a refusal is another matter
    contract.save()
    assert ask_refused_again(now + timedelta(hours=9)) == 0


def answer_lookup_of(contract: Contract, problem: str) -> Lookup:
    lookup = ask_description(contract, clock.now())
    answer_lookup(lookup.pk, problem)
    return lookup
