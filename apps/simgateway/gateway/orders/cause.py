"""Why a batch of events came about: who asked for what."""

from dataclasses import dataclass

from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.orders.tickets import Ticket
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.order import WireOrder

Words = tuple[WireContract, WireOrder]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What a client asked; `kind` is empty when the market moved by itself."""

    kind: str = ""  # place modify cancel global
    subject: Ticket | None = None
    asker: Session | None = None
    before: Words | None = None  # of a change: the words until now
    after: Words | None = None  # and the ones asked for


BY_ITSELF = Cause()
