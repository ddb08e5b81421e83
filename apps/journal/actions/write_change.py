"""Journal that a row was added or which of its columns changed."""

from typing import Any

from django.db.models import Model

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor


def fields_of(row: Model) -> dict[str, Any]:
    """Return the row's columns by name."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def write_change(
    row: Model,
    before: dict[str, Any] | None,
    *,
    actor: Actor,
    reason: str,
    topics: tuple[str, ...],
    account: str = "",
) -> None:
    """Journal what was added, or only the columns that changed; nothing if none did."""
    after = fields_of(row)
    if before is None:
        verb, old, new = "add", None, after
    else:
        changed = [name for name, value in after.items() if before[name] != value]
        if not changed:
            return
        verb, old, new = (
            "change",
            {name: before[name] for name in changed},
            {name: after[name] for name in changed},
        )
    write_entry(
        f"{verb}_{row._meta.model_name}",
        subject=row,
        actor=actor,
        reason=reason,
        account=account,
        before=old,
        after=new,
        topics=topics,
    )
