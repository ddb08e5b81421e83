"""Hears every callback of the library's client and only writes down what was said.

It takes the place of the library's own wrapper, so none of that wrapper's opinions (an order "Cancelled" by a
notice, trades forgotten on a disconnect, answers that are empty because they failed) exists here at all.
"""

from collections.abc import Callable

from apps.broker.ib.hears.books import BookEar
from apps.broker.ib.hears.listener import nothing
from apps.broker.ib.hears.orders import OrderEar
from apps.broker.ib.hears.quotes import QuoteEar
from apps.broker.ib.hears.reference import ReferenceEar
from apps.broker.ib.hears.session import SessionEar


class Ear(SessionEar, OrderEar, BookEar, ReferenceEar, QuoteEar):
    """One object, as the library wants it, with an ear for each kind of message."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return nothing
