"""What a re-reading says again. It adds nothing to what is believed, so it is not stored a second time.

Only rows of a list that we asked for are looked at, and only against what was last said of the same order: a
status that was said before something else is news when it is said again.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

from apps.broker.models import Evidence
from apps.broker.ports import Heard

_STATES = ("openOrder", "orderStatus", "completedOrder")
_FACTS = ("execDetails", "commission")
_LOOK_BACK = 12


def news_only(heard: Sequence[Heard], find: Callable[[Heard], int | None]) -> list[tuple[Heard, int | None]]:
    """What is to be stored, each with its intent."""
    paired = [(item, find(item)) for item in heard]
    said: dict[Any, list[tuple[str, Any, Any]]] = {}
    kept = []
    for item, intent_id in paired:
        subject = (intent_id, None if intent_id else item.perm_id)
        if item.kind in _STATES and subject != (None, None):
            words = said.setdefault(subject, _last_words(subject) if item.asked else [])
            if item.asked and _stands(words, item):
                continue
            words.insert(0, (item.kind, item.perm_id, item.body))
        elif item.asked and _is_stored(item):
            continue
        kept.append((item, intent_id))
    return kept


def _last_words(subject: tuple[int | None, int | None]) -> list[tuple[str, Any, Any]]:
    intent_id, perm_id = subject
    about = Q(intent_id=intent_id) if intent_id else Q(intent=None, perm_id=perm_id)
    rows = Evidence.objects.filter(about).exclude(kind__in=_FACTS).order_by("-pk")[:_LOOK_BACK]
    return [(row.kind, row.perm_id, row.fields.get("body")) for row in rows]


def _stands(words: Sequence[tuple[str, Any, Any]], item: Heard) -> bool:
    """It is the last thing of its kind that was said, and nothing but states was said since."""
    for kind, perm_id, body in words:
        if kind not in _STATES:
            return False
        if kind == item.kind:
            return bool((perm_id, body) == (item.perm_id, item.body))
    return False


def _is_stored(item: Heard) -> bool:
    """An execution is told once and for all; of a count and of a fee the last word stands."""
    rows = Evidence.objects.filter(kind=item.kind)
    if item.kind == "execDetails":
        return rows.filter(exec_id=item.exec_id, fields__body=item.body).exists()
    if item.kind == "commission":
        rows = rows.filter(exec_id=item.exec_id)
    elif item.kind == "position":
        rows = rows.filter(**{f"fields__body__{name}": item.body.get(name) for name in ("account", "con_id")})
    else:
        return False
    last = rows.order_by("-pk").first()
    return last is not None and bool(last.fields["body"] == item.body)
