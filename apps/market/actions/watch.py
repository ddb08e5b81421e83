"""Ask for quotes of contracts until then; the link subscribes to what is watched."""

from collections.abc import Iterable
from datetime import timedelta

from apps.desks.models import Gateway
from apps.journal import clock
from apps.market.models import Watch


def watch(gateway: Gateway, contract_ids: Iterable[int], how_long: timedelta) -> None:
    until = clock.now() + how_long
    Watch.objects.bulk_create(
        [Watch(gateway=gateway, contract_id=one, wanted_until=until) for one in dict.fromkeys(contract_ids)],
        update_conflicts=True,
        unique_fields=["gateway", "contract"],
        update_fields=["wanted_until"],
    )
