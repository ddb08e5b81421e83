"""How far each listed instrument stands from its usual level: its own path, and those it follows."""

from math import inf, log1p, sqrt

from apps.simgateway.exchange.contracts import Contracts
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.noise import BLOCK_STEPS, STEP, Path, Shape

BLOCKS_KEPT = 24
LEADING_BLOCKS_KEPT = 384  # of what others follow: a whole session
TRADING_DAYS = 252
_QUIET = 0.35
SHAPES = {
    "us": Shape((_QUIET,) * 13 + (2.0, 5.0, 3.4, 2.6, 2.2, 2.4, 3.0, 4.2, 0.8) + (_QUIET,) * 2),
    "eu": Shape((_QUIET,) * 7 + (3.6, 2.8, 2.2, 1.8, 1.6, 1.6, 2.0, 2.6, 3.0, 2.2) + (_QUIET,) * 7),
    "fx": Shape((0.7,) * 7 + (1.6, 1.6, 1.4, 1.2, 1.2, 1.6, 2.0, 2.0, 1.8, 1.2, 1.0) + (0.7,) * 6),
}


class LogPaths:
    """Deviations as logarithms, by step and by block of 64 seconds."""

    def __init__(self, catalogue: Contracts, seed: int) -> None:
        self._catalogue = catalogue
        self._seed = seed
        self._paths: dict[int, Path] = {}
        self._blocks: dict[int, dict[int, list[float]]] = {}
        self._jumps: dict[int, list[tuple[Instant, float]]] = {}
        profiles = (catalogue.profile(instrument.con_id) for instrument in catalogue.listed())
        self._leading = {leader for profile in profiles for leader, _ in profile.leaders}

    def log_dev(self, con_id: int, now: Instant) -> float:
        block, place = divmod(now // STEP, BLOCK_STEPS)
        return self.block(con_id, block)[place]

    def block(self, con_id: int, block: int) -> list[float]:
        """Deviations of a listed instrument over 64 seconds, both ends included."""
        kept = self._blocks.setdefault(con_id, {})
        found = kept.get(block)
        if found is None:
            if len(kept) >= (LEADING_BLOCKS_KEPT if con_id in self._leading else BLOCKS_KEPT):
                kept.pop(next(iter(kept)))
            found = kept[block] = self._make_block(con_id, block)
        return found

    def _make_block(self, con_id: int, block: int) -> list[float]:
        values = self._path(con_id).block(block)
        profile = self._catalogue.profile(con_id)
        for leader, beta in profile.leaders:
            leading = self.block(leader, block)
            values = [own + beta * lead for own, lead in zip(values, leading, strict=True)]
        for since, size in self._jumps.get(con_id, ()):
            first = max(0, -(-since // STEP) - block * BLOCK_STEPS)
            values = values[:first] + [value + size for value in values[first:]]
        return values

    def may_pass(self, con_id: int, block: int, *, high: float, low: float) -> bool:
        """Could a step of this block stand outside a range? No means certainly not."""
        first, last = self.knot(con_id, block), self.knot(con_id, block + 1)
        reach = self._reach(con_id, block)
        return max(first, last) + reach > high or min(first, last) - reach < low

    def _reach(self, con_id: int, block: int) -> float:
        begin = block * BLOCK_STEPS * STEP
        jumps = self._jumps.get(con_id, ())
        if any(begin <= since <= begin + BLOCK_STEPS * STEP for since, _ in jumps):
            return inf
        own = self._path(con_id).reach(block)
        leaders = self._catalogue.profile(con_id).leaders
        return own + sum(abs(beta) * self._reach(leader, block) for leader, beta in leaders)

    def knot(self, con_id: int, block: int) -> float:
        """The deviation at the start of a block, without working out the block."""
        profile = self._catalogue.profile(con_id)
        value = self._path(con_id).knot(block)
        value += sum(beta * self.knot(leader, block) for leader, beta in profile.leaders)
        start = block * BLOCK_STEPS * STEP
        return value + sum(size for since, size in self._jumps.get(con_id, ()) if since <= start)

    def _path(self, con_id: int) -> Path:
        path = self._paths.get(con_id)
        if path is None:
            profile = self._catalogue.profile(con_id)
            daily = profile.volatility / 100 / sqrt(TRADING_DAYS)
            path = Path(self._seed, f"path|{con_id}", daily=daily, shape=SHAPES[profile.shape])
            self._paths[con_id] = path
        return path

    def jump(self, con_id: int, percent: float, since: Instant) -> None:
        """From an instant on the price stands higher (or lower) by so much; what follows it goes along."""
        self._jumps.setdefault(con_id, []).append((since, log1p(percent / 100)))
        self._blocks.clear()
