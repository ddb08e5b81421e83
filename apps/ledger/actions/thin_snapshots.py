"""Thin out the minutes of the books: after some days one of each hour is enough, and how the day ended."""

from datetime import datetime, timedelta

from apps.journal.statements import rows_of

MINUTES_KEPT = timedelta(days=5)
# The first of each hour, so each close that falls on one, and the last of each trading day. What a
# snapshot carries on, the growth, its peak and the deepest fall, stands in each of them.
THIN = """
    WITH ranked AS (
        SELECT id, row_number() OVER (PARTITION BY account_id, date_trunc('hour', at) ORDER BY at) AS of_hour,
            row_number() OVER (PARTITION BY account_id, trading_day ORDER BY at DESC) AS of_day
        FROM ledger_navsnapshot WHERE at < %s),
    gone AS (
        DELETE FROM ledger_navsnapshot s USING ranked r
        WHERE s.id = r.id AND r.of_hour > 1 AND r.of_day > 1 RETURNING s.id)
    SELECT count(*) FROM gone
"""


def thin_snapshots(now: datetime) -> int:
    """How many went. Whole hours and days only: what is thinned twice stays as it is."""
    before = (now - MINUTES_KEPT).replace(hour=0, minute=0, second=0, microsecond=0)
    ((count,),) = rows_of(THIN, [before])
    return int(count)
