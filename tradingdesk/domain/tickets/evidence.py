"""One callback of the broker, as it came: raw values, nothing concluded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.tickets.classifier import RequestKind


class EvidenceKind(StrEnum):
    """Which callback it was. SILENCE is the one we write ourselves: an answer did not come in time."""

    OPEN_ORDER = "open_order"
    ORDER_STATUS = "order_status"
    EXECUTION = "execution"
    COMPLETED_ORDER = "completed_order"
    ERROR = "error"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the fold reads. `status` is the gateway's own word, never a library's conclusion."""

    kind: EvidenceKind
    perm_id: int = 0
    status: str = ""
    why_held: str = ""
    total_quantity: Decimal | None = None
    filled: Decimal | None = None
    remaining: Decimal | None = None
    exec_id: str = ""
    shares: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    code: int = 0
    request_kind: RequestKind = RequestKind.PLACE
