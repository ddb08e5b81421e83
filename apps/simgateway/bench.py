"""How fast the gateway is, beside a raw TCP echo on the same machine in the same minute.

Three processes: an echo and a gateway that are measured, and a client that measures. The client is an
ordinary ib_insync program and stands with the tests, since nothing here knows that library.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_ECHO = """
import asyncio

class Echo(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(data)

async def main():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    print("on 127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
_GATEWAY = ["manage.py", "run_sim_gateway", "--port", "0", "--switch", "pacing=off"]
_OPENING = "2026-11-20T10:00 US/Eastern"


def bench(orders: int, *, many: int = 0) -> dict[str, Any]:
    """Measure with so many orders one by one, and `many` more in bulk for the memory."""
    echo_command = [sys.executable, "-c", _ECHO]
    usual = [sys.executable, *_GATEWAY, "--start", _OPENING]
    brief = [*usual, "--switch", "repeat_statuses=0"]
    with _process(echo_command) as (echo, _), _process(usual) as gateway, _process(brief) as terse:
        words = [str(number) for number in (orders, many, echo, *gateway, *terse)]
        done = subprocess.run(
            [sys.executable, "-m", "tests.simgateway.bench.orders", *words],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"the measuring client failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator[tuple[int, int]]:
    """A server in its own process; its first line ends with the port."""
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        if ":" not in first:
            raise RuntimeError(f"{' '.join(command[:3])} did not start")
        yield int(first.rsplit(":", 1)[1]), process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def report(found: dict[str, Any]) -> str:
    """A table: medians, p99, how many raw echoes each is worth, and whose CPU sets the pace."""
    echo = found["echo"]
    rows = [
        ("raw TCP echo", echo),
        ("reqCurrentTime, answered", found["answers"]["current_time"]),
        ("market order, first answer", found["answers"]["order"]),
        ("ib_insync placeOrder to filledEvent", found["ib_insync"]["lifecycle"]),
    ]
    lines = [f"{'':38}{'median ms':>10}{'p99 ms':>10}{'× echo':>8}"]
    for name, times in rows:
        ratio = times["median_ms"] / echo["median_ms"]
        lines.append(f"{name:38}{times['median_ms']:>10.3f}{times['p99_ms']:>10.3f}{ratio:>8.1f}")
    lines.append(f"a loop of a million additions: {found['loop_ms']} ms (to compare machines by)")
    lines += _paced("ib_insync, 50 in flight", found["ib_insync"])
    lines += _paced("the same with repeat_statuses=0", found["ib_insync_brief"])
    if many := found.get("many"):
        sizes = " ".join(f"{size:.0f}" for size in many["resident_mb"])
        _, warm, *_, last = many["resident_mb"]
        lines.append(f"raw client, {many['orders']} orders: {_pace(many)}")
        lines.append(f"resident MB: {sizes}, {(last / warm - 1) * 100:+.1f} % after the first tenth")
    return "\n".join(lines)


def _paced(title: str, found: dict[str, Any]) -> list[str]:
    """What came of it, and what either side's CPU would allow on a core of its own."""
    client, gateway = (1000 / found[f"{side}_cpu_ms"] for side in ("client", "gateway"))
    cores = f"on {found['gateway_cores']} cores; {found['client_cpu_ms']} ms of the client's"
    return [
        f"{title}: {_pace(found)}, {cores}",
        f"    one core each allows: the client {client:.0f} orders/s, the gateway {gateway:.0f}",
    ]


def _pace(found: dict[str, Any]) -> str:
    return (
        f"{found['orders_per_second']} orders/s, {found['gateway_cpu_ms']} ms of the gateway's CPU for each"
    )
