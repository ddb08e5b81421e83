"""allauth's pages that this desk uses, each at an address of ours; none of its others exists here."""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from apps.operators.pages.asking import ANYBODY, ONESELF, asks
from apps.operators.pages.prove import prove, prove_options

View = Callable[..., Any]


def door(view: View) -> View:
    """For whoever is not logged in yet."""
    return asks(ANYBODY)(login_not_required(view))


def own(view: View) -> View:
    return asks(ONESELF, enrolling=True)(view)


to_account = own(RedirectView.as_view(pattern_name="account"))

urlpatterns = [
    path("login/", door(account.login), name="account_login"),
    path("login/code/", door(mfa.authenticate), name="mfa_authenticate"),
    path("login/passkey/", door(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("login/closed/", door(account.account_inactive), name="account_inactive"),
    path("logout/", door(account.logout), name="account_logout"),
    path("prove/", own(prove), name="account_reauthenticate"),
    path("prove/passkey/", own(prove_options), name="prove-options"),
    path("account/password/", own(account.password_change), name="account_change_password"),
    path("account/password/first/", own(account.password_set), name="account_set_password"),
    path("account/factors/", to_account, name="mfa_index"),
    path("account/authenticator/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("account/authenticator/remove/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/recovery/", own(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/recovery/new/", own(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/passkeys/", to_account, name="mfa_list_webauthn"),
    path("account/passkeys/add/", own(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", own(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/passkeys/<int:pk>/name/", own(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
]
