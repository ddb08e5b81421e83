"""Use up a code: an authenticator's or one from the recovery list, each of them once."""

import time
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction

PERIOD = 30
# A phone's clock may be half a minute off, and typing takes a while.
STEPS = (0, -1, 1)
LAST = "last_counter"


@transaction.atomic
def spend_code(user: Any, code: str) -> Authenticator | None:
    """Return what the code belongs to. Of an authenticator's codes only later ones than the last are good."""
    typed = code.replace(" ", "")
    rows = Authenticator.objects.select_for_update().filter(user_id=user.pk)
    for row in rows.exclude(type=Authenticator.Type.WEBAUTHN).order_by("-type"):
        if row.type == Authenticator.Type.TOTP:
            good = _spend_counter(row, typed)
        else:
            good = row.wrap().validate_code(typed)
        if good:
            return row
    return None


def spend_now(user: Any) -> None:
    """The code that switched an authenticator on is spent with it."""
    row = Authenticator.objects.select_for_update().get(user_id=user.pk, type=Authenticator.Type.TOTP)
    row.data[LAST] = int(time.time()) // PERIOD
    row.save(update_fields=["data"])


def _spend_counter(row: Authenticator, typed: str) -> bool:
    secret, now = decrypt(row.data["secret"]), int(time.time()) // PERIOD
    for counter in (now + step for step in STEPS):
        right = compare_user_code(actual=typed, expected=format_hotp_value(hotp_value(secret, counter)))
        if right and counter > row.data.get(LAST, 0):
            row.data[LAST] = counter
            row.save(update_fields=["data"])
            return True
    return False
