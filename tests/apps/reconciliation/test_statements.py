"""The broker's statement, the third side: read whole or refused whole, compared with its day's books."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from apps.journal.models import Entry
from apps.ledger.models import CashEntry, Fill, StatedFee
from apps.ledger.rebuilding import differences
from apps.market.queries import value_marks
from apps.reconciliation.actions.act_on_break import act_on_break
from apps.reconciliation.intake.flex import FlexRefused, read_flex
from apps.reconciliation.intake.statement import StatementRefused, take_statement
from apps.reconciliation.models import Break, Run, Statement
from apps.runbook.statements import take_statements
from tests.apps.reconciliation.told import Broker, worth
from tests.builders import make_sessions
from tests.stations import ADMIN, Stations, clock_line
from tradingdesk.domain.reconciliation import Act

TRADE = (
    '<Trade symbol="WEC" conid="{con_id}" assetCategory="STK" ibExecID="{exec_id}" buySell="BUY" '
    'quantity="30" tradePrice="{price}" ibCommission="{fee}" ibCommissionCurrency="USD" '
    'levelOfDetail="EXECUTION"/>'
)
POSITION = '<OpenPosition symbol="WEC" conid="{con_id}" position="30" markPrice="100"/>'
CASH = '<CashReportCurrency currency="USD" endingCash="{cash}"/>'


def flex(
    *,
    trades: str = "",
    positions: str = "",
    cash: str = "",
    account: str = "DU1000001",
    first: str = "20261118",
    last: str = "",
) -> bytes:
    return (
        f'<FlexQueryResponse queryName="desk" type="AF"><FlexStatements count="1">'
        f'<FlexStatement accountId="{account}" fromDate="{first}" toDate="{last or first}">'
        f"<Trades>{trades}</Trades><OpenPositions>{positions}</OpenPositions>"
        f'<CashReport><CashReportCurrency currency="BASE_SUMMARY" endingCash="9"/>{cash}</CashReport>'
        "</FlexStatement></FlexStatements></FlexQueryResponse>"
    ).encode()


@pytest.mark.parametrize(
    ("data", "code", "names"),
    [
        (b"<FlexQueryResponse>", "STATEMENT_NOT_XML", "line 1"),
        (b"PK\x03\x04", "STATEMENT_NOT_XML", "XML format"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><FlexQueryResponse/>', "STATEMENT_ENTITIES", "DOCTYPE, line 1"),
        (b"<html/>", "STATEMENT_NOT_FLEX", "html, line 1"),
        (b"<FlexQueryResponse/>", "STATEMENT_NOT_FLEX", "Activity Flex Query"),
        (flex(last="20261119"), "STATEMENT_SPANS_DAYS", "Last Business Day"),
        (flex(trades="<Trade buySell='BUY' quantity='1'/>"), "STATEMENT_FIELD_MISSING", "ibExecID"),
        (flex(cash=CASH.format(cash="a lot")), "STATEMENT_FIELD_BAD", "CashReportCurrency, line 1"),
        (flex().replace(b"OpenPositions", b"Other"), "STATEMENT_SECTION_MISSING", "OpenPositions"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_element_and_what_to_do(
    data: bytes, code: str, names: str
) -> None:
    with pytest.raises(FlexRefused) as refused:
        read_flex(data)
    assert refused.value.code == code and names in str(refused.value), str(refused.value)
    assert refused.value.remedy


def test_a_bomb_of_entities_is_refused_before_it_is_lit() -> None:
    lines = "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 40))
    began = time.process_time()
    with pytest.raises(FlexRefused):
        read_flex(
            f'<!DOCTYPE b [<!ENTITY a0 "ha">{lines}]><FlexQueryResponse>&a39;</FlexQueryResponse>'.encode()
        )
    assert time.process_time() - began < 1


def test_sums_and_orders_of_the_same_trades_are_not_executions() -> None:
    row = TRADE.format(con_id=1, exec_id="1.2.3", price="9", fee="-1")
    days = read_flex(flex(trades=row + row.replace('"EXECUTION"', '"SYMBOL_SUMMARY"')))
    assert len(days[0].executions) == 1 and days[0].executions[0]["commission"] == "1"


@pytest.fixture
def broker(stations: Stations) -> Broker:
    """A million taken over in the morning, then thirty shares at 100 with a dollar of commission."""
    found = Broker(stations)
    found.tell(money=worth("1000000"))
    found.adopt_opening()
    found.rest()
    stations.quote("WEC")
    stations.executed("00e1.E1.01", "30", perm_id=9, time=found.now.isoformat())
    stations.hear("commission", exec_id="00e1.E1.01", commission="1.00", currency="USD")
    found.rest()
    return found


def statement_of(broker: Broker, **changes: str) -> bytes:
    said = {"exec_id": "00e1.E1.01", "price": "100", "fee": "-1.00", "cash": "996999.00"} | changes
    said["con_id"] = str(broker.stations.contract("WEC").con_id)
    return flex(trades=TRADE.format(**said), positions=POSITION.format(**said), cash=CASH.format(**said))


def test_a_day_on_which_all_three_sides_agree_opens_nothing(broker: Broker) -> None:
    take_statement(statement_of(broker), "day.xml", actor=ADMIN)
    run = Run.objects.get(about=Run.STATEMENT)
    assert (run.level, run.differences) == (Run.PASS, 0), list(
        Break.objects.values("title", "ours", "theirs")
    )
    assert Statement.objects.get().run == run


def test_each_difference_of_the_statement_becomes_a_case_of_its_own(broker: Broker) -> None:
    take_statement(statement_of(broker, fee="-1.35", cash="996998.65"), "day.xml", actor=ADMIN)
    cases = {case.kind: case for case in Break.objects.all()}
    assert set(cases) == {"EXECUTION_TERMS", "CASH_AMOUNT"}
    assert (cases["EXECUTION_TERMS"].ours, cases["EXECUTION_TERMS"].theirs) == ("fee 1.00", "fee 1.35")
    assert cases["CASH_AMOUNT"].size == Decimal("0.35")
    assert {case.source for case in cases.values()} == {"statement 2026-11-18"}
    take_statement(statement_of(broker), "corrected.xml", actor=ADMIN)
    assert not Break.objects.exclude(state="closed").exists(), "a corrected statement closes them"


def test_a_commission_that_is_ruled_by_the_statement_restates_the_books_in_sight(broker: Broker) -> None:
    take_statement(statement_of(broker, fee="-1.3517", cash="996998.65"), "day.xml", actor=ADMIN)
    case = Break.objects.get(kind="EXECUTION_TERMS")
    act_on_break(case.pk, Act.ADOPT, actor=ADMIN, now=broker.now, reason="their invoice")
    fill = Fill.objects.get()
    assert (fill.commission, fill.commission_currency) == (Decimal("1.3517"), "USD")
    fees = CashEntry.objects.filter(cause="fee").order_by("pk").values_list("amount", "reverses__amount")
    assert list(fees) == [(-1, None), (1, -1), (Decimal("-1.3517"), None)]
    line = Entry.objects.get(verb="state_fee")
    assert (line.actor, line.reason, line.before["commission"]) == ("admin", "their invoice", "1.000000")
    stated = StatedFee.objects.get()
    assert (stated.before, stated.amount, stated.by) == (1, Decimal("1.3517"), "admin")
    assert list(differences(broker.stations.account)) == []


def test_a_position_that_differs_on_that_day_is_sized_in_money(broker: Broker) -> None:
    data = statement_of(broker).replace(b'position="30"', b'position="34"')
    take_statement(data, "day.xml", actor=ADMIN)
    case = Break.objects.get()
    assert (case.kind, case.ours, case.theirs) == ("POSITION_QUANTITY", "30", "34")
    (mark,) = value_marks([broker.stations.contract("WEC").pk]).values()
    assert case.size == 4 * mark.price


def test_what_the_link_reads_again_does_not_undo_the_statement_s_word(broker: Broker) -> None:
    take_statement(statement_of(broker, fee="-1.35", cash="996998.65"), "day.xml", actor=ADMIN)
    case = Break.objects.get(kind="EXECUTION_TERMS")
    act_on_break(case.pk, Act.ADOPT, actor=ADMIN, now=broker.now, reason="their invoice")
    broker.stations.hear("commission", exec_id="00e1.E1.01", commission="1.00", currency="USD")
    assert Fill.objects.get().commission == Decimal("1.35")
    with pytest.raises(IntegrityError), transaction.atomic():
        StatedFee.objects.update(amount=0)


def test_a_fill_that_never_reached_us_shows_in_the_statement(broker: Broker) -> None:
    Fill.objects.filter(exec_id="00e1.E1.01").update(exec_root="00e1.E9", exec_id="00e1.E9.01")
    take_statement(statement_of(broker), "day.xml", actor=ADMIN)
    kinds = sorted(Break.objects.values_list("kind", flat=True))
    assert kinds == ["EXECUTION_OURS_ONLY", "EXECUTION_THEIRS_ONLY"]


EVENING = "2026-11-18T23:30:00+00:00"  # a future's next session has begun


@pytest.fixture
def late(broker: Broker) -> Iterator[tuple[str, str]]:
    """Twenty more after the close: both trades' lines. The next day has dawned."""
    make_sessions(date(2026, 11, 18))
    broker.stations.executed("00e1.E2.01", "20", perm_id=9, time=EVENING)
    broker.stations.hear("commission", exec_id="00e1.E2.01", commission="1.00", currency="USD")
    con_id = str(broker.stations.contract("WEC").con_id)
    said = {"con_id": con_id, "price": "100", "fee": "-1.00"}
    first = TRADE.format(exec_id="00e1.E1.01", **said)
    second = TRADE.format(exec_id="00e1.E2.01", **said).replace('"30"', '"20"')
    with override_settings(CLOCK=clock_line(datetime(2026, 11, 20, 12, tzinfo=UTC))):
        yield first, second


def take(broker: Broker, day: str, trades: str, *, held: int, cash: str) -> list[str]:
    """The statement of a day; what it opened, by kind."""
    con_id = broker.stations.contract("WEC").con_id
    positions = POSITION.format(con_id=con_id).replace('"30"', f'"{held}"')
    data = flex(trades=trades, positions=positions, cash=CASH.format(cash=cash), first=day)
    take_statement(data, f"{day}.xml", actor=ADMIN)
    return list(Break.objects.exclude(state="closed").values_list("kind", flat=True))


@pytest.mark.parametrize("named", ["18", "19"])
def test_what_trades_after_the_close_may_stand_in_either_day_s_statement(
    broker: Broker, late: tuple[str, str], named: str
) -> None:
    """A future's evening is the next day's by the broker, a share's is not; our books keep the date."""
    both, rest = "".join(late), {"held": 50, "cash": "994998.00"}
    if named == "18":
        assert take(broker, "20261118", both, **rest) == []
        assert take(broker, "20261119", "", **rest) == []
    else:
        assert take(broker, "20261118", late[0], held=30, cash="996999.00") == []
        assert take(broker, "20261119", late[1], **rest) == []


def test_an_evening_s_trade_that_neither_statement_names_is_asked_of_the_later_one(
    broker: Broker, late: tuple[str, str]
) -> None:
    assert take(broker, "20261118", late[0], held=30, cash="996999.00") == []
    found = take(broker, "20261119", "", held=30, cash="996999.00")
    assert sorted(found) == ["CASH_AMOUNT", "EXECUTION_OURS_ONLY", "POSITION_QUANTITY"]


def test_nothing_is_asked_of_a_statement_when_the_one_before_was_never_taken(
    broker: Broker, late: tuple[str, str]
) -> None:
    assert take(broker, "20261119", "", held=50, cash="994998.00") == []


def test_the_same_bytes_twice_change_nothing(broker: Broker) -> None:
    data = statement_of(broker, fee="-2.00", cash="996998.00")
    take_statement(data, "day.xml", actor=ADMIN)
    told = take_statement(data, "again.xml", actor=ADMIN)
    assert "taken before" in told[0] and Statement.objects.count() == 1


@pytest.mark.parametrize("code", ["STATEMENT_ACCOUNT_UNKNOWN", "STATEMENT_NOT_YOURS"])
def test_a_statement_of_an_account_that_is_not_ones_own_is_refused(broker: Broker, code: str) -> None:
    data = flex(account="DU7654321") if code == "STATEMENT_ACCOUNT_UNKNOWN" else flex()
    with pytest.raises(StatementRefused) as refused:
        take_statement(data, "day.xml", actor=ADMIN, reach=lambda _account: False)
    assert refused.value.code == code and not Statement.objects.exists()


def test_files_in_the_folder_are_taken_or_put_aside_with_the_reason(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "good.xml").write_bytes(statement_of(broker))
    (tmp_path / "bad.xml").write_bytes(b"<html/>")
    (tmp_path / "young.xml").write_bytes(b"<html/>")
    for name in ("good.xml", "bad.xml"):
        os.utime(tmp_path / name, (time.time() - 60, time.time() - 60))
    told = take_statements(broker.now, tmp_path)
    assert "0 differ" in told and "bad.xml refused" in told
    assert (tmp_path / "taken" / "good.xml").exists() and (tmp_path / "young.xml").exists()
    assert "STATEMENT_NOT_FLEX" in (tmp_path / "refused" / "bad.txt").read_text()
