"""Chance that is a function: the same seed, label and place always give the same number."""

from functools import lru_cache
from hashlib import blake2b
from math import sqrt

MASK = 0xFFFFFFFFFFFFFFFF
BLOCK_STEPS = 128  # steps of one block of a path
STEP = 500_000  # microseconds: the finest grid of a path
BLOCK_DAY = 1350  # blocks of 64 s in a day
LEVELS = 11  # dyadic levels of a day's course; a finer one would be shorter than a block
MEMORY = 300  # days whose shocks a level still feels
KNOTS_KEPT = 2_048
NODES_KEPT = 4_096  # a day has 2,047
_REACH = 3.0  # the most that seven halvings can add up to, 2.7 times the spread, and a little
_NORMAL = 1.0 / sqrt(4 * (65536.0**2 - 1) / 12)


def mix(value: int) -> int:
    """A 64-bit finaliser: neighbouring integers come out unrelated."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def key_of(seed: int, label: str) -> int:
    """The number that stands for a label under a seed."""
    return int.from_bytes(blake2b(f"{seed}|{label}".encode(), digest_size=8).digest(), "little")


def normal(value: int) -> float:
    """A nearly normal number of mean 0 and deviation 1 from a mixed integer, never beyond 3.5."""
    total = (value & 0xFFFF) + ((value >> 16) & 0xFFFF) + ((value >> 32) & 0xFFFF) + (value >> 48)
    return (total - 131070) * _NORMAL


def unit(value: int) -> float:
    """A number in [0, 1) from a mixed integer."""
    return (value >> 11) / 9007199254740992.0


def business_index(day: int) -> tuple[int, bool]:
    """The running number of a weekday (days since 1970 in); a weekend day has its Monday's number."""
    week, weekday = divmod(day + 3, 7)
    return week * 5 + min(weekday, 5), weekday < 5


@lru_cache(maxsize=64)
def _refinement(level: int) -> float:
    return float(0.5 ** (level / 2 + 1))


_HAT = tuple(_refinement(level) for level in range(LEVELS))
_UNIFORM = tuple((byte - 127.5) / 127.5 * sqrt(3.0) for byte in range(256))


class Shape:
    """How the variance of a day is spread over its 24 hours (UTC): 25 weights, hour by hour."""

    def __init__(self, weights: tuple[float, ...]) -> None:
        total = sum(weights)
        per_block = [weights[block * 24 // BLOCK_DAY] for block in range(BLOCK_DAY)]
        scale = sum(per_block)
        self.share = tuple(weight / scale for weight in per_block)
        elapsed = [0.0]
        for share in self.share:
            elapsed.append(elapsed[-1] + share)
        self.elapsed = tuple(elapsed)
        if total <= 0:
            raise ValueError("a day's shape needs at least one hour with a weight above 0")


class Path:
    """One log price: shocks of past days fading out, and a Brownian course inside each day."""

    def __init__(self, seed: int, label: str, *, daily: float, shape: Shape, fade: float = 0.985) -> None:
        self._key = key_of(seed, label)
        self._daily = daily
        self._shape = shape
        self._weights = tuple(fade**n for n in range(MEMORY))
        self._levels: dict[int, float] = {}
        self._shocks: dict[int, float] = {}
        self._knots: dict[int, float] = {}
        self._nodes: dict[int, float] = {}

    def level(self, day: int) -> float:
        """Where the path ends that business day."""
        known = self._levels.get(day)
        if known is None:
            known = sum(weight * self._shock(day - n) for n, weight in enumerate(self._weights))
            self._levels[day] = known
        return known

    def _shock(self, day: int) -> float:
        known = self._shocks.get(day)
        if known is None:
            known = self._daily * normal(mix(self._key ^ mix(day)))
            self._shocks[day] = known
        return known

    def knot(self, block: int) -> float:
        """The value at the start of a block."""
        known = self._knots.get(block)
        if known is None:
            if len(self._knots) > KNOTS_KEPT:
                self._knots.clear()
            known = self._knots[block] = self._at_knot(block)
        return known

    def _at_knot(self, block: int) -> float:
        calendar_day, place = divmod(block, BLOCK_DAY)
        day, works = business_index(calendar_day)
        start = self.level(day - 1)
        if not works or place == 0:
            return start
        share = self._shape.elapsed[place]
        course = start + (self.level(day) - start) * share
        base = self._key ^ mix(day * 8191 + 1)
        detail = 0.0
        for level in range(LEVELS):
            position = share * (1 << level)
            index = int(position)
            hat = 1.0 - abs(2.0 * (position - index) - 1.0)
            if hat > 0.0:
                detail += hat * self._node(base + (1 << level) + index, level)
        return course + self._daily * detail

    def _node(self, name: int, level: int) -> float:
        """How far the middle of a dyadic piece stands off; neighbouring knots share the wide ones."""
        known = self._nodes.get(name)
        if known is None:
            if len(self._nodes) > NODES_KEPT:
                self._nodes.clear()
            known = self._nodes[name] = _HAT[level] * normal(mix(name))
        return known

    def reach(self, block: int) -> float:
        """No step of a block stands further than this beyond both its ends."""
        calendar_day, place = divmod(block, BLOCK_DAY)
        works = business_index(calendar_day)[1]
        return _REACH * self._daily * sqrt(self._shape.share[place]) if works else 0.0

    def block(self, block: int) -> list[float]:
        """Every step of a block, both its ends included."""
        values = [0.0] * (BLOCK_STEPS + 1)
        values[0] = self.knot(block)
        values[BLOCK_STEPS] = self.knot(block + 1)
        calendar_day, place = divmod(block, BLOCK_DAY)
        works = business_index(calendar_day)[1]
        spread = self._daily * sqrt(self._shape.share[place]) if works else 0.0
        chance = self._chance(block)
        width, used = BLOCK_STEPS, 0
        while width > 1:
            half = width // 2
            spread *= 0.7071067811865476
            reach = spread * 0.7071067811865476
            for left in range(0, BLOCK_STEPS, width):
                values[left + half] = (values[left] + values[left + width]) * 0.5 + reach * _UNIFORM[
                    chance[used]
                ]
                used += 1
            width = half
        return values

    def _chance(self, block: int) -> bytes:
        name = (self._key ^ mix(block)).to_bytes(8, "little")
        return blake2b(name, digest_size=64).digest() + blake2b(name + b"+", digest_size=64).digest()
