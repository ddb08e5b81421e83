"""Measure the desk: every figure beside a baseline of the same run, as a table and as JSON."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.journal import clock
from apps.runbook.bench.day import make_day, price_of, wait_for
from apps.runbook.bench.figures import Figure, table
from apps.runbook.bench.orders import LinkProcess, click_to_wire, fill_to_row, play_rounds, restart_to_ready
from apps.runbook.bench.rig import Rig, manage, rig
from apps.runbook.bench.sizes import measure_sizes
from apps.runbook.bench.tables import time_claims, time_large_plan
from tradingdesk import env

# fmt: off
SYMBOLS = [
    "WEC", "ATO", "PNW", "OHI", "AEE", "NI", "SPG", "IFF", "DUK", "NEE", "JPM", "BAC", "WFC", "V", "JNJ",
    "MRK",
    "PFE", "XOM", "CVX", "KO", "PG", "WMT", "HD", "MCD", "DIS", "NKE", "T", "BA", "GE", "UPS", "IBM", "AAPL",
    "MSFT", "NVDA", "GOOGL", "AMZN", "AMD", "INTC", "CSCO", "QCOM", "PEP", "HON", "ARCC", "XLF", "XLE", "XLU",
    "HYG", "JNK", "LQD", "TLT", "EWQ", "SPY", "QQQ", "IWM", "DIA", "GLD", "XLK",
]
# fmt: on
BARE_ORDERS, BARE_FILLS = 200, 40
FOR_CLAIMS = 15


class Command(BaseCommand):
    help = "Measure the desk on this machine beside bare ib_insync: a table, and JSON with --json FILE."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=20, help="plans sent and filled one after another")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
        parser.add_argument("--inside", help="used by the command itself: the rig it has started")

    def handle(self, **options: Any) -> None:
        if options["inside"]:
            self._measure(json.loads(options["inside"]), options["rounds"], options["json"])
            return
        rounds = min(options["rounds"], len(SYMBOLS) - FOR_CLAIMS)
        with rig() as made:
            words = ["--rounds", str(rounds), "--json", str(made.home / "figures.json")]
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

    def _measure(self, told: dict[str, Any], rounds: int, target: Path) -> None:
        figures = list(measure(told, rounds, self.stdout.write))
        self.stdout.write(table(figures))
        target.write_text(json.dumps([one.told() for one in figures], indent=1, ensure_ascii=False))


def measure(told: dict[str, Any], rounds: int, say: Any) -> list[Figure]:
    """All figures of one run, in the order of issue and page."""
    home, ledger = Path(told["home"]), Path(told["ledger"])
    day = make_day(port=told["port"], door=told["door"], token=told["token"], ledger=ledger)
    say("bare ib_insync at the same gateway …")
    bare = measure_bare(told["port"])
    link = LinkProcess(home / "link.log")
    try:
        link.start()
        wait_for(day.is_ready, "a ready link", 180)
        say(f"{rounds} plans, sent and filled …")
        prices = price_of(day, SYMBOLS[: rounds + FOR_CLAIMS])
        played = dict(list(prices.items())[:rounds])
        clicks, heard = play_rounds(day, played)
        figures = [click_to_wire(day, clicks, bare), fill_to_row(day, heard, bare)]
        say("restarts …")
        figures.append(restart_to_ready(day, link, bare["connects"]))
        pids = {name: int(pid) for name, pid in told["pids"].items()}
        assert link.process is not None
        say("memory …")
        sizes = measure_sizes(
            pids | {"link": link.process.pid}, dict(os.environ), home=home, bare=bare["memory_mb"]
        )
    except RuntimeError:
        say(f"the link said last:\n{link.log.read_text()[-3000:]}")
        raise
    finally:
        link.end()
    say("claims and a large plan …")
    figures.append(time_claims(day, dict(list(prices.items())[rounds:])))
    figures.append(time_large_plan(day))
    return figures + sizes


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
