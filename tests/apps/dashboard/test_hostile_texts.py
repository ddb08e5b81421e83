"""J7: what strangers write (a ticker, a reference, an error) is shown as text and never as anything else."""

import csv
import io
import json
import logging
from typing import Any

import pytest
import structlog
from django.conf import settings as standing
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from apps.approvals.models import Request
from apps.broker.models import LinkState, Order
from apps.desks.models import Strategy
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.market.models import Contract
from apps.plans.models import Plan
from apps.tickets.models import Ticket
from tests.played_day import PlayedDay

TAG = "<img src=x onerror=alert(1)>"
QUOTED = "\"'><script>alert(2)</script>"
CELL = "=cmd|' /C calc'!A0"
PAGES = (
    "/", "/review/", "/review/3/", "/orders/", "/positions/", "/books/", "/plans/", "/plans/1/", "/plans/2/",
    "/risk/", "/strategies/", "/journal/", "/system/", "/alarms/", "/execution/", "/scorecard/",
    "/shell/banner/", "/shell/header/", "/reconciliation/?rows=all",
)  # fmt: skip


def past_the_guards(model: Any, **values: str) -> None:
    """Straight into the table, as an importer with a hole would have let it in."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    fits = {name: text[: model._meta.get_field(name).max_length] for name, text in values.items()}
    model.objects.update(**fits)


@pytest.fixture
def hostile(day: PlayedDay, ann: User) -> PlayedDay:
    with transaction.atomic():
        past_the_guards(Contract, symbol=TAG, local_symbol=TAG)
        past_the_guards(Order, order_ref=TAG, symbol=TAG, why_held=TAG)
        past_the_guards(Ticket, reason_code=TAG)
        past_the_guards(Plan, file_name=f"{QUOTED}.csv", author=TAG)
        past_the_guards(Request, reason=QUOTED, phase_reason=QUOTED)
        past_the_guards(Strategy, title=TAG)
        past_the_guards(LinkState, state="not_ready", reason=QUOTED, reason_code=TAG)
        write_entry(
            "refuse_order",
            subject=ann,
            actor=Actor("user", TAG),
            reason=QUOTED,
            after={TAG: QUOTED},
            topics=("journal",),
        )
    return day


def test_no_page_hands_a_strangers_markup_to_the_browser(client: Client, hostile: PlayedDay) -> None:
    shown = 0
    for path in PAGES:
        answer = client.get(path)
        text = answer.content.decode()
        assert "<img src=x" not in text and "<script>alert" not in text, path
        assert answer.status_code == 200 and "'unsafe-inline'" not in answer["Content-Security-Policy"], path
        shown += text.count("&lt;img src=x") + text.count("&lt;script&gt;alert")
    assert shown >= 6  # they were there to be escaped
    for path in (
        "/journal/?q=",
        "/orders/?q=",
        "/plans/?q=",
        "/reconciliation/?rows=",
    ):  # typed there
        text = client.get(path + "%22%3E%3Cscript%3Ealert(2)%3C/script%3E").content.decode()
        assert "<script>alert" not in text, path


def test_no_cell_of_the_export_is_a_formula(client: Client, day: PlayedDay, ann: User) -> None:
    for mark in ("=", "+", "-", "@", "\t", "\r"):
        with transaction.atomic():
            past_the_guards(Contract, symbol=f"{mark}{CELL}")
        whole = b"".join(client.get("/orders/orders.csv").streaming_content).decode()
        rows = list(csv.reader(io.StringIO(whole, newline="")))
        assert len(rows) > 1 and any(cell.startswith(f"'{mark}") for row in rows for cell in row)
        for cell in (cell for row in rows[1:] for cell in row):
            assert not cell.startswith(("=", "@", "\t", "\r")), cell
            assert not cell.startswith(("+", "-")) or cell.replace(".", "").lstrip("+-").isdecimal(), cell


def test_a_line_of_the_log_is_one_line_whatever_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A text with line ends in it forges no second record."""
    renderer = logging.Formatter
    formatter = standing.LOGGING["formatters"]["line"]
    made = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
    )
    assert isinstance(made, renderer)
    forged = 'gone\n{"event": "request_approved", "level": "info"}\r\n\x1b[2J'
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, forged, None, None)
    line = made.format(record)
    assert "\n" not in line and "\r" not in line and "\x1b" not in line
    assert json.loads(line)["event"] == forged
