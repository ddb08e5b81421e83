"""Set the demo's stage behind a running simulated gateway; `./desk demo` calls it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.broker.ib import connection as _library  # noqa: F401  first of all: it wants the main thread's loop
from apps.journal import clock
from apps.market.management.commands.refresh_calendars import refresh
from apps.market.ports import CALENDAR
from apps.market.queries import last_session_day
from apps.operators.actions.offer_entry import make_demo_people
from apps.runbook.jobs import SESSIONS_AHEAD
from apps.runbook.seed.load import (
    HELD,
    SYMBOLS,
    drop_plan,
    history_is_there,
    lay_desk,
    let_it_run,
    load_past,
    plan_is_needed,
)
from apps.runbook.seed.moments import at
from apps.runbook.seed.stage import BEFORE_HISTORY
from apps.runbook.seed.survey import SurveyFailed, survey
from apps.runbook.situation import trading_day


class Command(BaseCommand):
    help = "Lay the demo's desk, its past and today's plan. Harmless to repeat; simulated money only."

    def handle(self, **_options: Any) -> None:
        if settings.MODE != "sim":
            raise CommandError("Only a simulated desk has a demo.")
        now = clock.now()
        with at(now if history_is_there(trading_day(now)) else now - BEFORE_HISTORY):
            make_demo_people()
        reach = last_session_day(CALENDAR)
        if reach is None or reach < (now + SESSIONS_AHEAD).date():
            # the desk's first lines are older than the past that is laid on them
            with at(now if history_is_there(trading_day(now)) else now - BEFORE_HISTORY):
                refresh([CALENDAR], self.stdout.write)
        try:
            found = survey(settings.GATEWAY_HOST, settings.GATEWAY_PORT, (*SYMBOLS, *HELD))
        except (SurveyFailed, OSError, TimeoutError) as failed:
            raise CommandError(f"The simulated gateway did not help: {failed}") from None
        if not history_is_there(trading_day(now)):
            load_past(found, trading_day(now))
        account, strategy = lay_desk(found.account)
        let_it_run(strategy, account, by_itself=bool(settings.DEMO_SPEED))
        if plan_is_needed(account, clock.now()):
            self.stdout.write(f"Today's plan: {drop_plan(found, account, clock.now())}")
