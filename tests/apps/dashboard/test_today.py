"""The day as a line of time: what was done, what went wrong, what is next and when."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from apps.dashboard.templatetags.desk import until
from apps.journal import clock
from apps.runbook.actions.move_step import Ended, begin_step, end_step, miss_steps
from apps.runbook.models import DayStep
from apps.runbook.timetable import keep_timetable
from tests.played_day import PlayedDay
from tradingdesk.domain.market.timetable import Outcome


def row(name: str) -> DayStep:
    return DayStep.objects.get(name=name)


def test_the_timetable_stands_on_the_desk_with_what_is_next_and_when(
    day: PlayedDay, fragment: Callable[..., Any]
) -> None:
    keep_timetable(clock.now())
    begin_step(row("submit").pk, row("submit").due_at)
    end_step(row("submit").pk, Ended(Outcome.DONE, "2 tickers, 4 brackets, 12,875"), row("submit").due_at)
    page = fragment("/tiles/today/").content.decode()
    assert 'Submit</span><span class="out">2 tickers, 4 brackets, 12,875' in page
    assert page.index(">Submit<") < page.index("Close out") < page.index("Verify flat")
    now_line = page[page.index('class="todo now"') :].split("</li>")[0]
    assert "Last entry" in now_line and "in " in now_line


def test_a_countdown_that_is_over_says_now_and_not_in_now() -> None:
    coming, over = clock.now() + timedelta(minutes=5), clock.now() - timedelta(seconds=1)
    assert re.search('data-past="now" data-lead="in ">in [45]:', until(coming, "now", "in "))
    assert ">now<" in until(over, "now", "in ")


def test_what_is_under_way_and_what_was_missed_is_told_as_that(
    day: PlayedDay, fragment: Callable[..., Any]
) -> None:
    keep_timetable(clock.now())
    begin_step(row("submit").pk, row("submit").due_at)
    miss_steps([row("close out")], clock.now())
    page = fragment("/tiles/today/").content.decode()
    assert 'class="late"' in page and "missed: was to be begun" in page
    assert "under way" in page
