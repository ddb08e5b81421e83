"""Messages on their way to sockets."""

from apps.simgateway.gateway.core import Hangup, Outbox, Write
from apps.simgateway.wire.framing import encode

ONE, TWO, THREE = ["49", "1", "7"], ["62", "1"], ["53", "1"]


def test_messages_in_a_row_for_one_socket_are_one_piece() -> None:
    outbox = Outbox()
    outbox.frame(1, ONE)
    outbox.frame(1, TWO)
    outbox.frame(2, THREE)
    outbox.put(Hangup(2))
    outbox.frame(2, ONE)
    assert outbox.take() == [
        Write(1, encode(ONE) + encode(TWO)),
        Write(2, encode(THREE)),
        Hangup(2),
        Write(2, encode(ONE)),
    ]
    assert outbox.take() == []


def test_the_first_goes_ahead_and_is_told_as_gone() -> None:
    outbox, sent = Outbox(), []
    outbox.ahead = lambda conn, data: sent.append((conn, data))
    outbox.frame(1, ONE)
    outbox.frame(1, TWO)
    outbox.frame(2, THREE)
    assert sent == [(1, encode(ONE))]
    assert outbox.take() == [Write(1, encode(ONE) + encode(TWO), len(encode(ONE))), Write(2, encode(THREE))]


def test_nothing_overtakes_what_waits() -> None:
    outbox, sent = Outbox(), []
    outbox.put(Hangup(3))
    outbox.ahead = lambda conn, data: sent.append(data)
    outbox.frame(1, ONE)
    assert sent == [] and outbox.take() == [Hangup(3), Write(1, encode(ONE))]
