"""Store what the broker said, and let every order, intent and ticket follow from it. One transaction."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

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
    finder = _Finder(session, heard)
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
        topics=("orders", "alerts"),
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

    def __init__(self, session: LinkSession, heard: Sequence[Heard]) -> None:
        gateway, self._client = session.gateway_id, session.gateway.client_id
        mine = Intent.objects.filter(gateway_id=gateway, client_id=self._client)
        refs = {item.order_ref for item in heard if item.order_ref}
        unnamed = [item for item in heard if not item.order_ref]
        known = Order.objects.filter(gateway_id=gateway, perm_id__in=_known(row.perm_id for row in unnamed))
        self._by_ref = _first(Intent.objects.filter(order_ref__in=refs), "order_ref", "pk")
        self._by_perm = _first(known, "perm_id", "intent_id")
        self._by_id = _first(
            mine.filter(order_id__in=_known(row.order_id for row in unnamed)), "order_id", "pk"
        )

    def intent_of(self, heard: Heard) -> int | None:
        if heard.order_ref:
            return self._by_ref.get(heard.order_ref)
        if heard.perm_id and (found := self._by_perm.get(heard.perm_id)) is not None:
            return found
        if heard.order_id and heard.client_id in (None, self._client):
            return self._by_id.get(heard.order_id)
        return None


def _known(numbers: Iterable[int | None]) -> set[int]:
    return {number for number in numbers if number}


def _first(rows: QuerySet[Any], key: str, value: str) -> dict[Any, int | None]:
    """Of each key the row that was made first."""
    return dict(rows.order_by("-pk").values_list(key, value))
