"""Let somebody in by a link that works once."""

from django.conf import settings
from django.contrib.auth.models import User, update_last_login
from django.db import transaction
from django.utils.http import urlsafe_base64_decode

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.ports import entry_tokens


@transaction.atomic
def enter_once(key: str, token: str) -> User | None:
    """Return whose link it is and spend it; nothing if it is spent or made up, or money is real."""
    if settings.MODE != "sim":
        return None
    try:
        number = int(urlsafe_base64_decode(key))
    except ValueError:
        return None
    user = User.objects.select_for_update().filter(pk=number, is_active=True).first()
    if user is None or not entry_tokens.check_token(user, token):
        return None
    update_last_login(User, user)
    write_entry("enter_once", subject=user, actor=Actor("user", user.get_username()), topics=("people",))
    return user
