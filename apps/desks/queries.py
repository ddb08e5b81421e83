"""Reading the desk's set-up."""

from apps.desks.models import Account, Phase, Strategy
from apps.desks.ports import PHASES


def phase_of(strategy: Strategy, account: Account) -> str:
    """Return the phase of a pair; without a row it is the least trusted one."""
    found = Phase.objects.filter(strategy=strategy, account=account).values_list("phase", flat=True).first()
    return found or PHASES[0]


def enabled_accounts() -> list[Account]:
    """Return the accounts that may be traded, with their gateways."""
    return list(Account.objects.filter(enabled=True).select_related("gateway"))
