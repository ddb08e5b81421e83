"""B6: the gateway restarts inside the time of sending. What is known beforehand is not sent into it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.broker.actions.save_window import save_window
from apps.broker.models import Ask, LinkSession, RestartWindow
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.models import Entry
from apps.runbook.invariants import broken_invariants
from tests.faults.harness import Stage
from tests.road.acts import TRADER
from tests.stations import Stations

NEW_YORK = ZoneInfo("America/New_York")


def clock_time(moment: datetime) -> time:
    return moment.astimezone(NEW_YORK).time()


def open_window(account: Account, *, before: timedelta = timedelta(0)) -> RestartWindow:
    """A restart in three minutes: from now until three minutes after it nothing is sent."""
    now = clock.now()
    values = {
        "gateway": account.gateway,
        "title": "daily restart",
        "starts": clock_time(now - before),
        "ends": clock_time(now + timedelta(minutes=6)),
    }
    return save_window(RestartWindow(), actor=TRADER, reason="set in the gateway", **values)


def close_window(window: RestartWindow) -> None:
    save_window(window, actor=TRADER, reason="it is over", enabled=False)


def working(stage: Stage) -> bool:
    return set(stage.states().values()) == {"WORKING"}


def ours_sent(stage: Stage) -> int:
    return sum(any(field.startswith("td-") for field in row) for row in stage.gateway.placements())


def test_an_approval_near_a_restart_is_held_with_the_reason_and_sent_once_after_it(stage: Stage) -> None:
    stage.ready()
    window = open_window(stage.account)
    stage.eventually(lambda: "Orders are held" in stage.banner(), "the hold on every page", 20)
    request = stage.approve()
    stage.eventually(
        lambda: set(request.tickets.values_list("reason_code", flat=True)) == {"RESTART_NEAR"}, "the reason"
    )
    stage.settle(1.5)
    assert ours_sent(stage) == 0
    assert set(stage.states().values()) == {"RELEASED"}
    assert Entry.objects.filter(verb="hold_bracket", reason_code="RESTART_NEAR").count() == 2
    stage.turn("restart")
    stage.eventually(lambda: LinkSession.objects.filter(ready_at__isnull=False).count() == 2, "back", 30)
    assert ours_sent(stage) == 0
    close_window(window)
    stage.eventually(lambda: working(stage), "both brackets working")
    assert ours_sent(stage) == 6
    assert set(request.tickets.values_list("reason_code", flat=True)) == {""}
    assert stage.banner() == ""


def test_a_cancel_that_a_restart_swallows_is_open_on_the_screen_and_sent_again(stage: Stage) -> None:
    stage.ready()
    request = stage.approve()
    stage.eventually(lambda: working(stage), "both brackets working")
    open_window(stage.account)
    stage.eventually(lambda: "sent again after the restart" in stage.banner(), "the truth about cancels", 20)
    stage.turn("fault", kind="swallow", request="cancelOrder")
    key = next(iter(stage.states(request)))
    assert stage.cancel(key) == "asked"
    stage.eventually(lambda: Ask.objects.filter(sent_at__isnull=False).exists(), "the cancel written at once")
    stage.settle(1)
    assert Ask.objects.get().answered_at is None and stage.states()[key] == "WORKING"
    stage.turn("clear")
    stage.turn("restart")
    stage.eventually(lambda: stage.states()[key] == "CANCELLED", "the broker's word for the cancel", 30)
    stage.eventually(lambda: Ask.objects.get().outcome == "confirmed", "the question answered")


def test_an_order_that_went_out_inside_a_window_is_found_by_the_invariants(stations: Stations) -> None:
    stations.approve("WEC")
    stations.send_all()
    assert broken_invariants(clock.now()) == []
    open_window(stations.account, before=timedelta(minutes=5))
    found = broken_invariants(clock.now())
    assert {broken.invariant for broken in found} == {"S11"}
    assert len(found) == 6 and all("daily restart" in broken.text for broken in found)
