"""What-if questions of the approval card: which are open, and what the broker answered."""

from decimal import Decimal

from django.db import transaction

from apps.broker.actions.take_order_ids import take_order_ids
from apps.broker.models import Preview
from apps.broker.ports import Answer, Known, Placement, Refused
from apps.desks.models import Gateway
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import Part
from tradingdesk.domain.money.numbers import finite

_P = Part(Preview, "p")
ASKED = """
    FROM broker_preview p JOIN approvals_request r ON r.id = p.request_id
    JOIN desks_account a ON a.id = r.account_id
    WHERE p.state = 'asked' AND a.gateway_id = %s ORDER BY p.id LIMIT 3
"""


@transaction.atomic
def previews_to_ask(gateway_id: int) -> list[tuple[int, Placement]]:
    """Each takes an order id of its own: the gateway counts a what-if among the ids that were used."""
    rows = _P.rows(ASKED, [gateway_id])
    if not rows:
        return []
    gateway = Gateway.objects.get(pk=gateway_id)
    first = take_order_ids(gateway, len(rows))
    return [(row.pk, _placement(row, first + place)) for place, row in enumerate(rows)]


def _placement(preview: Preview, order_id: int) -> Placement:
    values = dict(preview.order)
    for name in ("quantity", "limit_price", "stop_price"):
        values[name] = None if values.get(name) is None else finite(values[name])
    return Placement(**values, order_id=order_id, order_ref="", transmit=True, what_if=True)


@transaction.atomic
def answer_preview(preview_id: int, answer: Answer[dict[str, str]]) -> None:
    """Silence, refusal and unset numbers all stay unknown, each in its own words; none of them is zero."""
    preview = Preview.objects.select_for_update(of=("self",)).select_related("request").get(pk=preview_id)
    preview.answered_at = clock.now()
    if isinstance(answer, Known) and answer.rows:
        told = answer.rows[0]
        preview.state = "known"
        preview.initial_margin_change = _number(told, "initial_margin_change")
        preview.maintenance_margin_change = _number(told, "maintenance_margin_change")
        preview.equity_after = _number(told, "equity_after")
        preview.commission = _number(told, "commission") or _number(told, "commission_high")
        preview.commission_currency = told.get("commission_currency", "")
        preview.problem = told.get("warning", "")
    else:
        preview.state = "unknown"
        preview.problem = f"{answer.code} {answer.text}" if isinstance(answer, Refused) else "no answer"
    preview.save()
    write_entry(
        "answer_preview",
        subject=preview,
        actor=Actor("link", "link"),
        reason=preview.problem,
        after={"state": preview.state, "initial_margin_change": preview.initial_margin_change},
        topics=("review",),
    )


def _number(told: dict[str, str], name: str) -> Decimal | None:
    return Decimal(told[name]) if name in told else None
