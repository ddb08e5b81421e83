"""The measuring side of `manage.py sim bench`, in a process of its own. Prints one JSON object.

usage: python -m tests.simgateway.bench.orders ORDERS MANY ECHO_PORT PORT PID BRIEF_PORT BRIEF_PID
The brief gateway is one that says no openOrder/orderStatus pair again.
"""

import asyncio
import json
import socket
import sys
import time
from pathlib import Path

import ib_insync

from tests.simgateway.bench.rawclient import RawClient
from tests.simgateway.scripts.actors import framed
from tests.simgateway.scripts.requests import request_fields

_IN_FLIGHT = 50
_WARM_UP = 100
_SAMPLES = 10


def percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "median_ms": round(ordered[len(ordered) // 2] * 1000, 4),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 4),
    }


def measure_echo(port: int, count: int) -> dict[str, float]:
    """Raw TCP there and back, the size of a small message."""
    message = framed(["49", "1", "x" * 60])
    times = []
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            began = time.perf_counter()
            raw.sendall(message)
            got = 0
            while got < len(message):
                got += len(raw.recv(65_536))
            times.append(time.perf_counter() - began)
    return percentiles(times[_WARM_UP:])


def measure_answers(port: int, count: int) -> dict[str, dict[str, float]]:
    """From a frame sent to the first word of its answer, without a client library in between."""
    client = RawClient(port, 71)
    clock_times, order_times = [], []
    for _ in range(count):
        began = time.perf_counter()
        client.send(request_fields("reqCurrentTime", {}))
        client.read_until(b"49")
        clock_times.append(time.perf_counter() - began)
    for number in range(count):
        order_id = client.next_id + number
        data = market_order(order_id, number)
        began = time.perf_counter()
        client.send_raw(data)
        client.read_until(b"5", place=1, value=str(order_id).encode())
        order_times.append(time.perf_counter() - began)
        client.read_until(b"59")
    client.close()
    return {"current_time": percentiles(clock_times[_WARM_UP:]), "order": percentiles(order_times[_WARM_UP:])}


def market_order(order_id: int, number: int) -> bytes:
    """One share of AAPL at the market, bought and sold in turn."""
    fields = list(_TEMPLATES[number % 2])
    fields[1] = str(order_id)
    return framed(fields)


_WORDS = {"id": "0", "quantity": "1", "symbol": "AAPL", "type": "MKT", "tif": "DAY"}
_TEMPLATES = [request_fields("placeOrder", _WORDS | {"side": side}) for side in ("BUY", "SELL")]


async def measure_ib_insync(port: int, pid: int, count: int) -> dict[str, object]:
    """placeOrder to filledEvent, one after another and then fifty at a time; the throttle is off."""
    ib = ib_insync.IB()
    ib.client.MaxRequests = 0
    await ib.connectAsync("127.0.0.1", port, clientId=72, timeout=20)
    contract = ib_insync.Stock("AAPL", "SMART", "USD")
    await ib.qualifyContractsAsync(contract)
    for number in range(_WARM_UP):
        await filled(ib, contract, number)
    times = []
    for number in range(count):
        began = time.perf_counter()
        await filled(ib, contract, number)
        times.append(time.perf_counter() - began)
    used, own, began = cpu_seconds(pid), time.process_time(), time.perf_counter()
    await many_at_once(ib, contract, count)
    passed = time.perf_counter() - began
    own, spent = time.process_time() - own, cpu_seconds(pid) - used
    ib.disconnect()
    return {
        "lifecycle": percentiles(times),
        "orders_per_second": round(count / passed),
        "gateway_cores": round(spent / passed, 2),
        "gateway_cpu_ms": round(spent / count * 1000, 3),
        "client_cpu_ms": round(own / count * 1000, 3),
    }


async def many_at_once(ib: ib_insync.IB, contract: ib_insync.Contract, count: int) -> None:
    """Fifty in flight: each order that has filled makes room for the next."""
    over = asyncio.get_running_loop().create_future()
    numbers, open_orders = iter(range(count)), set()

    def next_order() -> None:
        number = next(numbers, None)
        if number is not None:
            trade = ib.placeOrder(contract, market_order_of(number))
            open_orders.add(trade.order.orderId)
            trade.filledEvent += on_filled

    def on_filled(trade: ib_insync.Trade) -> None:
        open_orders.discard(trade.order.orderId)
        next_order()
        if not open_orders:
            over.set_result(None)

    for _ in range(min(_IN_FLIGHT, count)):
        next_order()
    await asyncio.wait_for(over, 20 + count / 20)


def market_order_of(number: int) -> ib_insync.Order:
    return ib_insync.MarketOrder("SELL" if number % 2 else "BUY", 1)


async def filled(ib: ib_insync.IB, contract: ib_insync.Contract, number: int) -> None:
    done = asyncio.get_running_loop().create_future()
    trade = ib.placeOrder(contract, market_order_of(number))
    trade.filledEvent += lambda _: done.done() or done.set_result(None)
    await asyncio.wait_for(done, 20)


def measure_many(port: int, pid: int, count: int) -> dict[str, object]:
    """A hundred thousand orders: how fast, and what they leave behind in memory."""
    client = RawClient(port, 73)
    sizes, began, batch = [resident_mb(pid)], time.perf_counter(), 50
    used = cpu_seconds(pid)
    for start in range(0, count, batch):
        client.send_raw(b"".join(market_order(client.next_id + n, n) for n in range(start, start + batch)))
        for _ in range(batch):
            client.read_until(b"59")
        if (start + batch) % max(batch, count // _SAMPLES // batch * batch) == 0:
            sizes.append(resident_mb(pid))
    passed = time.perf_counter() - began
    client.close()
    return {
        "orders": count,
        "orders_per_second": round(count / passed),
        "gateway_cpu_ms": round((cpu_seconds(pid) - used) / count * 1000, 3),
        "resident_mb": sizes,
    }


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError("no VmRSS")


def measure_loop() -> float:
    """A million additions, in milliseconds: by this figures of two machines can be compared."""
    began, total = time.perf_counter(), 0
    for number in range(1_000_000):
        total += number
    return round((time.perf_counter() - began) * 1000, 1)


def main(words: list[str]) -> None:
    count, many, echo, gateway, pid, brief, brief_pid = (int(word) for word in words)
    found: dict[str, object] = {"loop_ms": measure_loop(), "echo": measure_echo(echo, max(count, 1_000))}
    found |= {"answers": measure_answers(gateway, count)}
    found |= {"ib_insync": asyncio.run(measure_ib_insync(gateway, pid, count))}
    found |= {"ib_insync_brief": asyncio.run(measure_ib_insync(brief, brief_pid, count))}
    if many:
        found["many"] = measure_many(gateway, pid, many)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
