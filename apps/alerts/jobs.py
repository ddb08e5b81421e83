"""What the worker tells people, asked for every second. A message belongs to whoever took its row."""

from typing import Any

from apps.alerts import outside
from apps.alerts.actions.end_alarm import end_alarm
from apps.alerts.actions.escalate_alarm import escalate_alarm
from apps.alerts.actions.keep_delivery import Sent, keep_delivery, take_message
from apps.alerts.actions.lay_first_channel import lay_first_channel
from apps.alerts.actions.open_alarm import open_alarm
from apps.alerts.channels.sending import send_by_all
from apps.alerts.models import Message
from apps.alerts.queries import alarms_to_escalate, is_standing, open_alarms, still_to_tell
from apps.alerts.sources import ask_for_countdowns, read_journal
from apps.alerts.summary import tell_days
from apps.alerts.watches import OVER, wrong_now
from apps.approvals.actions.start_window import start_window
from apps.desks.actions.beat import beat
from apps.journal import clock

AT_MOST = 20


def tell_people() -> int:
    """Countdowns first. How many messages were sent on their way."""
    beat("worker")
    lay_first_channel()
    ask_for_countdowns()
    read_journal()
    watch_over()
    told = 0
    while told < AT_MOST and (message := take_message()) is not None:
        tell(message)
        told += 1
    return told


def watch_over() -> None:
    """What is wrong by the tables, what is in order again, what nobody answered, which day has ended."""
    now = clock.now()
    for fact in wrong_now(now):
        if not is_standing(fact.code, fact.subject):
            open_alarm(fact)
    for alarm in open_alarms():
        if alarm.code in OVER and OVER[alarm.code](alarm):
            end_alarm(alarm.pk)
    for number in alarms_to_escalate(now):
        escalate_alarm(number)
    tell_days(now)


def tell(message: Message) -> list[Sent]:
    """By every channel that wants it; a countdown begins, or does not, with what they answered."""
    answers = send_by_all(still_to_tell(message, clock.now()), message)
    keep_delivery(message, answers)
    if message.window is not None:
        start_window(message.window, delivered=arrived(answers))
    return answers


def arrived(answers: list[Sent]) -> list[dict[str, Any]]:
    at = clock.now()
    return [{"channel": sent.name, "at": at.isoformat()} for sent in answers if sent.arrived]


def beat_outside() -> str:
    """The sign of life, once a minute."""
    return outside.beat_outside()
