"""Make and withdraw the tokens of programs."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.models import Token
from apps.operators.ports import SCOPES, TokenRefused
from apps.operators.queries import require

MARK = "tdk_"
GOOD_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, and its words, which nobody will see again."""

    token: Token
    words: str


@transaction.atomic
def issue_token(
    name: str,
    *,
    scopes: Sequence[str],
    actor: Actor,
    strategy: str = "",
    account: str = "",
    good_for: timedelta = GOOD_FOR,
) -> Issued:
    """256 random bits, kept as their SHA-256: what is that random needs no slow hash."""
    require(actor, "manage_tokens")
    if not name:
        raise TokenRefused("TOKEN_NAME_TAKEN", "a token needs a name of its own")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise TokenRefused(
            "TOKEN_SCOPE_UNKNOWN", f"scopes are {', '.join(SCOPES)}, not {', '.join(unknown)!r}"
        )
    if Token.objects.filter(name=name).exists():
        raise TokenRefused("TOKEN_NAME_TAKEN", f"there is a token called {name!r} already")
    words = MARK + secrets.token_urlsafe(32)
    now = clock.now()
    token = Token.objects.create(
        name=name,
        digest=digest_of(words),
        scopes=sorted(set(scopes)),
        strategy=strategy,
        account=account,
        made_at=now,
        made_by=actor.name,
        expires_at=now + good_for,
    )
    told = {"name": name, "scopes": token.scopes, "strategy": strategy, "account": account}
    write_entry("issue_token", subject=token, actor=actor, after=told, topics=("people",))
    return Issued(token, words)


@transaction.atomic
def revoke_token(token: Token, *, actor: Actor, reason: str = "") -> None:
    """From the next request on it opens nothing."""
    require(actor, "manage_tokens")
    revoked = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now())
    if revoked:
        write_entry("revoke_token", subject=token, actor=actor, reason=reason, topics=("people",))


def token_of(words: str) -> Token | None:
    """The living token that these words are, and a note that it was used."""
    now = clock.now()
    token = Token.objects.filter(digest=digest_of(words), revoked_at=None, expires_at__gt=now).first()
    if token is not None:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return token


def digest_of(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
