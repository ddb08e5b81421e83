"""Reading the desk's set-up."""

from datetime import datetime

from django.db.models import OuterRef, Subquery

from apps.desks.models import Account, Heartbeat, Phase, Strategy
from apps.desks.ports import PHASES


def phase_of(strategy: Strategy, account: Account) -> str:
    """Return the phase of a pair; without a row it is the least trusted one."""
    found = Phase.objects.filter(strategy=strategy, account=account).values_list("phase", flat=True).first()
    return found or PHASES[0]


def enabled_accounts() -> list[Account]:
    """Return the accounts that may be traded, with their gateways."""
    return list(Account.objects.filter(enabled=True).select_related("gateway").order_by("pk"))


def account_code(number: int) -> str | None:
    """The code of an account that may be traded."""
    return Account.objects.filter(enabled=True, pk=number).values_list("code", flat=True).first()


def strategies_with_phase(account: Account) -> list[tuple[Strategy, str]]:
    """Every strategy with how far it is trusted with an account."""
    phase = Phase.objects.filter(account=account, strategy=OuterRef("pk")).values("phase")
    return [
        (row, row.phase or PHASES[0])
        for row in Strategy.objects.order_by("pk").annotate(phase=Subquery(phase))
    ]


def strategy_names() -> list[str]:
    return list(Strategy.objects.order_by("pk").values_list("name", flat=True))


def strategy_of_system(system: int) -> Strategy | None:
    return Strategy.objects.filter(system=system).order_by("pk").first()


def last_beat(process: str) -> datetime | None:
    """When a process of that kind last showed that it lives."""
    return Heartbeat.objects.filter(process=process).values_list("beat_at", flat=True).first()


def beating_since(process: str) -> datetime | None:
    """Since when it has lived without a pause."""
    return Heartbeat.objects.filter(process=process).values_list("since", flat=True).first()
