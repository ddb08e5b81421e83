"""Become the one link that may speak to a gateway."""

from django.db import connection, transaction

from apps.broker.actions.open_session import close_left_open
from apps.broker.models import Lease
from apps.desks.models import Gateway
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor

ADVISORY_SPACE = 7311  # the first half of the advisory lock's key; the second is the gateway's


class LeaseHeld(Exception):
    """Another link holds it and is alive."""


@transaction.atomic
def take_lease(gateway: Gateway, holder: str) -> int:
    """The epoch that is ours from now on. Every older epoch can neither claim nor send.

    The advisory lock says that the last holder has lost its database connection: it can commit nothing more,
    and without a commit it sends nothing. So nobody has to wait until its last beat is old.
    """
    if not _lock_for_life(gateway.pk):
        raise LeaseHeld(f"another link is connected to the database for {gateway.name}")
    now = clock.now()
    Lease.objects.get_or_create(gateway=gateway)
    lease = Lease.objects.select_for_update().get(gateway=gateway)
    before = {"holder": lease.holder, "epoch": lease.epoch}
    # whoever was killed heard the broker until its last beat, and no longer
    close_left_open(gateway, lease.beat_at or now, "the link process ended without a word")
    lease.holder, lease.epoch, lease.beat_at = holder, lease.epoch + 1, now
    lease.save()
    write_entry(
        "take_lease",
        subject=lease,
        actor=Actor("link", holder),
        before=before,
        after={"holder": holder, "epoch": lease.epoch},
        topics=("link",),
    )
    return lease.epoch


def keep_lease(gateway_id: int, epoch: int) -> bool:
    """Beat once. False: somebody has taken a newer epoch, and this link must stop at once."""
    return bool(Lease.objects.filter(gateway_id=gateway_id, epoch=epoch).update(beat_at=clock.now()))


def release_lease(gateway_id: int, epoch: int) -> None:
    """Let the next link in without waiting for the lease to grow stale."""
    Lease.objects.filter(gateway_id=gateway_id, epoch=epoch).update(beat_at=None)


def _lock_for_life(gateway_id: int) -> bool:
    """A lock that dies with this database connection: two living links never both hold it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [ADVISORY_SPACE, gateway_id])
        return bool(cursor.fetchone()[0])
