"""The broker's statement of each day of the past: it comes the next morning, as a file like any other."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, tostring

from apps.broker.models import Evidence
from apps.broker.ports import PositionTold
from apps.desks.models import Account
from apps.journal.ports import Actor
from apps.ledger.actions.adopt import CASH_TAG
from apps.market.models import Session
from apps.reconciliation.intake.statement import take_statement
from apps.reconciliation.models import Statement
from apps.runbook.seed.moments import at
from apps.runbook.seed.planfile import NEW_YORK
from apps.runbook.seed.survey import Survey

FILER = Actor("system", "statement folder")
OVERNIGHT = timedelta(hours=14)  # from the close to the morning on which it is there


def state_day(
    account: Account, session: Session, found: Survey, *, still_to_earn: Decimal, until: datetime
) -> None:
    """What the broker told on that day, told once more: its trades with their fees, positions and cash."""
    morning = min(session.close_at + OVERNIGHT, until)
    if Statement.objects.filter(account=account, day=session.day).exists():
        return
    data = flex_of(account, session.day, found.positions, cash_of_evening(account, found, still_to_earn))
    with at(morning):
        take_statement(data, f"flex-{session.day}.xml", actor=FILER)


def cash_of_evening(account: Account, found: Survey, still_to_earn: Decimal) -> dict[str, Decimal]:
    """The broker's cash of today, less what the days after that one have earned."""
    return {
        told.currency: told.value - (still_to_earn if told.currency == account.base_currency else 0)
        for told in found.money
        if told.account == account.code and told.tag == CASH_TAG and told.currency != "BASE"
    }


def flex_of(account: Account, day: date, held: Iterable[PositionTold], cash: Mapping[str, Decimal]) -> bytes:
    root = Element("FlexQueryResponse", queryName="desk", type="AF")
    form = day.strftime("%Y%m%d")
    told = SubElement(
        SubElement(root, "FlexStatements", count="1"),
        "FlexStatement",
        accountId=account.code,
        fromDate=form,
        toDate=form,
    )
    trades, positions = SubElement(told, "Trades"), SubElement(told, "OpenPositions")
    sums = SubElement(told, "CashReport")
    for row in _trades(account, day):
        SubElement(trades, "Trade", row)
    for one in held:
        words = {"symbol": one.symbol, "conid": str(one.con_id), "position": f"{one.quantity:f}"}
        SubElement(positions, "OpenPosition", words)
    for currency, amount in cash.items():
        SubElement(sums, "CashReportCurrency", currency=currency, endingCash=f"{amount:f}")
    return tostring(root)


def _trades(account: Account, day: date) -> Iterable[dict[str, str]]:
    heard = Evidence.objects.filter(session__gateway=account.gateway, received_at__date=day)
    fees = dict(heard.filter(kind="commission").values_list("exec_id", "fields__body"))
    rows = heard.filter(kind="execDetails").order_by("pk").values_list("exec_id", "order_ref", "fields__body")
    for exec_id, reference, body in rows:
        yield {
            "symbol": body["symbol"],
            "conid": body["con_id"],
            "assetCategory": body["sec_type"],
            "currency": body["currency"],
            "exchange": body.get("venue", ""),
            "dateTime": _stated_time(body["time"]),
            "orderReference": reference,
            "ibExecID": exec_id,
            "buySell": "BUY" if body["side"] == "BOT" else "SELL",
            "quantity": body["quantity"],
            "tradePrice": body["price"],
            "ibCommission": f"-{fees[exec_id]['commission']}",
            "ibCommissionCurrency": fees[exec_id]["currency"],
            "levelOfDetail": "EXECUTION",
        }


def _stated_time(told: str) -> str:
    return datetime.fromisoformat(told).astimezone(NEW_YORK).strftime("%Y%m%d;%H%M%S")
