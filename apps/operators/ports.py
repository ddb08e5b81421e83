"""Entering once by a link: only a simulated desk offers it."""

from dataclasses import dataclass

from django.contrib.auth.tokens import PasswordResetTokenGenerator

REASONS = {"ENTRY_NOT_SIMULATED": "Only a simulated desk offers a way in without a known password."}


class EntryTokens(PasswordResetTokenGenerator):
    """Tokens that die with the first login after them, because they hold the last one."""

    key_salt = "apps.operators.entry"


entry_tokens = EntryTokens()


class EntryRefused(Exception):
    """A desk that is not simulated lets nobody in without a password."""

    code = "ENTRY_NOT_SIMULATED"


@dataclass(frozen=True, slots=True)
class Entry:
    """A way into a simulated desk."""

    username: str
    password: str
    path: str
