"""Somebody else trades what a strategy trades: the strategy stops until a person has looked."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from apps.broker.models import Evidence
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Stop
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.states import RESERVES

LINK = Actor("link", "link")
_ALIVE = [state.value for state in RESERVES]


def halt_for_strangers(rows: Sequence[Evidence]) -> None:
    """An execution that none of our orders explains: typed in by hand, another program, or a liquidation.

    Runs in the transaction that stored it. The stop comes before any journal line: whoever stops trading by
    hand takes the locks in that order too.
    """
    strange = [row for row in rows if row.kind == "execDetails" and row.intent_id is None and _is_new(row)]
    concerned = [list(_concerned(row)) for row in strange]
    for row, names in zip(strange, concerned, strict=True):
        for name in names:
            _halt(name, row)
    for row, names in zip(strange, concerned, strict=True):
        _tell(row, names)


def halt_for_unknown_name(refs: Sequence[str]) -> None:
    """The broker works under our name what our tables do not know: an old backup, or a second desk.

    Nothing at all may be sent until a person has looked.
    """
    if refs and not Stop.objects.filter(scope="global", key="", level=Stop.HALTED).exists():
        reason = f"the broker knows {refs[0]}, which our tables do not: an old backup, or a second desk"
        set_stop(Stop.HALTED, actor=LINK, reason=reason)


def _is_new(row: Evidence) -> bool:
    told = Evidence.objects.filter(kind="execDetails", exec_id=row.exec_id)
    return not told.exclude(pk=row.pk).exists()


def _concerned(row: Evidence) -> QuerySet[Ticket, str]:
    """Strategies that work or have just traded that contract in that account."""
    body = row.fields["body"]
    traded = Q(filled__gt=0, changed_at__date=row.received_at.date()) | Q(state__in=_ALIVE)
    tickets = Ticket.objects.filter(
        traded, account__code=body.get("account", ""), contract__con_id=int(body.get("con_id") or 0)
    )
    return tickets.values_list("strategy__name", flat=True).distinct()


def _halt(name: str, row: Evidence) -> None:
    if Stop.objects.filter(scope="strategy", key=name, level=Stop.HALTED).exists():
        return
    body = row.fields["body"]
    said = f"{body.get('side')} {body.get('quantity')} {body.get('symbol')} was traded by somebody else"
    set_stop(Stop.HALTED, scope="strategy", key=name, actor=LINK, reason=f"{said} ({row.exec_id})")


def _tell(row: Evidence, concerned: Sequence[str]) -> None:
    body = row.fields["body"]
    liquidated = body.get("liquidation") not in (None, "", "0")
    write_entry(
        "see_foreign_execution",
        subject=row,
        actor=LINK,
        account=body.get("account", ""),
        reason_code="EXECUTION_BY_LIQUIDATION" if liquidated else "EXECUTION_FOREIGN",
        reason="the broker closed a position" if liquidated else "none of our orders explains it",
        after=body | {"halted": list(concerned)},
        topics=("orders", "alerts"),
    )
