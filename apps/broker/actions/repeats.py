"""What a re-reading says again. It adds nothing to what is believed, so it is not stored a second time.

Only rows of a list that we asked for are looked at, and only against what was last said of the same order.
What was said before something that says otherwise is news when it is said again: a status before an error, an
end before a word that calls the order alive, and the reverse. But only if it was asked for after that: an
older list may have been written down before. A list of hundreds of orders is looked up in a handful of
statements: an order that somebody releases meanwhile waits for them.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from apps.broker.ports import Heard
from apps.journal.statements import rows_of
from tradingdesk.domain.tickets import tells_an_end

Subject = tuple[int | None, int | None]  # the intent, or the permId of an order that is not ours


class Word(NamedTuple):
    """One thing that was said of an order, by the broker or by ourselves."""

    kind: str
    perm_id: int | None
    body: Any
    at: datetime


_STATES = ("openOrder", "orderStatus", "completedOrder")
_FACTS = ("execDetails", "commission")
_LOOK_BACK = 12
_NOBODY: Subject = (None, None)

LAST_WORDS = """
    SELECT subject, kind, perm_id, body, received_at FROM (  -- a ruling, a word of our own, has no body
        SELECT {subject} AS subject, id, kind, perm_id, received_at, coalesce(fields->'body', 'null') AS body,
               row_number() OVER (PARTITION BY {subject} ORDER BY id DESC) AS place
        FROM broker_evidence WHERE {subject} = ANY(%s::bigint[]) AND {whose} AND NOT kind = ANY(%s)
    ) said WHERE place <= %s ORDER BY id DESC
"""
OURS = LAST_WORDS.format(subject="intent_id", whose="true")
OTHERS = LAST_WORDS.format(subject="perm_id", whose="intent_id IS NULL")
EXECUTIONS = """
    SELECT exec_id, fields->'body' FROM broker_evidence WHERE kind = 'execDetails' AND exec_id = ANY(%s)
"""
FEES = """
    SELECT DISTINCT ON (exec_id) exec_id, fields->'body' FROM broker_evidence
    WHERE kind = 'commission' AND exec_id = ANY(%s) ORDER BY exec_id, id DESC
"""
COUNTS = """
    SELECT told.account, told.con_id, e.body
    FROM unnest(%s::text[], %s::text[]) AS told (account, con_id) CROSS JOIN LATERAL (
        SELECT fields->'body' AS body FROM broker_evidence
        WHERE kind = 'position' AND fields->'body'->>'account' = told.account
          AND fields->'body'->>'con_id' = told.con_id
        ORDER BY id DESC LIMIT 1
    ) e
"""


def news_only(heard: Sequence[Heard], find: Callable[[Heard], int | None]) -> list[tuple[Heard, int | None]]:
    """What is to be stored, each with its intent."""
    paired = [(item, find(item)) for item in heard]
    said = _last_words({_subject(item, intent_id) for item, intent_id in paired if _is_asked_state(item)})
    stored = _stored_facts([item for item in heard if item.asked_at and item.kind not in _STATES])
    kept = []
    for item, intent_id in paired:
        subject = _subject(item, intent_id)
        if item.kind in _STATES and subject != _NOBODY:
            words = said.setdefault(subject, [])
            if item.asked_at and _stands(words, item, item.asked_at):
                continue
            words.insert(0, Word(item.kind, item.perm_id, item.body, item.at))
        elif item.asked_at and item.body in stored.get(_fact(item), ()):
            continue
        kept.append((item, intent_id))
    return kept


def _is_asked_state(item: Heard) -> bool:
    return item.asked_at is not None and item.kind in _STATES


def _subject(item: Heard, intent_id: int | None) -> Subject:
    return (intent_id, None if intent_id else item.perm_id)


def _last_words(subjects: Iterable[Subject]) -> dict[Subject, list[Word]]:
    """Of each order, what was said of it last, the newest first."""
    found: dict[Subject, list[Word]] = {}
    for place, statement in enumerate((OURS, OTHERS)):
        wanted = [subject[place] for subject in subjects if subject[place]]
        rows = rows_of(statement, [wanted, list(_FACTS), _LOOK_BACK]) if wanted else []
        for key, kind, perm_id, body, at in rows:
            subject = (None, key) if place else (key, None)
            found.setdefault(subject, []).append(Word(kind, perm_id, json.loads(body), at))
    return found


def _stands(words: Sequence[Word], item: Heard, asked_at: datetime) -> bool:
    """It is the last thing of its kind that was said, and nothing says otherwise that it could have known."""
    for word in words:
        if word.kind == item.kind:
            return bool((word.perm_id, word.body) == (item.perm_id, item.body))
        if word.at < asked_at and _says_otherwise(word, item):
            return False
    return False


def _says_otherwise(word: Word, item: Heard) -> bool:
    """No state at all, such as an error or a ruling; or an end beside what lives."""
    if word.kind not in _STATES:
        return True
    return tells_an_end(word.body.get("status", "")) is not tells_an_end(item.body.get("status", ""))


def _fact(item: Heard) -> tuple[str, ...]:
    if item.kind == "position":
        return (item.kind, str(item.body.get("account")), str(item.body.get("con_id")))
    return (item.kind, item.exec_id)


def _stored_facts(asked: Sequence[Heard]) -> dict[tuple[str, ...], list[Any]]:
    """An execution is told once and for all; of a count and of a fee the last word stands."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for kind, statement in (("execDetails", EXECUTIONS), ("commission", FEES)):
        if wanted := [item.exec_id for item in asked if item.kind == kind]:
            for exec_id, body in rows_of(statement, [wanted]):
                found.setdefault((kind, exec_id), []).append(json.loads(body))
    if counts := [_fact(item) for item in asked if item.kind == "position"]:
        _, accounts, con_ids = zip(*counts, strict=True)
        for account, con_id, body in rows_of(COUNTS, [list(accounts), list(con_ids)]):
            found["position", account, con_id] = [json.loads(body)]
    return found
