"""Store what the broker said, and let every order, intent and ticket follow from it. One transaction."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import QuerySet

from apps.broker.actions.halt_for_strangers import halt_for_strangers
from apps.broker.actions.repeats import news_only
from apps.broker.actions.settle_foreign import settle_foreign
from apps.broker.actions.settle_intent import settle_intent
from apps.broker.models import Evidence, Intent, LinkSession, Order
from apps.broker.ports import Heard
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor

Booker = Callable[[Sequence[Evidence]], None]


@transaction.atomic
def record_events(session: LinkSession, heard: Sequence[Heard], *, book: Booker) -> list[Evidence]:
    """Append, fold, book. `book` is the ledger's door, in the same transaction."""
    finder = _Finder(session)
    rows = [_row(session, item, intent_id) for item, intent_id in news_only(heard, finder.intent_of)]
    Evidence.objects.bulk_create(rows)
    halt_for_strangers(rows)
    for intent_id in dict.fromkeys(row.intent_id for row in rows if row.intent_id):
        settle_intent(intent_id)
    for row in _foreign(rows):
        settle_foreign(row)
    book(rows)
    return rows


def _foreign(rows: Sequence[Evidence]) -> list[Evidence]:
    """One row for each order that is not ours, one that names it: its fold reads all the others itself."""
    chosen: dict[int, Evidence] = {}
    for row in rows:
        if row.intent_id is None and row.perm_id:
            held = chosen.get(row.perm_id)
            if held is None or held.kind == "orderStatus":
                chosen[row.perm_id] = row
    return list(chosen.values())


@transaction.atomic
def record_unread(session: LinkSession, heard: Heard, why: str) -> None:
    """What could not be understood is kept as it came, and a person is told. Nothing follows from it."""
    row = _row(session, heard, None)
    row.kind, row.fields = "unread", {**row.fields, "said": heard.kind, "why": why}
    row.save()
    write_entry(
        "not_understood",
        subject=row,
        actor=Actor("link", "link"),
        reason_code="EVIDENCE_NOT_UNDERSTOOD",
        reason=why,
        after=heard.body,
        topics=("orders", "alarms"),
    )


def _row(session: LinkSession, heard: Heard, intent_id: int | None) -> Evidence:
    return Evidence(
        session=session,
        intent_id=intent_id,
        kind=heard.kind,
        order_id=heard.order_id,
        client_id=heard.client_id,
        perm_id=heard.perm_id,
        order_ref=heard.order_ref,
        exec_id=heard.exec_id,
        code=heard.code,
        fields={"body": heard.body, "raw": list(heard.raw)},
        received_at=heard.at,
    )


class _Finder:
    """Which intent a callback speaks of: by our reference first, then by permId, then by our own order id.

    An order id alone is ours only with our client id; errors carry none and only come for our own requests.
    """

    def __init__(self, session: LinkSession) -> None:
        self._gateway = session.gateway_id
        self._client = session.gateway.client_id

    def intent_of(self, heard: Heard) -> int | None:
        if heard.order_ref:
            return self._first(Intent.objects.filter(order_ref=heard.order_ref))
        if heard.perm_id:
            known = Order.objects.filter(gateway_id=self._gateway, perm_id=heard.perm_id)
            if (found := known.values_list("intent_id", flat=True).first()) is not None:
                return found
        if heard.order_id and heard.client_id in (None, self._client):
            mine = Intent.objects.filter(
                gateway_id=self._gateway, client_id=self._client, order_id=heard.order_id
            )
            return self._first(mine)
        return None

    @staticmethod
    def _first(intents: QuerySet[Intent]) -> int | None:
        return intents.values_list("pk", flat=True).first()
