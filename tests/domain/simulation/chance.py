"""All chance of a simulated day comes from one seed, so a failing day can be lived again."""

from random import Random


class Chance:
    """A seeded source of choices."""

    def __init__(self, seed):
        self.seed = seed
        self._random = Random(seed)

    def hits(self, probability):
        return self._random.random() < probability

    def whole(self, low, high):
        return low + int(self._random.random() * (high - low + 1))

    def one_of(self, choices):
        return choices[int(self._random.random() * len(choices))]
