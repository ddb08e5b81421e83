"""A desk to break: real processes, the gateway's ledger as the truth, and a last look after every scenario.

    def test_…(stage: Stage) -> None:
        stage.ready()
        request = stage.approve("WEC")          # proposed and EXECUTEd; the link sends it
        stage.turn("link", code="1100")         # any turn of the gateway's control door
        stage.eventually(lambda: stage.states(request) == {...}, "what was waited for")

When the test is over, the fixture runs the invariants and compares our record with the gateway's ledger.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.approvals.models import Request
from apps.broker.actions.ask_cancel import ask_cancel
from apps.broker.models import Evidence, Intent, LinkState
from apps.broker.queries import link_view
from apps.dashboard.linked import Link as ScreenLink
from apps.desks.models import Account
from apps.journal import clock
from apps.ledger.models import Fill
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
from tests.gateway import Gateway
from tests.road.acts import TRADER, execute, propose_plan
from tests.road.desk import LinkProcess, eventually

PRICE = Decimal("100.00")
BELOW, AT = ("100.80", "100.85"), ("99.95", "100.00")  # quotes at which an entry at PRICE rests, or fills
OURS = "td-desk-*"


@dataclass
class Stage:
    """Everything one scenario touches."""

    gateway: Gateway
    account: Account
    link: LinkProcess
    symbols: tuple[str, ...] = ("WEC",)
    doubles: set[str] = field(default_factory=set)  # references a scenario doubled by itself
    checks: bool = True

    def turn(self, verb: str, **args: Any) -> dict[str, Any]:
        return self.gateway.turn(verb, **args)

    def start(self, **environment: str) -> None:
        self.link.start(**environment)

    def ready(self, seconds: float = 60, **environment: str) -> None:
        """Start the link and wait until it may send."""
        self.start(**environment)
        self.wait_ready(seconds)

    def wait_ready(self, seconds: float = 60) -> None:
        self.eventually(self.is_ready, "a ready link", seconds)

    def is_ready(self) -> bool:
        """By the word of the process that runs now; one that was killed may have called itself ready last."""
        view = link_view(self.account.gateway_id, clock.now())
        process = self.link.process
        return view.ready and view.row is not None and process is not None and view.row.pid == process.pid

    def link_says(self) -> tuple[str, str, str]:
        """State, code and words of the link's own row."""
        row = LinkState.objects.filter(gateway_id=self.account.gateway_id).first()
        return (row.state, row.reason_code, row.reason) if row else ("", "", "")

    def banner(self) -> str:
        """What every page would say of the link now; nothing while all is well."""
        shown = ScreenLink(link_view(self.account.gateway_id, clock.now())).banner
        return f"{shown.title}. {shown.text}" if shown else ""

    def rest(self, *symbols: str) -> None:
        """The market stands above every entry: orders rest."""
        self._quote(symbols or self.symbols, BELOW)

    def reach(self, *symbols: str) -> None:
        """The market comes to every entry: orders fill."""
        self._quote(symbols or self.symbols, AT)

    def _quote(self, symbols: tuple[str, ...], quote: tuple[str, str]) -> None:
        for symbol in symbols:
            self.turn("quote", symbol=symbol, bid=quote[0], ask=quote[1], bid_size=5000, ask_size=5000)

    def propose(self, *symbols: str, quantity: int = 30, name: str = "plan.csv") -> Request:
        wanted = [(symbol, PRICE, quantity) for symbol in symbols or self.symbols]
        return propose_plan(self.account, wanted, name=name)

    def approve(self, *symbols: str, quantity: int = 30, name: str = "plan.csv") -> Request:
        """A plan's whole way to released tickets. Two brackets a symbol, three orders a bracket."""
        request = self.propose(*symbols, quantity=quantity, name=name)
        self.execute(request)
        return request

    def execute(self, request: Request) -> None:
        decided: Any = execute(request)
        assert decided.approved, decided.reason

    def cancel(self, key: str) -> str:
        return ask_cancel(key, actor=TRADER)

    def settle(self, seconds: float) -> None:
        """Give what must not happen the time to happen."""
        time.sleep(seconds)

    def eventually(self, question: Callable[[], Any], what: str, seconds: float = 30) -> Any:
        try:
            return eventually(question, what, seconds)
        except AssertionError as never:
            raise AssertionError(f"{never}\n{self.picture()}") from None

    def states(self, request: Request | None = None) -> dict[str, str]:
        rows = Ticket.objects.all() if request is None else Ticket.objects.filter(request=request)
        return dict(rows.order_by("pk").values_list("key", "state"))

    def intents(self) -> dict[str, str]:
        return dict(Intent.objects.order_by("pk").values_list("order_ref", "state"))

    def between(self) -> list[str]:
        """Tickets on their way: released, claimed, being sent."""
        return [key for key, state in self.states().items() if state in ("RELEASED", "CLAIMED", "SENDING")]

    def at_broker(self) -> dict[str, list[dict[str, Any]]]:
        """The gateway's own orders by our reference, whatever became of them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.turn("tickets")["tickets"]:
            found.setdefault(row["reference"], []).append(row)
        return found

    def executions(self) -> set[str]:
        return {row["exec_id"] for row in self.gateway.records("execution")}

    def picture(self) -> str:
        """What a failure needs to be understood."""
        held = [(row["reference"], row["status"]) for rows in self.at_broker().values() for row in rows]
        log = self.link.log.read_text() if self.link.log.exists() else ""
        return "\n".join(
            [
                f"link: {self.link_says()}",
                f"tickets: {self.states()}",
                f"intents: {self.intents()}",
                f"broker: {held}",
                "log: …" + log[-3000:],
            ]
        )

    def check(self) -> None:
        """The invariants hold, and our record says what the gateway's ledger says."""
        problems = [str(problem) for problem in broken_invariants(clock.now())]
        problems += list(self._against_the_ledger())
        assert problems == [], "\n".join([*problems, self.picture()])

    def _against_the_ledger(self) -> Iterator[str]:
        known = self.intents()
        for reference, rows in self.at_broker().items():
            if not reference.startswith("td-"):
                continue
            if reference not in known:
                yield f"S1: the gateway holds {reference}, which no intent names"
            if len({row["perm_id"] for row in rows}) > 1 and reference not in self.doubles:
                yield f"S2: {reference} is {len(rows)} orders at the gateway"
        sent = [fields for fields in self.gateway.placements() if any(f.startswith("td-") for f in fields)]
        unwritten = set(Evidence.objects.filter(kind="unwritten").values_list("order_ref", flat=True))
        for reference in sorted(unwritten & {word for fields in sent for word in fields}):
            yield f"S7: {reference} was written, and the link says it was not"
        ids = [fields[1] for fields in sent]
        for order_id in sorted({one for one in ids if ids.count(one) > 1}):
            if self.doubles:
                continue
            yield f"S2: order id {order_id} was written {ids.count(order_id)} times"

    def books_agree(self) -> bool:
        """Every execution of the ledger is a fill, and no fill is anything else."""
        return set(Fill.objects.values_list("exec_id", flat=True)) == self.executions()


@pytest.fixture
def spare(link: LinkProcess, tmp_path: Path) -> Iterator[LinkProcess]:
    """A second link's process, not started yet."""
    made = LinkProcess(environment=link.environment, log=tmp_path / "spare.log", nursery=link.nursery)
    yield made
    made.stop()


@pytest.fixture
def stage(simulator: Gateway, account: Account, link: LinkProcess) -> Iterator[Stage]:
    """A desk that is not started yet; when the test is over, the last look."""
    made = Stage(simulator, account, link)
    made.rest()
    yield made
    if made.checks:
        made.eventually(made.books_agree, "fills that are the gateway's executions", 15)
        made.check()
