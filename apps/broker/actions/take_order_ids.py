"""Take order ids for good. The mark only rises, whatever the gateway announces after a restart."""

from apps.desks.models import Gateway
from apps.journal.statements import rows_of

HIGHEST = 1_499_999_999  # request numbers live above


class IdsUsedUp(Exception):
    """The next order id would be taken for a request's number."""


RAISE = """
    INSERT INTO broker_orderidmark AS mark (gateway_id, client_id, highest)
    SELECT %(gateway)s::bigint, %(client)s::int, announced.first - 1 + %(count)s::int FROM (
        SELECT coalesce((SELECT coalesce(next_valid_id, 1) FROM broker_linksession
            WHERE gateway_id = %(gateway)s ORDER BY id DESC LIMIT 1), 1) AS first) AS announced
    ON CONFLICT (gateway_id, client_id) DO UPDATE
        SET highest = greatest(mark.highest, excluded.highest - %(count)s::int) + %(count)s::int
    RETURNING highest
"""


def take_order_ids(gateway: Gateway, count: int) -> int:
    """The first of `count` ids in a row, all above any id that was used or announced. Locks the mark."""
    asked = {"gateway": gateway.pk, "client": gateway.client_id, "count": count}
    ((highest,),) = rows_of(RAISE, asked)
    first = int(highest) - count + 1
    if first + count > HIGHEST:
        raise IdsUsedUp(f"order id {first} is too high; reset the gateway's order ids")
    return first
