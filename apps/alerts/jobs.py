"""What the worker tells people, asked for every second. A message belongs to whoever took its row."""

from typing import Any

from apps.alerts.actions.keep_delivery import Sent, keep_delivery, take_message
from apps.alerts.actions.lay_first_channel import lay_first_channel
from apps.alerts.channels.sending import send_by_all
from apps.alerts.models import Message
from apps.alerts.queries import channels_for
from apps.alerts.sources import ask_for_countdowns, read_journal
from apps.approvals.actions.start_window import start_window
from apps.journal import clock

AT_MOST = 20


def tell_people() -> int:
    """Countdowns first. How many messages were sent on their way."""
    lay_first_channel()
    ask_for_countdowns()
    read_journal()
    told = 0
    while told < AT_MOST and (message := take_message()) is not None:
        tell(message)
        told += 1
    return told


def tell(message: Message) -> list[Sent]:
    """By every channel that wants it; a countdown begins, or does not, with what they answered."""
    answers = send_by_all(channels_for(message, clock.now()), message)
    keep_delivery(message, answers)
    if message.window is not None:
        start_window(message.window, delivered=arrived(answers))
    return answers


def arrived(answers: list[Sent]) -> list[dict[str, Any]]:
    at = clock.now()
    return [{"channel": sent.name, "at": at.isoformat()} for sent in answers if sent.arrived]
