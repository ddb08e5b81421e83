"""The journal's values: who acts, on what, the record of it, and how its hash is taken."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.core.serializers.json import DjangoJSONEncoder

GENESIS = "0" * 64
# PostgreSQL's text holds no NUL and no half of a surrogate pair; a broker's message may.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

REASONS = {
    "JOURNAL_GAP": "A row of the journal is missing.",
    "JOURNAL_ORDER": "A row of the journal stands where another one was written.",
    "JOURNAL_LINK": "A row of the journal does not continue the one before it.",
    "JOURNAL_EDITED": "A row of the journal does not say what it said when it was written.",
    "JOURNAL_ANCHOR": "A row of the journal is not the one whose hash was noted down.",
    "JOURNAL_HEAD": "The journal's head does not fit its last row.",
}

ActorKind = Literal["user", "system", "token", "link"]


class RefusedOutsideTransaction(RuntimeError):
    """A journal line was to be written apart from the change it tells."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, a part of the desk, an API token, or the broker link."""

    kind: ActorKind
    name: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on: the kind as `app.model`, and its key."""

    kind: str
    id: str


SYSTEM = Actor("system", "desk")


@dataclass(frozen=True, slots=True)
class Record:
    """One journal line without its own hash."""

    sequence: int
    at: datetime
    actor_kind: str
    actor: str
    verb: str
    subject_kind: str
    subject_id: str
    account: str
    reason_code: str
    reason: str
    before: Any
    after: Any
    request_id: str
    previous_hash: str

    def digest(self) -> str:
        """Return SHA-256 over the canonical form: sorted keys, no spaces, UTC to the microsecond."""
        content = asdict(self) | {"at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}
        canonical = json.dumps(
            content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
        )
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def storable(value: Any) -> Any:
    """Return a value as the database will give it back, so that its hash can be taken again."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, float):
        # jsonb would rewrite 1e22 or 1.0E-7; a float that ends up here is read, not computed with.
        return repr(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [storable(entry) for entry in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return storable(DjangoJSONEncoder().default(value))
