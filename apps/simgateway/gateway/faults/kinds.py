"""Every fault that can be turned on: its name, what it acts on, and what it does unless told otherwise.

A fault acts on messages (gateway to client) or on requests (client to gateway). Its name is the one used at
the control door, in scenario files and in scripts. What acts on the broker itself is a verb: see `verbs.py`.
"""

from dataclasses import dataclass, field
from typing import Any

MESSAGE = "message"
REQUEST = "request"
FOR_EVER = 0  # as a count: until cleared


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One entry of the catalogue."""

    name: str
    acts_on: str
    effect: str  # a key of the effects in faults.py
    says: str
    example: str
    defaults: dict[str, Any] = field(default_factory=dict)


def _message(name: str, effect: str, says: str, example: str, **defaults: Any) -> FaultKind:
    return FaultKind(
        name=name,
        acts_on=MESSAGE,
        effect=effect,
        says=says,
        example=f"fault {name} {example}".rstrip(),
        defaults=defaults,
    )


def _request(name: str, effect: str, says: str, example: str, **defaults: Any) -> FaultKind:
    return FaultKind(
        name=name,
        acts_on=REQUEST,
        effect=effect,
        says=says,
        example=f"fault {name} {example}".rstrip(),
        defaults=defaults,
    )


_COMMISSION = "commissionReport"
_ACK = "openOrder,orderStatus"

KINDS: dict[str, FaultKind] = {
    kind.name: kind
    for kind in (
        _message(
            "hold", "hold", "Messages wait until `release` is said.", "message=openOrder,orderStatus ref=T-7"
        ),
        _message("drop", "drop", "Messages are lost.", "message=orderStatus:Filled count=1", count=1),
        _message("mute", "drop", "Messages are lost until the fault is cleared.", "message=execDetailsEnd"),
        _message(
            "delay", "delay", "Messages come late, and others overtake them.", "message=orderStatus ms=2000"
        ),
        _message(
            "latency", "latency", "Everything comes late, in its order.", "ms=40 jitter_ms=20", message="*"
        ),
        _message(
            "cut",
            "tear",
            "A message breaks off in its middle, and the socket closes.",
            "message=execDetails count=1",
            count=1,
        ),
        _message("duplicate", "duplicate", "Messages are said again.", "message=execDetails times=2"),
        _message(
            "reorder",
            "reorder",
            "A message waits until another kind has gone out before it.",
            "message=execDetails until=orderStatus",
            until="*",
        ),
        _message(
            "rewrite", "rewrite", "One field says something else.", "message=orderStatus field=3 value=0"
        ),
        _message(
            "hold_ack", "hold", "An order's acknowledgement waits for `release`.", "ref=T-7", message=_ACK
        ),
        _message("drop_ack", "drop", "An order is never acknowledged.", "ref=T-7", message=_ACK),
        _message(
            "status_before_execution",
            "reorder",
            "orderStatus tells of a fill before execDetails does.",
            "",
            message="execDetails",
            until="orderStatus",
        ),
        _message("mute_execution_end", "drop", "reqExecutions never ends.", "", message="execDetailsEnd"),
        _message(
            "mute_completed_end", "drop", "reqCompletedOrders never ends.", "", message="completedOrdersEnd"
        ),
        _message("mute_open_order_end", "drop", "reqOpenOrders never ends.", "", message="openOrderEnd"),
        _message("mute_position_end", "drop", "reqPositions never ends.", "", message="positionEnd"),
        _message("mute_account_end", "drop", "Account downloads never end.", "", message="acctDownloadEnd"),
        _message("mute_snapshot_end", "drop", "A quote snapshot never ends.", "", message="tickSnapshotEnd"),
        _message("commission_never", "drop", "A commission is never told.", "count=1", message=_COMMISSION),
        _message(
            "commission_late", "delay", "Commissions come late.", "ms=5000", message=_COMMISSION, ms=5000
        ),
        _message(
            "commission_minus_one",
            "rewrite",
            "A commission says -1: not known yet.",
            "",
            message=_COMMISSION,
            field=3,
            value="-1.0",
        ),
        _message(
            "commission_unset",
            "rewrite",
            "A commission is the largest double.",
            "",
            message=_COMMISSION,
            field=3,
            value="1.7976931348623157E308",
        ),
        _message(
            "commission_negative", "negate", "A commission is a rebate.", "", message=_COMMISSION, field=3
        ),
        _message(
            "commission_early",
            "reorder",
            "A commission comes before its execution.",
            "",
            message="execDetails",
            until=_COMMISSION,
        ),
        _message(
            "wrong_positions",
            "shift",
            "Positions are told wrong by a number of shares.",
            "symbol=AAPL by=100",
            message="position,positionMulti,portfolioValue",
        ),
        _message(
            "late_positions",
            "stale",
            "A changed position is told late; until then the old one is.",
            "ms=5000",
            message="position,positionMulti,portfolioValue",
            ms=5000,
        ),
        _message(
            "no_positions",
            "drop",
            "Positions are told as if there were none.",
            "",
            message="position,positionMulti",
        ),
        _message(
            "account_not_ready",
            "rewrite",
            "Account values say that they are not valid yet.",
            "",
            message="acctValue:[aA]ccountReady",
            field=3,
            value="false",
        ),
        _message(
            "no_executions", "drop", "reqExecutions ends as if nothing was filled.", "", message="execDetails"
        ),
        _message(
            "windows_zone",
            "zone",
            "Execution times carry a Windows zone name.",
            "",
            message="execDetails",
            value="Eastern Standard Time",
        ),
        _message(
            "late_accounts",
            "delay",
            "The account list comes late.",
            "ms=3000",
            message="managedAccts",
            ms=3000,
        ),
        _message(
            "late_order_id", "delay", "nextValidId comes late.", "ms=3000", message="nextValidId", ms=3000
        ),
        _request(
            "swallow",
            "swallow",
            "A request is taken and not looked at until `release` (a dialog is open).",
            "request=placeOrder ref=T-7",
        ),
        _request(
            "error",
            "error",
            "A request is answered with an error and not done.",
            'request=placeOrder ref=T-7 code=201 text="Order rejected - reason:test"',
            code=201,
            text="Order rejected - reason:Rejected by the simulator.",
        ),
        _request(
            "close_before_accept",
            "close_before",
            "The socket closes and the request was never seen.",
            "request=placeOrder",
            count=1,
        ),
        _request(
            "close_after_accept",
            "close_after",
            "The request is done, and the socket closes before a word is said.",
            "request=placeOrder",
            count=1,
        ),
        _request(
            "stall",
            "stall",
            "From that request on the socket is dead, but not closed.",
            "request=placeOrder ms=30000",
            count=1,
        ),
        _request("late_answer", "late", "A request is looked at late.", "request=* ms=2000", request="*"),
        _request(
            "slow_reader",
            "slow",
            "Requests of a client are read one every so many milliseconds.",
            "client=1 ms=200",
            request="*",
            ms=200,
        ),
        _request(
            "busy_client",
            "error",
            "A client id is in use already.",
            "client=1",
            request="startApi",
            code=326,
            text="Unable to connect as the client id is already in use. Retry with a unique client id.",
            close=True,
        ),
        _request("mute_port", "ignore", "The port accepts and never answers.", "", request="hello"),
        _request("refuse_port", "close_before", "The port accepts and closes.", "", request="hello"),
        _request("ignore", "ignore", "A request is never answered.", "request=reqExecutions"),
    )
}
