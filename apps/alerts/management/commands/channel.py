"""`./desk channel`: list the ways to reach people, add one, send a test by one."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.alerts.actions.queue_message import queue_message
from apps.alerts.actions.save_channel import save_channel, switch_channel
from apps.alerts.jobs import tell
from apps.alerts.models import Channel, Message
from apps.alerts.ports import ADVISORY, ALARM, AlertRefused
from apps.alerts.queries import channels, last_deliveries
from apps.journal import clock
from apps.journal.ports import Actor
from tradingdesk import env

TERMINAL = Actor("system", "terminal")


class Command(BaseCommand):
    help = "Channels of alerts. An address is read from TRADINGDESK_CHANNEL_URL or the standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("word", choices=["list", "add", "test", "off", "on"])
        parser.add_argument("name", nargs="?", default="")

    def handle(self, *_args: Any, word: str, name: str, **_options: Any) -> None:
        if word == "list":
            self.show()
            return
        try:
            if word == "add":
                url = env.text("TRADINGDESK_CHANNEL_URL") or sys.stdin.readline().strip()
                save_channel(Channel(), actor=TERMINAL, name=name, url=url)
            elif word == "test":
                self.test(found(name))
                return
            else:
                row = found(name)
                switch_channel(row, on=word == "on", actor=TERMINAL)
        except AlertRefused as refused:
            raise CommandError(str(refused)) from None
        self.show()

    def show(self) -> None:
        last = last_deliveries()
        for row in channels():
            sent = last.get(row.pk)
            told = "never used" if sent is None else f"last {'arrived' if sent.arrived else sent.reason_code}"
            self.stdout.write(f"{row.name}: {row.shown}, {'on' if row.enabled else 'off'}, {told}")

    def test(self, channel: Channel) -> None:
        key = f"test-{channel.pk}-{int(clock.now().timestamp())}"
        title = "A test of this channel"
        body = "Nothing happened; it works."
        queue_message(key, ALARM, severity=ADVISORY, title=title, body=body, only=channel)
        for sent in tell(Message.objects.get(key=key)):
            self.stdout.write(f"{sent.name}: {sent.reason_code or 'arrived'} in {sent.milliseconds} ms")


def found(name: str) -> Channel:
    row = Channel.objects.filter(name=name).first()
    if row is None:
        raise CommandError(f"There is no channel {name!r}.")
    return row
