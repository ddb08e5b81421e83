"""The stream: greeting, frames, and everything that breaks them."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.simgateway.wire.framing import (
    LARGEST,
    FrameReader,
    Hello,
    Message,
    ProtocolError,
    encode,
    hello_answer,
    negotiate,
)

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
MESSAGES = st.lists(st.lists(TEXT, min_size=1, max_size=6), max_size=5)


def greeting(words: str) -> bytes:
    return b"API\0" + len(words).to_bytes(4, "big") + words.encode()


def test_a_greeting_names_versions_and_options() -> None:
    assert FrameReader().feed(greeting("v157..176")) == [Hello(157, 176)]
    assert FrameReader().feed(greeting("v157..176 +PACEAPI")) == [Hello(157, 176, "+PACEAPI")]
    assert FrameReader().feed(greeting("v100")) == [Hello(100, 100)]


def test_greeting_and_first_frame_may_come_in_one_segment() -> None:
    data = greeting("v100..226") + encode(["71", "2", "5", ""])
    assert FrameReader().feed(data) == [Hello(100, 226), ["71", "2", "5", ""]]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(messages=MESSAGES, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_segments_do_not_matter(messages: list[list[str]], cuts: list[int]) -> None:
    data = greeting("v157..178") + b"".join(map(encode, messages))
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    reader = FrameReader()
    read: list[Message] = []
    for begin, end in itertools.pairwise(edges):
        read += reader.feed(data[begin:end])
    assert read == FrameReader().feed(data) == [Hello(157, 178), *messages]


def test_one_byte_at_a_time_is_enough() -> None:
    reader = FrameReader()
    data = greeting("v157..176") + encode(["5", "1"]) + encode(["61", "1"])
    read = [message for byte in data for message in reader.feed(bytes([byte]))]
    assert read == [Hello(157, 176), ["5", "1"], ["61", "1"]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", "begins with"),
        (b"API\1", "begins with"),
        (b"API\0\xff\xff\xff\xff", "negative"),
        (b"API\0\0\0\0\0", "empty"),
        (b"API\0\0\0\x40\0", "more than 4096"),
        (b"API\0\0\0\0\x04nope", "no version range"),
        (greeting("v157..176") + (LARGEST + 1).to_bytes(4, "big"), "more than"),
        (greeting("v157..176") + b"\x80\0\0\0", "negative"),
        (greeting("v157..176") + b"\0\0\0\0", "empty"),
        (greeting("v157..176") + b"\0\0\0\x03a\0b", "not closed"),
    ],
)
def test_a_broken_stream_is_refused_and_stays_refused(data: bytes, reason: str) -> None:
    reader = FrameReader()
    with pytest.raises(ProtocolError, match=reason):
        reader.feed(data)
    with pytest.raises(ProtocolError, match=reason):
        reader.feed(encode(["5", "1"]))


def test_what_came_before_the_break_is_kept() -> None:
    with pytest.raises(ProtocolError) as broken:
        FrameReader().feed(greeting("v157..176") + encode(["5", "1"]) + b"\xff\xff\xff\xff")
    assert broken.value.complete == [Hello(157, 176), ["5", "1"]]


def test_a_large_frame_is_read_and_bytes_that_are_no_text_survive() -> None:
    large = ["1", "x" * (LARGEST - 10)]
    odd = b"\0\0\0\x05\xd6\xd0\xb9\xfa\0"
    read = FrameReader().feed(greeting("v157..176") + encode(large) + odd)
    assert read[1] == large
    assert isinstance(read[2], list)
    assert encode(read[2]) == odd


def test_the_answer_to_a_greeting_has_version_and_time() -> None:
    assert hello_answer(176, "20260413 09:30:00 EST") == b"\0\0\0\x1a176\x0020260413 09:30:00 EST\0"


@pytest.mark.parametrize(
    ("low", "high", "ceiling", "answer"),
    [
        (157, 176, 178, 176),
        (157, 178, 178, 178),
        (157, 178, 176, 176),
        (100, 226, 178, 178),
        (100, 226, 200, 200),
        (100, 226, 226, 200),
        (100, 158, 178, 157),  # two client families misread each other's 158
        (158, 158, 178, None),
        (100, 163, 178, 163),
        (201, 226, 200, None),
        (213, 226, 178, None),
        (100, 150, 178, None),
        (180, 170, 178, None),
    ],
)
def test_the_newest_common_version_is_spoken(low: int, high: int, ceiling: int, answer: int | None) -> None:
    assert negotiate(Hello(low, high), ceiling) == answer
