"""The people of a soak: what they would press on the pages, done through the same actions, and counted."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from apps.approvals.queries import waiting
from apps.broker.actions.resolve_unknown import ResolutionRefused, resolve_ended, resolve_not_sent
from apps.broker.queries import resolution_of, unknown_intents
from apps.journal.ports import Actor
from apps.operators.actions.second_word import ask_second
from apps.operators.ports import SecondRefused
from apps.reconciliation.actions.act_on_break import ActRefused, act_on_break
from apps.reconciliation.models import BROKER, Break
from apps.risk.models import Stop
from apps.runbook.gate import Word, approve_request
from apps.runbook.releasing import ReleaseRefused, release_problem
from apps.runbook.second_words import confirm
from tests.people import make_person
from tradingdesk.domain.reconciliation import Act
from tradingdesk.domain.tickets.resolution import Resolution

TRADER, RISK = Actor("user", "trader"), Actor("user", "second")
WHY = "the soak's operator has looked: an injected fault, and the broker agrees"


@dataclass
class People:
    """A trader and a second person, who look whenever they are asked to."""

    acts: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def arrive(self) -> None:
        for who in (TRADER, RISK):
            make_person(who.name)

    def look(self, now: datetime, *, rule: bool) -> None:
        self.execute(now)
        self.let_go(now)
        if rule:
            self.rule()
            self.take_back(now)

    def execute(self, now: datetime) -> None:
        """EXECUTE on every card that waits."""
        for request in waiting():
            word = Word(
                typed=f"EXECUTE {request.challenge}", digest=request.digest, row_version=request.row_version
            )
            decided = approve_request(request.pk, word, actor=TRADER, how={}, now=now)
            self._note("EXECUTE", decided.approved, str(decided.reason))

    def let_go(self, now: datetime) -> None:
        """A stop whose list is fulfilled is released: one asks, the other confirms."""
        for stop in Stop.objects.exclude(level=Stop.ACTIVE):
            told = {"scope": stop.scope, "key": stop.key, "epoch": stop.epoch}
            if release_problem(stop.scope, stop.key, epoch=stop.epoch, reason=WHY, now=now) is not None:
                continue
            try:
                asked = ask_second("release_stop", told, by=TRADER, reason=WHY, now=now)
                confirm(asked.pk, by=RISK, now=now)
            except (SecondRefused, ReleaseRefused) as problem:
                self._note("release", False, str(problem))
            else:
                self._note(f"release ({re.split(r'[:,(]', stop.reason)[0][:40].strip()})", True)

    def rule(self) -> None:
        """An order of unknown fate is ruled on as soon as the evidence allows it."""
        for intent in unknown_intents():
            never = resolution_of(intent).verdict is Resolution.PROPOSE_NOT_SENT
            act, name = (resolve_not_sent, "not sent") if never else (resolve_ended, "ended")
            try:
                act(intent.pk, actor=TRADER, reason=WHY)
            except ResolutionRefused:
                continue  # the broker's lists do not prove it yet; it is looked at again
            self._note(f"ruled {name}", True)

    def take_back(self, now: datetime) -> None:
        """A sale that was busted while nobody listened: neither the broker's list nor its count has it."""
        for case in Break.objects.filter(kind="EXECUTION_OURS_ONLY", source=BROKER, state="open"):
            try:
                act_on_break(case.pk, Act.ADOPT, actor=TRADER, now=now, reason=WHY)
            except ActRefused:
                continue  # not borne out yet; it is looked at again
            self._note("took back", True)

    def adopt_everything(self, now: datetime) -> None:
        """The books are opened: on its first day a desk takes over what the broker has."""
        for case in Break.objects.filter(state="open"):
            try:
                act_on_break(case.pk, Act.ADOPT, actor=TRADER, now=now, reason="opening balance")
            except ActRefused as problem:
                self._note("adopt", False, str(problem))
            else:
                self._note("adopt", True)

    def _note(self, what: str, done: bool, why: str = "") -> None:
        if done:
            self.acts[what] += 1
        else:
            self.refused.append(f"{what}: {why}")
