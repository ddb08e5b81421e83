"""The first start lays what the settings name, once; a desk that is set up is left alone."""

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from apps.desks.models import Account, Gateway, Phase
from apps.journal.models import Entry
from apps.market.models import Session
from apps.risk.queries import limits_in_force

pytestmark = pytest.mark.django_db
PAPER = {
    "MODE": "paper",
    "GATEWAY_HOST": "127.0.0.1",
    "GATEWAY_PORT": 4002,
    "ACCOUNTS_ALLOWED": ["DU1234567"],
}


@override_settings(**PAPER)
def test_gateway_account_and_a_strategy_in_crawl_are_laid_once() -> None:
    call_command("set_up_desk")
    gateway = Gateway.objects.get()
    assert (gateway.name, gateway.port, gateway.mode) == ("paper", 4002, "paper")
    assert Account.objects.get().code == "DU1234567"
    assert list(Phase.objects.values_list("strategy__name", "phase")) == [("bracket-day", "crawl")]
    assert limits_in_force().version == 1 and Session.objects.exists()
    lines = Entry.objects.count()
    with override_settings(GATEWAY_PORT=7497):
        call_command("set_up_desk")
    assert Gateway.objects.get().port == 4002 and Entry.objects.count() == lines


@override_settings(**PAPER | {"ACCOUNTS_ALLOWED": []})
def test_without_an_account_nothing_is_laid_and_the_remedy_is_told() -> None:
    with pytest.raises(CommandError, match="Set TRADINGDESK_ACCOUNTS"):
        call_command("set_up_desk")
    assert not Gateway.objects.exists()


@override_settings(**PAPER | {"ACCOUNTS_ALLOWED": ["DU1234567", "U1234567"]})
def test_an_account_of_the_other_kind_is_refused_whole() -> None:
    with pytest.raises(CommandError):
        call_command("set_up_desk")
    assert not Account.objects.exists() and not Gateway.objects.exists()
