"""Take order ids for good. The mark only rises, whatever the gateway announces after a restart."""

from apps.broker.models import LinkSession, OrderIdMark
from apps.desks.models import Gateway

HIGHEST = 1_499_999_999  # request numbers live above


class IdsUsedUp(Exception):
    """The next order id would be taken for a request's number."""


def take_order_ids(gateway: Gateway, count: int) -> int:
    """The first of `count` ids in a row, all above any id that was used or announced. Locks the mark."""
    OrderIdMark.objects.get_or_create(gateway=gateway, client_id=gateway.client_id)
    mark = OrderIdMark.objects.select_for_update().get(gateway=gateway, client_id=gateway.client_id)
    announced = LinkSession.objects.filter(gateway=gateway).order_by("-pk").first()
    first = max(mark.highest + 1, (announced.next_valid_id or 1) if announced else 1)
    if first + count > HIGHEST:
        raise IdsUsedUp(f"order id {first} is too high; reset the gateway's order ids")
    mark.highest = first + count - 1
    mark.save(update_fields=["highest"])
    return first
