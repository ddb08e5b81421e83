"""Settings with which the desk refuses to start. A simulated desk may be careless; money may not."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from apps.operators.queries import weak_people
from tradingdesk import env

REAL_MODES = ("paper", "live")
SHORTEST_KEY = 40
SHORTEST_WINDOW = 60

Problem = tuple[str, str, Callable[[], bool], str]


def real() -> bool:
    return settings.MODE in REAL_MODES


def live() -> bool:
    return settings.MODE == "live"


def everywhere_reachable() -> bool:
    return "*" in settings.ALLOWED_HOSTS


PROBLEMS: tuple[Problem, ...] = (
    (
        "tradingdesk.E001",
        "The signing key is made up anew by each process.",
        lambda: real() and not settings.KEPT_SECRET_KEY,
        "Set SECRET_KEY or SECRET_KEY_FILE, or start with ./desk up, which keeps one.",
    ),
    (
        "tradingdesk.E002",
        "The signing key is too short to be a secret.",
        lambda: real() and 0 < len(settings.KEPT_SECRET_KEY) < SHORTEST_KEY,
        f"Use at least {SHORTEST_KEY} random characters.",
    ),
    (
        "tradingdesk.E003",
        "DEBUG is on in a desk that trades.",
        lambda: real() and settings.DEBUG,
        "Unset DEBUG.",
    ),
    (
        "tradingdesk.E004",
        "ALLOWED_HOSTS admits every host name.",
        lambda: real() and everywhere_reachable(),
        "Name the hosts under which the desk is reached.",
    ),
    (
        "tradingdesk.E005",
        "Live mode without a list of accounts.",
        lambda: live() and not settings.ACCOUNTS_ALLOWED,
        "Name the accounts this desk may trade in TRADINGDESK_ACCOUNTS.",
    ),
    (
        "tradingdesk.E006",
        "A simulated account is on the live list.",
        lambda: live() and any(code.startswith("D") for code in settings.ACCOUNTS_ALLOWED),
        "TRADINGDESK_ACCOUNTS must hold live accounts only.",
    ),
    (
        "tradingdesk.E008",
        "Live on the embedded database, and nobody said where its backups go.",
        lambda: live() and env.text("DATABASE_URL") == "" and env.text("TRADINGDESK_BACKUPS") == "",
        "Set TRADINGDESK_BACKUPS to a folder on another disk, or DATABASE_URL to a server that you back up.",
    ),
    (
        "tradingdesk.E007",
        "A walk window of less than a minute.",
        lambda: (SHORTEST_WINDOW if real() else 1) > settings.WALK_SECONDS,
        "Leave TRADINGDESK_WALK_SECONDS out, or set 60 or more.",
    ),
)


@checks.register("tradingdesk")
def unsafe_settings(
    app_configs: Sequence[object] | None = None, **_options: object
) -> list[checks.CheckMessage]:
    """Return every reason not to start."""
    return [checks.Error(text, hint=hint, id=code) for code, text, wrong, hint in PROBLEMS if wrong()]


def refuse_weak_people() -> None:
    """Where money is real, nobody comes in by a password that anybody would try first."""
    found = weak_people() if live() else []
    if found:
        raise ImproperlyConfigured(
            f"tradingdesk.E009: a password to be guessed: {', '.join(found)}. "
            "./desk person link NAME prints a link that sets another one."
        )


def refuse_unsafe_settings() -> None:
    """Stop a server process that Django's own start-up checks do not cover."""
    found = unsafe_settings()
    if found:
        raise ImproperlyConfigured("\n".join(f"{error.id}: {error.msg} {error.hint}" for error in found))
