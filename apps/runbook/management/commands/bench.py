"""Measure the desk: every figure beside a baseline of the same run, as a table and as JSON."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.journal import clock
from apps.runbook.bench.comparing import time_reconcile
from apps.runbook.bench.day import Day, make_day, price_of, wait_for
from apps.runbook.bench.figures import Figure, table
from apps.runbook.bench.gate import measure_gate, tell_screens
from apps.runbook.bench.history import measure_history
from apps.runbook.bench.logins import PEOPLE, measure_logins
from apps.runbook.bench.orders import LinkProcess, click_to_wire, fill_to_row, play_rounds, restart_to_ready
from apps.runbook.bench.rig import Rig, manage, rig
from apps.runbook.bench.screens import TABS, fills_to_pixels, in_a_browser, page_weights, web_running
from apps.runbook.bench.sizes import measure_sizes
from apps.runbook.bench.stops import measure_stop
from apps.runbook.bench.tables import time_claims, time_large_plan
from apps.runbook.bench.worth import time_worth
from tradingdesk import env
from tradingdesk.memory import keep_what_is_loaded

# fmt: off
SYMBOLS = [  # without what the simulated account holds from the start
    "WEC", "ATO", "PNW", "OHI", "AEE", "NI", "SPG", "IFF", "DUK", "NEE", "JPM", "BAC", "WFC", "V", "JNJ",
    "MRK",
    "PFE", "XOM", "CVX", "KO", "PG", "WMT", "HD", "MCD", "DIS", "NKE", "T", "BA", "GE", "UPS", "IBM",
    "MSFT", "NVDA", "GOOGL", "AMZN", "AMD", "INTC", "CSCO", "QCOM", "PEP", "HON", "ARCC", "XLF", "XLE", "XLU",
    "HYG", "JNK", "LQD", "TLT", "EWQ", "QQQ", "IWM", "DIA", "GLD", "XLK",
]
# fmt: on
BARE_ORDERS, BARE_FILLS = 200, 40
FOR_CLAIMS, IN_TABS, AT_GATE = 15, 12, 10


class Command(BaseCommand):
    help = "Measure the desk on this machine beside bare ib_insync: a table, and JSON with --json FILE."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(PARTS)
        parser.add_argument(
            "part", nargs="?", default="", choices=["", *PARTS], help=f"one of {names}; or all"
        )
        parser.add_argument("--rounds", type=int, default=20, help="plans sent and filled one after another")
        parser.add_argument(
            "--fills", type=int, default=100_000, help="of the large history; 1000000 takes some minutes"
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
        parser.add_argument("--inside", help="used by the command itself: the rig it has started")

    def handle(self, **options: Any) -> None:
        if options["inside"]:
            self._measure(json.loads(options["inside"]), options)
            return
        rounds = min(options["rounds"], len(SYMBOLS) - FOR_CLAIMS - IN_TABS - AT_GATE)
        with rig() as made:
            words = [
                "--rounds",
                str(rounds),
                "--fills",
                str(options["fills"]),
                "--json",
                str(made.home / "figures.json"),
            ]
            words += [options["part"]] if options["part"] else []
            told = json.dumps(asdict(made), default=str)
            done = subprocess.run(
                manage("bench", "--inside", told, *words),
                env=made.environment | {"TRADINGDESK_CLOCK": clock_line(made)},
                cwd=env.BASE_DIR,
            )
            if done.returncode:
                raise CommandError("the measuring process failed; what it said stands above")
            if options["json"]:
                options["json"].write_text((made.home / "figures.json").read_text())

    def _measure(self, told: dict[str, Any], options: dict[str, Any]) -> None:
        figures = measure(
            told, options["rounds"], self.stdout.write, part=options["part"], fills=options["fills"]
        )
        self.stdout.write(table(figures))
        options["json"].write_text(json.dumps([one.told() for one in figures], indent=1, ensure_ascii=False))


def measure(told: dict[str, Any], rounds: int, say: Any, *, part: str, fills: int) -> list[Figure]:
    """All figures of one run, or those of one part, in the order of the documentation."""
    home, ledger = Path(told["home"]), Path(told["ledger"])
    day = make_day(port=told["port"], door=told["door"], token=told["token"], ledger=ledger)
    keep_what_is_loaded()  # as the desk's own processes do
    say("bare ib_insync at the same gateway …")
    bare = measure_bare(told["port"])
    link = LinkProcess(home / "link.log")
    run = Run(day=day, link=link, bare=bare, home=home, say=say, rounds=rounds, fills=fills)
    run.pids = {name: int(pid) for name, pid in told["pids"].items()}
    wanted = [one for one in PARTS if part in ("", one)]
    try:
        link.start()
        wait_for(day.is_ready, "a ready link", 180)
        run.share_prices(price_of(day, SYMBOLS[: rounds + IN_TABS + AT_GATE + FOR_CLAIMS]))
        figures = [figure for one in wanted if one not in ALONE for figure in PARTS[one](run)]
    except RuntimeError:
        say(f"the link said last:\n{link.log.read_text()[-3000:]}")
        raise
    finally:
        link.end()
    return figures + [figure for one in wanted if one in ALONE for figure in PARTS[one](run)]


@dataclass(slots=True, kw_only=True)
class Run:
    """What the parts of one run share."""

    day: Day
    link: LinkProcess
    bare: dict[str, Any]
    home: Path
    say: Any
    rounds: int
    fills: int
    pids: dict[str, int] = field(default_factory=dict)
    played: dict[str, Decimal] = field(default_factory=dict)
    in_tabs: dict[str, Decimal] = field(default_factory=dict)
    at_gate: dict[str, Decimal] = field(default_factory=dict)
    claimed: dict[str, Decimal] = field(default_factory=dict)

    def share_prices(self, prices: dict[str, Decimal]) -> None:
        rows = list(prices.items())
        self.played = dict(rows[: self.rounds])
        self.in_tabs = dict(rows[self.rounds : self.rounds + IN_TABS])
        gate = self.rounds + IN_TABS
        self.at_gate = dict(rows[gate : gate + AT_GATE])
        self.claimed = dict(rows[gate + AT_GATE :])


def orders(run: Run) -> list[Figure]:
    run.say(f"{len(run.played)} plans, sent and filled …")
    clicks, heard = play_rounds(run.day, run.played)
    return [click_to_wire(run.day, clicks, run.bare), fill_to_row(run.day, heard, run.bare)]


def screens(run: Run) -> list[Figure]:
    run.say(f"{len(run.in_tabs)} fills seen in {TABS} tabs, and what each page weighs …")
    with web_running(dict(os.environ), run.home) as (address, pid):
        seen = in_a_browser(lambda: list(page_weights(address)), run.say)
        seen += in_a_browser(lambda: list(fills_to_pixels(run.day, run.in_tabs, address)), run.say)
        sizes = run.pids | {"web": pid}
        if run.link.process is not None:
            sizes["link"] = run.link.process.pid
        return seen + measure_sizes(sizes, dict(os.environ), home=run.home, bare=run.bare["memory_mb"])


def restart(run: Run) -> list[Figure]:
    run.say("restarts …")
    return [restart_to_ready(run.day, run.link, run.bare["connects"])]


def claims(run: Run) -> list[Figure]:
    run.say("claims …")
    return [time_claims(run.day, run.claimed)]


def plan(run: Run) -> list[Figure]:
    run.say("a plan of five hundred lines …")
    return [time_large_plan(run.day)]


def stop(run: Run) -> list[Figure]:
    """With fifty-four orders working."""
    run.say("a stop …")
    return measure_stop(run.day, run.claimed)


def gate(run: Run) -> list[Figure]:
    """Windows, cancels and approvals with the link about, then the same countdown on fifty screens."""
    run.say(f"{len(run.at_gate)} windows released, forty cancelled, {len(run.at_gate)} plans approved …")
    figures = measure_gate(run.day, run.at_gate)
    run.say("a countdown on fifty screens …")
    with web_running(dict(os.environ), run.home) as (address, _):
        return [*figures, tell_screens(run.day, run.at_gate, address)]


def login(run: Run) -> list[Figure]:
    """With no link about: whoever comes in early does so too."""
    run.say(f"{PEOPLE} people come in …")
    with web_running(dict(os.environ), run.home) as (address, _):
        return measure_logins(address)


def reconcile(run: Run) -> list[Figure]:
    run.say("a round of the reconciliation …")
    symbol, price = next(iter(run.claimed.items()))
    return [time_reconcile(run.day, {symbol: price})]


def history(run: Run) -> list[Figure]:
    """Three years of sessions; `--fills 1000000` is the heavy size."""
    return measure_history(run.day.account, run.fills, run.say)


def nav(run: Run) -> list[Figure]:
    run.say("the worth of a thousand positions …")
    return [time_worth(run.day.account.gateway)]


PARTS: dict[str, Callable[[Run], list[Figure]]] = {
    "orders": orders, "screens": screens, "restart": restart, "gate": gate, "stop": stop, "claims": claims,
    "plan": plan, "login": login, "reconcile": reconcile, "history": history, "nav": nav,
}  # fmt: skip
ALONE = ("claims", "plan", "login", "reconcile", "history", "nav")  # measured with no link about


def measure_bare(port: int) -> dict[str, Any]:
    """The baseline's program stands with the tests: nothing of the desk but its link knows the library."""
    words = [str(word) for word in (port, BARE_ORDERS, BARE_FILLS)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bare_orders", *words],
        cwd=env.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if done.returncode:
        raise CommandError(f"the baseline failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def clock_line(made: Rig) -> str:
    """The line that makes the desk's clock the gateway's."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{made.door}/status",
        data=b"{}",
        headers={"Authorization": f"Bearer {made.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        moment = datetime.fromisoformat(json.load(answer)["time"])
    return str(clock.Line(moment, time.time(), 1.0))
