"""A person says that they have read the newest version of a report."""

from datetime import datetime

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.reports.models import DayReport, SignOff
from apps.reports.ports import ReportRefused


@transaction.atomic
def sign_report(report: DayReport, *, actor: Actor, note: str = "", now: datetime) -> SignOff:
    """Once by each person; only what stands may be signed."""
    DayReport.objects.select_for_update().get(pk=report.pk)
    if DayReport.objects.filter(supersedes=report).exists():
        raise ReportRefused("REPORT_OVERTAKEN", f"Version {report.version + 1} stands; read that one.")
    signed, made = SignOff.objects.get_or_create(
        report=report, by=actor.name, defaults={"at": now, "note": note.strip()[:2000]}
    )
    if not made:
        raise ReportRefused("REPORT_SIGNED", f"{actor.name} signed it at {signed.at:%H:%M:%S} UTC.")
    write_entry(
        "sign_report",
        subject=report,
        actor=actor,
        account=report.account.code,
        reason=signed.note,
        after={"trading_day": report.trading_day, "version": report.version, "digest": report.digest},
    )
    return signed
