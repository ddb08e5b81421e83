"""The session: the handshake, its end, and everything that comes as an error or a notice."""

from datetime import UTC, datetime

from apps.broker.ib.hears.listener import FIRST_REQUEST, Listener
from apps.broker.ports import Refused
from apps.journal import clock

_NOTICES_OF_QUOTES = frozenset({10167, 10089, 10090, 10168, 10186, 10197, 354})
_TURNED_AWAY = frozenset({326, 507})


class SessionEar(Listener):
    def connectAck(self) -> None:
        self.last_heard_at = clock.now()

    def tcpDataArrived(self) -> None:
        self.last_heard_at = clock.now()

    def setEventsDone(self) -> None:
        self.questions.end_all("the socket closed")
        self.gone.set()

    def connectionClosed(self) -> None:
        self.closed("the socket closed")

    def nextValidId(self, number: int) -> None:
        self.next_valid_id = number

    def managedAccounts(self, csv: str) -> None:
        self.accounts = tuple(name for name in csv.split(",") if name)

    def currentTime(self, seconds: int) -> None:
        self.questions.add("currentTime", datetime.fromtimestamp(seconds, UTC))
        self.questions.end("currentTime")

    def error(self, number: int, code: int, said: str, _json: str = "") -> None:
        if number >= FIRST_REQUEST:
            if ticks := self.ticks.get(number):
                ticks.problem = "" if code == 10167 else f"{code} {said}"
            elif code not in _NOTICES_OF_QUOTES and not 2100 <= code < 2200:
                self.questions.end(number, Refused(code, said))
            return
        if number > 0 and not 2100 <= code < 2200 and code != 399:
            self.questions.end(f"whatIf-{number}", Refused(code, said))
        if code in _TURNED_AWAY:
            self.refusal = (code, said)
        self.tell("error", {"text": said}, code=code, order_id=number if number > 0 else None)
