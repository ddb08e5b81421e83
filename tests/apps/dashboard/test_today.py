"""The day as a line of time: what was done, what went wrong, what is next and when."""

from collections.abc import Callable
from typing import Any

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


def test_what_is_under_way_and_what_was_missed_is_told_as_that(
    day: PlayedDay, fragment: Callable[..., Any]
) -> None:
    keep_timetable(clock.now())
    begin_step(row("submit").pk, row("submit").due_at)
    miss_steps([row("close out")], clock.now())
    page = fragment("/tiles/today/").content.decode()
    assert 'class="late"' in page and "missed: was to be begun" in page
    assert "under way" in page
