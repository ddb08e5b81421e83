"""Put a plan before people: frozen, hashed, with a time at which it lapses."""

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.approvals.models import Request
from apps.desks.models import Account, Strategy
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM
from apps.plans.models import Plan
from apps.risk.models import LimitSet
from tradingdesk.domain.approvals import (
    ApprovedContent,
    canonical_json,
    challenge,
    digest_of,
    expires_at,
)
from tradingdesk.domain.money import Reason

VALIDITY = timedelta(minutes=10)


@transaction.atomic
def open_request(
    plan: Plan,
    build: Callable[[str], ApprovedContent],
    *,
    account: Account,
    strategy: Strategy,
    phase: str,
    limit_set: LimitSet,
    notional: Decimal,
    shown: dict[str, Any],
    now: datetime,
    validity: timedelta = VALIDITY,
    counting: bool = False,
    why_stricter: Reason | None = None,
) -> Request:
    """`build` makes the content around a nonce, so that no two approvals ever have the same digest."""
    content = build(secrets.token_hex(8))
    canonical = canonical_json(content)
    digest = digest_of(canonical)
    request = Request.objects.create(
        plan=plan,
        account=account,
        strategy=strategy,
        phase=phase,
        phase_code=why_stricter.code if why_stricter else "",
        phase_reason=why_stricter.text if why_stricter else "",
        state=Request.COUNTING if counting else Request.PROPOSED,
        digest=digest,
        nonce=content.nonce,
        challenge=challenge(notional, digest),
        content=json.loads(canonical),
        order_count=len(content.orders),
        notional=notional,
        limit_set=limit_set,
        shown=shown,
        opened_at=now,
        expires_at=expires_at(now, content.cut_off, validity=validity),
        cutoff_at=content.cut_off,
    )
    write_entry(
        "open_request",
        subject=request,
        actor=SYSTEM,
        account=account.code,
        reason_code=request.phase_code,
        reason=request.phase_reason,
        after={
            "plan": plan.pk, "digest": digest, "orders": request.order_count, "notional": notional,
            "phase": phase,
        },
        topics=("review", "plans", "alerts"),
    )  # fmt: skip
    return request
