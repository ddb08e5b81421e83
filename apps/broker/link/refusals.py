"""Why a link is not ready, or no longer."""

from apps.broker.actions.halt_for_strangers import halt_for_unknown_name
from apps.broker.link.link import Link
from apps.broker.link.snapshots import Seen
from apps.broker.queries import ours_at_the_broker


class NotReady(Exception):
    """The socket is open, or was, but nothing may be sent through it."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


async def refuse_newer_broker(link: Link, seen: Seen) -> None:
    """The broker holds orders under our name that our tables do not: an old backup, or a second desk."""
    strangers = await link.db.run(ours_at_the_broker, seen.refs, link.instance)
    if strangers:
        await link.db.run(halt_for_unknown_name, strangers)
        raise NotReady(
            "BROKER_KNOWS_MORE",
            f"the broker holds {len(strangers)} orders of ours that the database lacks, first {strangers[0]}",
        )
