"""Words and rules about people: what their roles allow, how they come in, what a program's token may do."""

from dataclasses import dataclass
from typing import ClassVar

from django.contrib.auth.tokens import PasswordResetTokenGenerator

REASONS = {
    "ENTRY_NOT_SIMULATED": "Only a simulated desk offers a way in without a known password.",
    "TOKEN_SCOPE_UNKNOWN": "A token's scope is none of those there are.",
    "TOKEN_NAME_TAKEN": "Another token has this name.",
    "PERSON_MAY_NOT": "The person's roles or accounts do not allow it.",
    "PERSON_UNKNOWN": "There is no such person.",
    "PERSON_NAME_TAKEN": "Somebody has this name.",
    "ROLE_UNKNOWN": "There is no such role.",
    "PERSON_IS_ONESELF": "Nobody changes or shuts out themselves while another administrator can.",
    "PERSON_NAME_UNFIT": "A name has letters, digits and . _ - and is none of the desk's own.",
    "LAST_ADMIN": "Without this person nobody could let people in any more.",
    "SECOND_KIND_UNKNOWN": "Nothing of that kind waits for a second person.",
    "SECOND_UNEXPLAINED": "Whoever asks for a second person says why.",
    "SECOND_SAME_PERSON": "Whoever asked cannot be the second person.",
    "SECOND_DECIDED": "Somebody has decided it already.",
    "SECOND_EXPIRED": "It waited too long; ask again.",
}

VERBS = {
    "see": "see the desk",
    "propose": "hand in plans",
    "approve": "approve what waits for a decision",
    "reject": "reject what waits for a decision",
    "hold": "give a decision more time",
    "edit_plan": "make a plan smaller",
    "withdraw": "withdraw a plan",
    "cancel": "cancel orders",
    "send_now": "end a walk window early",
    "kill": "stop trading",
    "flatten": "close positions",
    "release_stop": "let trading go on after a stop",
    "resolve": "rule on an order whose fate is unknown",
    "work_breaks": "work the cases of the reconciliation and hand in statements",
    "change_limits": "change limits",
    "disable_breaker": "switch a breaker off for a while",
    "sign": "sign a session's report, or have it drawn up anew",
    "promote": "trust a strategy further",
    "demote": "trust a strategy less",
    "grant": "let a strategy run by itself for a while",
    "second": "be the second person",
    "manage_people": "manage people",
    "manage_tokens": "manage the tokens of programs",
    "settings": "change the desk's set-up",
    "acknowledge": "acknowledge alarms",
}
ROLES: dict[str, frozenset[str]] = {
    "viewer": frozenset({"see"}),
    "trader": frozenset(
        {
            "see", "propose", "approve", "reject", "hold", "edit_plan", "withdraw", "cancel", "send_now",
            "kill", "flatten", "resolve", "work_breaks", "demote", "acknowledge", "sign",
        }
    ),
    "risk": frozenset(
        {
            "see", "reject", "cancel", "kill", "flatten", "release_stop", "change_limits", "disable_breaker",
            "promote", "demote", "grant", "second", "acknowledge", "sign", "work_breaks",
        }
    ),
    "admin": frozenset(
        {
            "see", "cancel", "kill", "release_stop", "promote", "demote", "grant", "second", "manage_people",
            "manage_tokens", "settings", "acknowledge",
        }
    ),
}  # fmt: skip
ROLE_TEXTS = {
    "viewer": "sees everything, presses nothing",
    "trader": "hands in, decides on and cancels; changes no limit",
    "risk": "keeps limits and stops; approves nothing",
    "admin": "lets people in and sets the desk up; approves nothing",
}
# Who is at the simulated desk, one for each role, beside the newcomer who may do everything.
DEMO_PEOPLE = {"trader": "a.meyer", "risk": "n.kovac", "admin": "h.lang", "viewer": "v.ortiz"}
NEWCOMER, NEWCOMER_ROLES = "demo", ("trader", "risk", "admin")
# Names under which the desk itself acts.
OWN_NAMES = {"desk", "terminal", "web", "link", "worker", "system"}
# What waits for a second person, and which verb the first one needs; the second one needs "second".
SECONDS = {
    "change_limits": "change_limits",
    "release_stop": "release_stop",
    "promote": "promote",
    "grant": "grant",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may do, as the tables said a moment ago. Without a role that is nothing."""

    name: str = ""
    roles: tuple[str, ...] = ()
    accounts: frozenset[str] = frozenset()

    EVERY_ACCOUNT: ClassVar[str] = "*"

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset().union(*(ROLES[role] for role in self.roles if role in ROLES))

    def reaches(self, account: str) -> bool:
        return self.EVERY_ACCOUNT in self.accounts or account in self.accounts

    def may(self, verb: str, account: str = "") -> bool:
        """Default deny; with an account, that account must be within reach too."""
        return verb in VERBS and verb in self.verbs and (not account or self.reaches(account))


class NotAllowed(Exception):
    """A person asked for what their roles or accounts do not allow. Nothing was changed."""

    code = "PERSON_MAY_NOT"

    def __init__(self, name: str, verb: str, account: str = "") -> None:
        where = f" on {account}" if account else ""
        super().__init__(f"{name or 'nobody'} may not {VERBS.get(verb, verb)}{where}")


class PersonRefused(Exception):
    """A person who cannot be made or changed like that, with the reason code."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


class SecondRefused(Exception):
    """A second word that cannot be asked for or given, with the reason code."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


# What a program may be allowed.
SCOPES = {"plans:submit": "hand in plans"}


class EntryTokens(PasswordResetTokenGenerator):
    """Tokens that die with the first login after them, because they hold the last one."""

    key_salt = "apps.operators.entry"


class WelcomeTokens(PasswordResetTokenGenerator):
    """Tokens that die with the password they set."""

    key_salt = "apps.operators.welcome"


entry_tokens = EntryTokens()
welcome_tokens = WelcomeTokens()


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
