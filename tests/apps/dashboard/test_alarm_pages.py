"""The alarm on the strip, the list behind it, who hears what, and what a plan is put before."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.alerts.actions.open_alarm import open_alarm
from apps.alerts.actions.queue_message import queue_note
from apps.alerts.actions.save_channel import save_channel
from apps.alerts.facts import Fact, Note
from apps.alerts.jobs import tell, watch_over
from apps.alerts.models import Alarm, Channel, Message
from apps.alerts.ports import FILL
from apps.alerts.secrecy import open_up
from apps.approvals.models import Request, Tightening
from apps.desks.models import Phase
from apps.journal.models import Entry
from apps.journal.ports import SYSTEM
from tests.people import make_person
from tests.played_day import PlayedDay
from tests.stations import Stations, stations

__all__ = ["stations"]
# apprise asks for a module that Python is about to drop; it has its own replacement
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

STOPPED = Fact(code="stop-set", subject="global:", text="HALTED for all accounts: odd prices.")


def strip(client: Client) -> str:
    page = client.get("/shell/header/").content.decode()
    return page[page.index("</dl>") :]


def test_the_strip_says_the_worst_in_words_and_how_many_more(
    client: Client, ann: User, day: PlayedDay
) -> None:
    open_alarm(Fact(code="page-failed", subject="/x/", text="E-1"))
    open_alarm(Fact(code="crisis", subject="1", text="-2.3 % of the day"))
    shown = strip(client)
    assert "CRITICAL" in shown and "Crisis: −2.3 % of the day" in shown and ">+2</a>" in shown
    assert client.get("/").content.decode().count("<title>SIM ● CRITICAL") == 1


def test_acknowledged_takes_the_next_one_and_at_last_says_how_many(
    client: Client, ann: User, day: PlayedDay
) -> None:
    alarm = open_alarm(STOPPED)
    path = f"/alarms/{alarm.pk}/acknowledge/"
    assert path in strip(client)
    assert client.post(path, headers={"HX-Request": "true"}).status_code == 204
    assert "Status unknown" in strip(client)
    rows = client.get("/alarms/").content.decode()
    assert "acknowledged by ann" in rows and path not in rows


def test_when_all_is_acknowledged_the_strip_is_quiet_and_counts(client: Client, stations: Stations) -> None:
    client.force_login(make_person("mia", "trader"))
    stations.refresh()
    alarm = open_alarm(STOPPED)
    client.post(f"/alarms/{alarm.pk}/acknowledge/")
    assert "No new alarms · 1 acknowledged" in strip(client)


def test_an_alarm_of_another_account_is_neither_shown_nor_acknowledged(client: Client, db: None) -> None:
    client.force_login(make_person("mia", "trader", accounts=("DU9999999",)))
    alarm = open_alarm(Fact(code="order-refused", subject="x", account="DU0000001", text="secret thing"))
    for path in ("/alarms/", "/shell/header/", "/alarms/news/?after=0", "/notifications/"):
        page = client.get(path).content.decode()
        assert "secret thing" not in page and "•••0001" not in page, path
    assert client.post(f"/alarms/{alarm.pk}/acknowledge/").status_code == 403
    alarm.refresh_from_db()
    assert alarm.acknowledged_at is None


def test_a_browser_asks_for_what_is_new_and_gets_no_link_that_acts(client: Client, db: None) -> None:
    client.force_login(make_person("mia", "trader"))
    first = json.loads(client.get("/alarms/news/").content)
    assert first["told"] == []
    open_alarm(Fact(code="crisis", subject="1", text="-2.3 % of the day"))
    queue_note("f", Note(kind=FILL, code="fill", title="BUY 1 WEC", subject="a:s"))
    said = json.loads(client.get(f"/alarms/news/?after={first['newest']}").content)
    assert [one["row"] for one in said["told"]] == ["critical", "fill"] and said["ringing"] == 1
    assert "/stop/" not in json.dumps(said["told"][0]["body"]) and "−2.3 %" in said["told"][0]["body"]
    again = json.loads(client.get(f"/alarms/news/?after={said['newest']}").content)
    assert again["newest"] == said["newest"] == max(one["number"] for one in said["told"])
    assert again["told"] == said["told"]  # known to the browser by their numbers


def test_what_is_committed_after_a_later_one_is_told(client: Client, db: None) -> None:
    client.force_login(make_person("mia", "trader"))
    queue_note("f", Note(kind=FILL, code="fill", title="BUY 1 WEC", subject="a:s"))
    newest = Message.objects.get().pk
    said = json.loads(
        client.get(f"/alarms/news/?after={newest + 1}").content
    )  # asked when only a later one was here
    assert [one["number"] for one in said["told"]] == [newest] and said["newest"] == newest + 1


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, ""])
def test_a_number_that_is_none_asks_for_nothing(client: Client, db: None, after: str) -> None:
    client.force_login(make_person("val", "viewer"))
    assert json.loads(client.get("/alarms/news/", {"after": after}).content)["told"] == []


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(make_person("root", "admin"))
    client.post("/prove/", {"proof": "x"})
    session: Any = client.session
    from time import time

    session["proved_at"] = time()
    session.save()
    return client


def test_a_channel_is_added_ticked_and_tested_and_its_address_never_shown(
    admin: Client, settings: Any
) -> None:
    made = {"name": "mia's phone", "url": "desk-file:mia.txt", "whose": "role:risk", "step": "1"}
    made |= {"enabled": "on", "quiet_from": "22:00", "quiet_to": "07:00"}
    admin.post("/notifications/add/", made)
    row = Channel.objects.get()
    assert (row.role, row.step, open_up(row.address)) == ("risk", 1, "desk-file:mia.txt")
    page = admin.get("/notifications/").content.decode()
    assert "mia.txt" not in page and "every risk" in page and "22:00 to 07:00" in page
    admin.post(
        "/notifications/matrix/", {"channel": [row.pk], "tick": [f"{row.pk}-critical", f"{row.pk}-fill"]}
    )
    row.refresh_from_db()
    assert row.classes == ["critical", "fill"] and row.role == "risk" and row.quiet_from is not None
    admin.post(f"/notifications/{row.pk}/test/")
    (answer,) = tell(Message.objects.get())
    assert answer.name == "mia's phone"
    log = admin.get("/notifications/log/").content.decode()
    assert "A test of mia" in log and ("ms" in log or "CHANNEL_" in log)
    assert "mia.txt" not in json.dumps(
        list(Entry.objects.filter(verb="save_channel").values("before", "after"))
    )


def test_what_nobody_would_hear_is_said_on_top(admin: Client) -> None:
    assert "Countdown reaches nobody." in admin.get("/notifications/").content.decode()
    save_channel(Channel(), actor=SYSTEM, name="phone", url="desk-file:x.txt")
    assert "reaches nobody" not in admin.get("/notifications/").content.decode()


def test_waits_are_bounded_and_journalled(admin: Client) -> None:
    admin.post("/notifications/waits/", {"escalate_after": "5", "fold_within": "60"})
    assert not Entry.objects.filter(verb="save_alert_policy").exists()
    admin.post("/notifications/waits/", {"escalate_after": "120", "fold_within": "30"})
    assert Entry.objects.get(verb="save_alert_policy").after == {"escalate_after": 120, "fold_within": 30}


def test_a_channel_is_not_changed_without_a_proof_of_who_asks(client: Client, db: None) -> None:
    client.force_login(make_person("root", "admin"))
    session: Any = client.session
    session["proved_at"] = 0
    session.save()
    client.post("/notifications/add/", {"name": "x", "url": "desk-file:x.txt", "proof": "wrong"})
    assert not Channel.objects.exists()


def test_a_plan_that_could_go_by_itself_is_put_before_a_person_for_good(
    client: Client, ann: User, day: PlayedDay
) -> None:
    request = Request.objects.get(state="proposed")
    card, path = f"/review/{request.pk}/", f"/plans/{request.plan_id}/tighten/"
    assert path not in client.get(card).content.decode()  # crawl is as strict as it gets
    Phase.objects.update(phase="walk")
    assert path in client.get(card).content.decode()
    client.post(path, {"reason": ""})
    assert not Tightening.objects.exists()
    client.post(path, {"reason": "odd sizes"})
    assert Tightening.objects.get().phase == "crawl"
    assert path not in client.get(card).content.decode()
    assert Entry.objects.get(verb="tighten_plan").actor == "ann"


def test_ones_own_row_is_marked_among_people(admin: Client) -> None:
    make_person("mia", "trader")
    page = admin.get("/people/").content.decode()
    assert page.count('aria-current="true"') == 1 and "YOU" in page


def test_the_nav_counts_what_waits_for_a_second_person(admin: Client) -> None:
    from apps.journal import clock
    from apps.journal.ports import Actor
    from apps.operators.actions.second_word import ask_second

    make_person("risky", "risk")
    assert 'data-count-of="seconds" hidden' in admin.get("/system/").content.decode()
    ask_second("change_limits", {}, by=Actor("user", "risky"), reason="more room", now=clock.now())
    assert 'data-count-of="seconds">1<' in admin.get("/system/").content.decode()


def test_a_worker_that_stands_still_is_said_on_the_strip(client: Client, ann: User, day: PlayedDay) -> None:
    from datetime import timedelta

    from apps.desks.actions.beat import beat
    from apps.desks.models import Heartbeat
    from apps.journal import clock

    beat("worker")
    assert "alerts stand still" not in strip(client)
    Heartbeat.objects.update(beat_at=clock.now() - timedelta(seconds=20))
    assert "alerts stand still" in strip(client)


def test_an_alarm_shows_where_people_look_first(client: Client, ann: User, day: PlayedDay) -> None:
    watch_over()
    alarm = open_alarm(STOPPED)
    needs = client.get("/tiles/needs/").content.decode()
    assert f"alarm-{alarm.pk}" in needs and Alarm.objects.filter(ended_at=None).exists()


def test_a_plan_that_waits_stands_before_alarms_that_can_wait(
    client: Client, ann: User, day: PlayedDay
) -> None:
    for number in range(9):
        open_alarm(Fact(code="file-refused", subject=str(number), text="a.csv: It ends in the middle."))
    open_alarm(Fact(code="crisis", subject="1", text="-2.3 % of the day"))
    page = client.get("/tiles/needs/").content.decode()
    keys = re.findall(r'id="need-([a-z]+)', page)
    assert keys[0] == "alarm" and keys.index("request") < len(keys) - 9 and keys[-9:] == ["alarm"] * 9
