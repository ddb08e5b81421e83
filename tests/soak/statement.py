"""The broker's statement of a day, written from the gateway's own ledger: what the next morning brings."""

from datetime import date
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from apps.market.models import Contract
from apps.simgateway.exchange.instant import to_datetime
from tests.soak.processes import Processes
from tests.soak.truth import Truth

NEW_YORK = ZoneInfo("America/New_York")
SIDES = {"BOT": "BUY", "SLD": "SELL"}


def statement_of_today(desk: Processes, day: date) -> bytes:
    """Taken before the gateway's midnight, after which it knows the day's executions no more."""
    truth, form = Truth(desk), day.strftime("%Y%m%d")
    account = truth.account()
    root = Element("FlexQueryResponse", queryName="desk", type="AF")
    assert desk.account is not None
    told = SubElement(
        SubElement(root, "FlexStatements", count="1"),
        "FlexStatement", accountId=desk.account.code, fromDate=form, toDate=form,
    )  # fmt: skip
    trades, positions = SubElement(told, "Trades"), SubElement(told, "OpenPositions")
    sums, fees = SubElement(told, "CashReport"), truth.fees()
    references = {row["perm_id"]: row["reference"] for row in desk.turn("tickets")["tickets"]}
    symbols = {row.con_id: row.symbol for row in Contract.objects.all()}
    for exec_id, row in truth.prints().items():
        SubElement(
            trades, "Trade", ibExecID=exec_id, symbol=symbols[row["con_id"]], conid=str(row["con_id"]),
            assetCategory="STK", currency="USD", buySell=SIDES[row["side"]], quantity=str(row["shares"]),
            tradePrice=str(row["price"]), ibCommission=str(-fees[exec_id]), ibCommissionCurrency="USD",
            dateTime=to_datetime(row["at"]).astimezone(NEW_YORK).strftime("%Y%m%d;%H%M%S"),
            ibOrderID=str(row["perm_id"]), orderReference=references.get(row["perm_id"], ""),
            levelOfDetail="EXECUTION",
        )  # fmt: skip
    for con_id, held in account["positions"].items():
        if float(held["quantity"]):
            SubElement(
                positions,
                "OpenPosition",
                symbol=symbols[int(con_id)],
                conid=con_id,
                position=held["quantity"],
            )
    for currency, amount in account["cash"].items():
        SubElement(sums, "CashReportCurrency", currency=currency, endingCash=str(amount))
    return tostring(root)
