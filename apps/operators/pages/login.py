"""Coming in with a password."""

from typing import Any

from django.contrib.auth.views import LoginView
from django.http import HttpResponse

from apps.operators.pages.asking import mark_proved


class Login(LoginView):
    """Whoever has just logged in has just proved who they are."""

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        mark_proved(self.request)
        return answer
