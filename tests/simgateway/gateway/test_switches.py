"""Switches that are turned while the gateway runs."""

import pytest

from apps.simgateway.gateway.core import ControlRefused
from tests.simgateway.gateway.talk import House


@pytest.mark.parametrize(("name", "value"), [("step_ms", "100"), ("midnight_zone", "Europe/London")])
def test_what_is_read_at_the_start_is_refused_later_with_the_remedy(name: str, value: str) -> None:
    house = House()
    before = house.gateway.switches
    with pytest.raises(ControlRefused, match=f"start it with --switch {name}={value}"):
        house.turn("switch", name=name, value=value)
    assert house.gateway.switches == before
    assert house.turn("switch", name=name) == {name: getattr(before, name)}


def test_a_word_that_a_switch_does_not_know_is_refused_with_those_it_knows() -> None:
    with pytest.raises(ControlRefused, match="one of 10148, 161, 136, not 7"):
        House().turn("switch", name="cancel_refusal", value="7")


def test_the_price_band_acts_from_the_moment_it_is_turned() -> None:
    house = House()
    house.quote()
    client = house.connect()
    house.turn("switch", name="price_band_pct", value="50")
    client.limit(1, "120.00")
    house.turn("switch", name="price_band_pct", value="1")
    client.limit(2, "120.00")
    last = {row["id"]: row["status"] for row in client.told("orderStatus")}
    assert last == {"1": "Filled", "2": "Cancelled"}
