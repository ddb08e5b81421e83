"""Make the worker's schedules what the settings say, however often it is started."""

from django.conf import settings
from django.db import connection, transaction
from django_q.models import Schedule

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Subject


@transaction.atomic
def keep_schedules() -> list[str]:
    """Add, mend and remove; returns what was changed. Two workers that start at once make one set."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_q_schedule IN SHARE ROW EXCLUSIVE MODE")
    changed = [name for name, minutes in settings.SCHEDULES.items() if _keep(name, minutes)]
    strangers = Schedule.objects.exclude(name__in=settings.SCHEDULES)
    changed += list(strangers.values_list("name", flat=True))
    strangers.delete()
    if changed:
        write_entry("keep_schedules", subject=Subject("django_q.schedule", "all"), after=changed)
    return changed


def _keep(name: str, minutes: int) -> bool:
    wanted = {"func": name, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1}
    rows = list(Schedule.objects.filter(name=name).order_by("pk"))
    for double in rows[1:]:
        double.delete()
    if not rows:
        Schedule.objects.create(name=name, **wanted)
        return True
    changed = {key: value for key, value in wanted.items() if getattr(rows[0], key) != value}
    if changed:
        Schedule.objects.filter(pk=rows[0].pk).update(**changed)
    return bool(changed) or len(rows) > 1
