"""Whole sessions on the stepped clock: auctions, cut-offs, half days, the end of DAY orders."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from apps.simgateway.exchange.instant import to_datetime
from tests.simgateway.gateway.talk import Client, House

NAMES = (
    *("AAPL", "MSFT", "NVDA", "AMZN", "META", "TSLA", "AMD", "NFLX", "JPM", "XOM"),
    *("KO", "PEP", "WMT", "HD", "DIS", "BAC", "INTC", "CSCO", "SPY", "QQQ"),
)
EASTERN = ZoneInfo("US/Eastern")


def opened(day: str) -> tuple[House, Client]:
    """From 09:25 with twenty subscriptions, as a day played at 390 times its speed has them."""
    house = House(f"{day}T09:25 US/Eastern", step_ms=20_000)
    client = house.connect()
    for number, name in enumerate(NAMES):
        client.ask("reqMktData", id=1_000 + number, symbol=name)
    client.place(1, "BUY", 10, "MKT", symbol="MSFT", tif="OPG")
    client.place(2, "BUY", 10, "LMT", symbol="MSFT", limit="100")
    client.place(3, "BUY", 10, "LMT", symbol="MSFT", limit="100.00", tif="GTC")
    client.place(4, "SELL", 10, "STP", symbol="KO", aux="1")
    client.place(5, "BUY", 10, "MOC", symbol="JPM")
    return house, client


def executed(client: Client, order_id: int) -> list[str]:
    rows = [row for row in client.told("execDetails") if row["id"] == str(order_id)]
    return [row["time"][9:17] for row in rows]


def status(client: Client, order_id: int) -> str:
    return [row["status"] for row in client.told("orderStatus") if row["id"] == str(order_id)][-1]


def clock(house: House) -> datetime:
    return to_datetime(house.now).astimezone(EASTERN)


@pytest.mark.parametrize(
    ("day", "too_late", "close"),
    [
        pytest.param("2026-11-20", "15:50", "16:00:00", marks=pytest.mark.deep),
        ("2026-11-27", "12:50", "13:00:00"),
    ],
)
def test_a_session_from_bell_to_bell(day: str, too_late: str, close: str) -> None:
    house, client = opened(day)
    house.until(f"{day}T09:40 US/Eastern")
    assert executed(client, 1) == ["09:30:00"] and status(client, 2) == "Submitted"
    house.until(f"{day}T{too_late}:00 US/Eastern")
    client.place(6, "BUY", 10, "MOC", symbol="XOM")
    client.ask("cancelOrder", id=5)
    assert [row["code"] for row in client.told("error") if row["id"] == "6"] == ["201"]
    assert [row["code"] for row in client.told("error") if row["id"] == "5"] == ["10148"]
    house.until(f"{day}T{close[:5]}:30 US/Eastern")
    assert executed(client, 5) == [close] and status(client, 5) == "Filled"
    assert status(client, 2) == "Cancelled" and status(client, 4) == "Cancelled"
    assert status(client, 3) != "Cancelled"
    codes = [row["code"] for row in client.told("error") if row["id"] in "24"]
    assert codes == ["399", "399", "202", "202"], "they wait for the opening, and end with the session"
    told = {row["id"] for row in client.told("tickPrice")}
    assert told == {str(1_000 + number) for number in range(len(NAMES))}


@pytest.mark.deep
def test_an_moc_is_taken_until_its_cut_off() -> None:
    house, client = opened("2026-11-20")
    house.until("2026-11-20T15:49:59 US/Eastern")
    client.place(6, "BUY", 10, "MOC", symbol="XOM")
    house.until("2026-11-20T16:01 US/Eastern")
    assert executed(client, 6) == ["16:00:00"] and clock(house).minute == 1
