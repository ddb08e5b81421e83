"""As which system account the server runs. PostgreSQL refuses root, so root lends it another one."""

import os
import pwd
from dataclasses import dataclass
from typing import Any

from tradingdesk import env

LENT_BY_ROOT = ("nobody", "postgres")


class NoAccount(Exception):
    """Root found no account to lend to the server."""


@dataclass(frozen=True, slots=True)
class SystemAccount:
    """A uid and gid; `borrowed` when they are not the ones this process runs as."""

    name: str
    uid: int
    gid: int
    borrowed: bool

    def popen_options(self) -> dict[str, Any]:
        """Return what subprocess needs to run something as this account and nothing more."""
        if not self.borrowed:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> SystemAccount:
    """Return the account the server runs as: our own, unless we are root."""
    if os.geteuid() != 0:
        return SystemAccount(name=own_name(), uid=os.geteuid(), gid=os.getegid(), borrowed=False)
    wanted = env.text("TRADINGDESK_PG_USER")
    for name in (wanted,) if wanted else LENT_BY_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            raise NoAccount("TRADINGDESK_PG_USER must not be root: PostgreSQL refuses to run as root.")
        return SystemAccount(name=name, uid=entry.pw_uid, gid=entry.pw_gid, borrowed=True)
    raise NoAccount(
        f"PostgreSQL refuses to run as root and there is no account {wanted or ' or '.join(LENT_BY_ROOT)} to "
        "lend it. Name an existing one in TRADINGDESK_PG_USER, or set DATABASE_URL to a server of your own."
    )


def own_name() -> str:
    """Return the name of the account we run as; PostgreSQL starts under no nameless one."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise NoAccount(
            f"Uid {os.geteuid()} has no name on this machine, and PostgreSQL starts under no nameless "
            "account. Use a named one, or set DATABASE_URL to a server of your own."
        ) from None
