"""What the desk is told from outside: environment variables, NAME_FILE secrets, an optional .env file."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
MODES = ("sim", "paper", "live")
DATABASE_NAME = DATABASE_USER = "tradingdesk"
POSTGRES_SCHEMES = ("postgres", "postgresql")
# A unix socket's path holds 107 bytes; PostgreSQL adds "/.s.PGSQL.5432.lock" to the folder.
LONGEST_SOCKET_FOLDER = 85

environment = environ.FileAwareEnv()


def read_file_of_settings() -> None:
    """Take over what .env says; the real environment wins over it."""
    path = os.environ.get("TRADINGDESK_ENV_FILE", str(BASE_DIR / ".env"))
    if path and Path(path).is_file():
        environ.FileAwareEnv.read_env(path)


def text(name: str, default: str = "") -> str:
    """Return a variable, or the content of the file that NAME_FILE names, without surrounding space."""
    return str(environment.str(name, default)).strip()


def number(name: str, default: int) -> int:
    """Return a whole number, or say which variable is none."""
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes or no; anything else is refused, because a misspelt "no" must not mean yes."""
    value = text(name).lower()
    if value in ("",):
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return a comma-separated list."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def mode() -> str:
    """Return which kind of gateway this desk dials: sim, paper or live."""
    value = text("TRADINGDESK_MODE", "sim")
    if value not in MODES:
        raise ImproperlyConfigured(f"TRADINGDESK_MODE must be one of {', '.join(MODES)}, not {value!r}.")
    return value


def home() -> Path:
    """Return the folder that holds everything this desk keeps outside the database."""
    return Path(text("TRADINGDESK_HOME") or BASE_DIR / "var").absolute()


def clock_file() -> Path:
    """Where a simulated day's clock is kept, for a command given in another terminal."""
    return home() / "clock"


def clock() -> str:
    """Return the line of a simulated day's clock, or nothing for the wall's time."""
    kept = clock_file()
    return text("TRADINGDESK_CLOCK") or (kept.read_text() if mode() == "sim" and kept.is_file() else "")


def secret_key() -> str:
    """Return the signing key: the environment's, the one kept in the home, or nothing."""
    told = text("SECRET_KEY")
    kept = home() / "secret_key"
    if told or not kept.is_file():
        return told
    return kept.read_text().strip()


def database_home() -> Path:
    """Return where the embedded server lives; its own account must be able to walk there."""
    folder = home()
    if os.geteuid() != 0 or open_to_others(folder):
        return folder / "pg"
    return Path("/var/lib") / f"tradingdesk-{short_name(folder)}"


def open_to_others(folder: Path) -> bool:
    """Tell whether an account that owns nothing here can walk to the folder's parent."""
    for parent in folder.parents:
        if parent.exists() and not parent.stat().st_mode & stat.S_IXOTH:
            return False
    return True


def socket_folder() -> Path:
    """Return the folder of the server's socket: beside its data unless that path is too long for one."""
    folder = database_home() / "socket"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    return Path(tempfile.gettempdir()) / f"tradingdesk-{os.geteuid()}-{short_name(folder)}"


def short_name(folder: Path) -> str:
    """Return eight letters that stand for one path."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]


def database() -> dict[str, Any]:
    """Return Django's description of the one database: DATABASE_URL's, or the embedded server's."""
    url = text("DATABASE_URL")
    return parse_database_url(url) if url else embedded_database()


def embedded_database() -> dict[str, Any]:
    """Describe the embedded server; libpq itself reads the password from its file."""
    return {
        "ENGINE": "tradingdesk.postgres",
        "NAME": DATABASE_NAME,
        "USER": DATABASE_USER,
        "HOST": str(socket_folder()),
        "OPTIONS": {"passfile": str(database_home() / "pgpass")},
    }


def parse_database_url(url: str) -> dict[str, Any]:
    """Read a postgresql:// address, with a socket folder as ?host= if need be."""
    parts = urlsplit(url)
    if parts.scheme not in POSTGRES_SCHEMES:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql://. The desk leans on PostgreSQL's constraints, "
            "triggers and notifications; no other database will do."
        )
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "tradingdesk.postgres",
        "NAME": unquote(parts.path.lstrip("/")) or DATABASE_NAME,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(options.pop("port", "") or parts.port or ""),
        "OPTIONS": options,
    }
