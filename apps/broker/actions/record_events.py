"""Store what the broker said, and let every order, intent and ticket follow from it. One transaction."""

from collections.abc import Callable, Sequence

from django.db import transaction

from apps.broker.actions.halt_for_strangers import halt_for_strangers
from apps.broker.actions.repeats import news_only
from apps.broker.actions.settle_foreign import settle_foreign
from apps.broker.actions.settle_intents import settle_intents
from apps.broker.models import Evidence, LinkSession
from apps.broker.ports import Heard
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import insert_rows, rows_of

Booker = Callable[[Sequence[Evidence]], None]


@transaction.atomic
def record_events(session: LinkSession, heard: Sequence[Heard], *, book: Booker) -> list[Evidence]:
    """Append, fold, book. `book` is the ledger's door, in the same transaction."""
    finder = _Finder(session, heard)
    rows = [_row(session, item, intent_id) for item, intent_id in news_only(heard, finder.intent_of)]
    insert_rows(rows)
    halt_for_strangers(rows)
    if spoken_of := list(dict.fromkeys(row.intent_id for row in rows if row.intent_id)):
        settle_intents(spoken_of)
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


FOUND = """
    SELECT 'ref', order_ref, id, id FROM broker_intent WHERE order_ref = ANY(%(refs)s::text[])
    UNION ALL SELECT 'perm', perm_id::text, id, intent_id FROM broker_order
        WHERE gateway_id = %(gateway)s AND perm_id = ANY(%(perms)s::bigint[])
    UNION ALL SELECT 'id', order_id::text, id, id FROM broker_intent
        WHERE gateway_id = %(gateway)s AND client_id = %(client)s AND order_id = ANY(%(ids)s::bigint[])
    ORDER BY 3 DESC
"""


class _Finder:
    """Which intent a callback speaks of: by our reference first, then by permId, then by our own order id.

    An order id alone is ours only with our client id; errors carry none and only come for our own requests.
    Where there are two, it is the one that was made first.
    """

    def __init__(self, session: LinkSession, heard: Sequence[Heard]) -> None:
        self._client = session.gateway.client_id
        unnamed = [item for item in heard if not item.order_ref]
        asked = {
            "gateway": session.gateway_id,
            "client": self._client,
            "refs": list({item.order_ref for item in heard if item.order_ref}),
            "perms": list({item.perm_id for item in unnamed if item.perm_id}),
            "ids": list({item.order_id for item in unnamed if item.order_id}),
        }
        self._found: dict[tuple[str, str], int | None] = {
            (by, key): intent_id for by, key, _, intent_id in rows_of(FOUND, asked)
        }

    def intent_of(self, heard: Heard) -> int | None:
        if heard.order_ref:
            return self._found.get(("ref", heard.order_ref))
        if heard.perm_id and (found := self._found.get(("perm", str(heard.perm_id)))) is not None:
            return found
        if heard.order_id and heard.client_id in (None, self._client):
            return self._found.get(("id", str(heard.order_id)))
        return None
