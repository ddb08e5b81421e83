"""Words and rules of coming in: the link that works once, and what a program's token may do."""

from dataclasses import dataclass

from django.contrib.auth.tokens import PasswordResetTokenGenerator

REASONS = {
    "ENTRY_NOT_SIMULATED": "Only a simulated desk offers a way in without a known password.",
    "TOKEN_SCOPE_UNKNOWN": "A token's scope is none of those there are.",
    "TOKEN_NAME_TAKEN": "Another token has this name.",
}

# What a program may be allowed.
SCOPES = {"plans:submit": "hand in plans"}


class EntryTokens(PasswordResetTokenGenerator):
    """Tokens that die with the first login after them, because they hold the last one."""

    key_salt = "apps.operators.entry"


entry_tokens = EntryTokens()


class EntryRefused(Exception):
    """A desk that is not simulated lets nobody in without a password."""

    code = "ENTRY_NOT_SIMULATED"


class TokenRefused(Exception):
    """A token that cannot be made, with its reason code."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Entry:
    """A way into a simulated desk."""

    username: str
    password: str
    path: str
