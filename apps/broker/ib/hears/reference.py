"""Contracts and the steps of their prices."""

from typing import Any

from apps.broker.ib.hears.listener import Listener
from apps.broker.ib.numbers import decimal


class ReferenceEar(Listener):
    def contractDetails(self, request: int, details: Any) -> None:
        self.questions.add(request, details)

    def contractDetailsEnd(self, request: int) -> None:
        self.questions.end(request)

    def marketRule(self, number: int, steps: list[Any]) -> None:
        for step in steps:
            self.questions.add(f"marketRule-{number}", (decimal(step.lowEdge), decimal(step.increment)))
        self.questions.end(f"marketRule-{number}")
