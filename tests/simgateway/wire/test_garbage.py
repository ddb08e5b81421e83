"""Whatever bytes come, only the three kinds of refusal come of them."""

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.simgateway.wire.answers.orders import completed_order, open_order
from apps.simgateway.wire.failures import ProtocolError, UnknownMessage, WrongFields
from apps.simgateway.wire.framing import FrameReader, Hello, encode
from apps.simgateway.wire.requests import LAYOUTS, PlaceOrder, parse
from apps.simgateway.wire.state import OrderState
from tests.simgateway.wire import orders
from tests.simgateway.wire.clients import sent_by_official

VERSIONS = (157, 163, 173, 176, 178, 188, 194, 200)
NASTY = (
    "", "0", "1", "-1", "2", "7", "2147483647", "99999999999999999999", "1.7976931348623157E308", "nan",
    "inf", "-Infinity", "1e999999", "1e-999999", "1_0", "٣", "true", "BAG", "PEG BENCH", "PEG MID",
    "PEG BEST", "LMT", "IBKRATS", "\udcff", "\n", "a=b;", "x" * 500, "9" * 5000, "1." + "3" * 5000,
    "NaN123", "sNaN", "--5",
)  # fmt: skip
FIELDS = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_characters="\0"), max_size=6))
DEEP_INPUTS = 120_000


def read(fields: list[str], version: int) -> None:
    """Parse, and tell the order again when there is one."""
    try:
        request = parse(fields, version)
    except (WrongFields, UnknownMessage):
        return
    if isinstance(request, PlaceOrder):
        for tell in (open_order, completed_order):
            tell(version, contract=request.contract, order=request.order, state=OrderState())


@settings(derandomize=True, max_examples=150, deadline=None)
@given(data=st.binary(max_size=200), greeted=st.booleans())
def test_any_bytes_are_messages_or_a_broken_stream(data: bytes, greeted: bool) -> None:
    reader = FrameReader()
    if greeted:
        reader.feed(b"API\0\0\0\0\x09v157..176")
    try:
        for message in reader.feed(data):
            assert isinstance(message, Hello) or all(isinstance(field, str) for field in message)
    except ProtocolError as broken:
        assert broken.reason


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    number=st.sampled_from(sorted(LAYOUTS)),
    rest=st.lists(FIELDS, max_size=40),
    version=st.sampled_from(VERSIONS),
)
def test_any_fields_are_a_request_or_refused(number: int, rest: list[str], version: int) -> None:
    read([str(number), *rest], version)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(orders.ORDERS)),
    changes=st.lists(st.tuples(st.integers(0, 200), FIELDS), min_size=1, max_size=4),
    cut=st.integers(0, 120),
)
def test_a_damaged_order_is_an_order_or_refused(name: str, changes: list[tuple[int, str]], cut: int) -> None:
    damaged = list(real_frames()[name])
    for place, text in changes:
        damaged[1 + place % (len(damaged) - 1)] = text
    read(damaged[: max(1, len(damaged) - cut)], 178)


@pytest.mark.parametrize("number", sorted(LAYOUTS))
def test_a_request_that_ends_anywhere_is_read_or_refused(number: int) -> None:
    whole = next(frame for frame in real_frames().values()) if number == 3 else ["", *"1" * 40]
    for length in range(len(whole)):
        read([str(number), *whole[1 : 1 + length]], 176)


_frames: dict[str, list[str]] = {}


def real_frames() -> dict[str, list[str]]:
    """Every order of the catalogue as the official client writes it, made once."""
    if not _frames:
        for name, (contract, order, _) in orders.ORDERS.items():
            built: Any = orders.official(contract, order)
            (_frames[name],) = sent_by_official(178, lambda c, b=built: c.placeOrder(17, *b))
    return _frames


def _numbers(seed: int, count: int) -> list[int]:
    return list(hashlib.blake2b(seed.to_bytes(8, "big"), digest_size=count).digest())


@pytest.mark.deep
def test_a_hundred_thousand_damaged_messages_do_no_harm() -> None:
    frames = list(real_frames().values())
    short = [[str(number), "1", "9"] for number in LAYOUTS]
    for seed in range(DEEP_INPUTS):
        dice = _numbers(seed, 16)
        chosen = frames if dice[0] % 2 else short
        fields = list(chosen[dice[1] % len(chosen)])
        for index in range(2, 2 + dice[15] % 6, 2):
            fields[1 + dice[index] % (len(fields) - 1)] = NASTY[dice[index + 1] % len(NASTY)]
        if dice[12] < 64:
            del fields[1 + dice[11] % len(fields) :]
        if dice[14] < 64:
            fields += [NASTY[n % len(NASTY)] for n in dice[6 : 6 + dice[14] % 8]]
        read(fields, VERSIONS[dice[13] % len(VERSIONS)])


@pytest.mark.deep
def test_a_hundred_thousand_damaged_streams_do_no_harm() -> None:
    whole = b"API\0\0\0\0\x09v157..176" + b"".join(
        encode(frame) for frame in list(real_frames().values())[:3]
    )
    for seed in range(DEEP_INPUTS):
        dice = _numbers(seed, 12)
        data = bytearray(whole)
        for index in range(0, 6, 2):
            data[(dice[index] * 256 + dice[index + 1]) % len(data)] = dice[index + 6]
        begin = dice[10] * 4
        reader = FrameReader()
        try:
            messages = reader.feed(bytes(data[:begin])) + reader.feed(bytes(data[begin:]))
        except ProtocolError:
            continue
        for message in messages:
            if isinstance(message, list):
                read(message, 176)
