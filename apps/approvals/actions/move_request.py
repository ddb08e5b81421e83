"""What may happen to a waiting request besides its decision: more time, a fresh look, a stricter phase."""

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.approvals.models import Request
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM, Actor
from apps.operators.queries import require
from apps.risk.models import LimitSet
from tradingdesk.domain.approvals import ApprovedContent, canonical_json, challenge, digest_of
from tradingdesk.domain.money import Reason

MORE_TIME = timedelta(minutes=10)


@transaction.atomic
def hold_request(request: Request, *, actor: Actor, now: datetime) -> Reason | None:
    """Ten minutes from now, within the cut-off. None: done."""
    require(actor, "hold", request.account.code)
    until = min(now + MORE_TIME, request.cutoff_at)
    if until <= request.expires_at:
        return Reason("APPROVAL_CUT_OFF", f"it is good until {request.expires_at:%H:%M:%S} UTC already")
    won = Request.objects.filter(
        pk=request.pk, state=Request.PROPOSED, row_version=request.row_version, expires_at__gt=now
    ).update(expires_at=until, held=request.held + 1)
    if not won:
        return Reason("REQUEST_CHANGED", "it was decided, it changed or it expired meanwhile")
    write_entry(
        "hold_request",
        subject=request,
        actor=actor,
        account=request.account.code,
        before={"expires_at": request.expires_at},
        after={"expires_at": until},
        topics=("review",),
    )
    return None


def freeze_again(
    request: Request,
    build: Callable[[str], ApprovedContent],
    *,
    limit_set: LimitSet,
    shown: dict[str, Any],
    why: Reason,
) -> None:
    """The same orders at the prices and limits of now, under a new digest and a new line to type.

    In the transaction that refused the approval: whoever wants it sent looks at it once more.
    """
    content = build(secrets.token_hex(8))
    canonical = canonical_json(content)
    digest = digest_of(canonical)
    before = request.digest
    request.nonce, request.digest, request.limit_set = content.nonce, digest, limit_set
    request.challenge = challenge(request.notional, digest)
    request.content = json.loads(canonical)
    request.shown, request.row_version = shown, request.row_version + 1
    request.save()
    write_entry(
        "freeze_again",
        subject=request,
        actor=SYSTEM,
        account=request.account.code,
        reason_code=why.code,
        reason=why.text,
        before={"digest": before},
        after={"digest": digest, "limits": limit_set.version},
        topics=("review",),
    )


def bring_to_crawl(request: Request, why: Reason) -> None:
    """A request that was to run waits for a person instead. In the caller's transaction."""
    request.phase, request.phase_code, request.phase_reason = "crawl", why.code, why.text
    request.row_version += 1
    request.save(update_fields=["phase", "phase_code", "phase_reason", "row_version"])
    write_entry(
        "bring_to_crawl",
        subject=request,
        actor=SYSTEM,
        account=request.account.code,
        reason_code=why.code,
        reason=why.text,
        topics=("review", "alerts"),
    )
