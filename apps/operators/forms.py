"""The forms of the second factor, so that every code counts once and guessing slows down one place only."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.ratelimit import clear
from allauth.mfa.base.forms import AuthenticateForm

from apps.operators.actions.spend_code import spend_code
from apps.operators.adapters import may_try, place_of


class CodeForm(AuthenticateForm):
    """At the door, after the password."""

    def clean_code(self) -> str:
        request, code = context.request, str(self.cleaned_data["code"])
        if not may_try(request, self.user):
            raise get_adapter().validation_error("too_many_login_attempts")
        found = spend_code(self.user, code)
        if found is None:
            raise get_adapter().validation_error("incorrect_code")
        found.user = self.user
        self.authenticator: Any = found
        clear(request, action="login_failed", key=f"{place_of(request)}:code:{self.user.pk}")
        return code
