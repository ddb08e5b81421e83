"""From a closed socket to ready: dial, check whom we reached, read everything, and only then send."""

import structlog

from apps.broker.actions.open_session import mark_ready, open_session
from apps.broker.actions.recover_intents import give_up_unfound, recover_intents
from apps.broker.link.link import Link
from apps.broker.link.refusals import NotReady, refuse_newer_broker
from apps.broker.link.snapshots import Missing, read_books, read_orders
from apps.broker.ports import ClientIdTaken, Opened
from apps.broker.queries import restart_windows
from apps.desks.models import Account
from apps.desks.ports import is_simulated, mask
from apps.journal import clock

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 20.0


async def open_link(link: Link) -> None:
    """Dial and begin a session. Raises NotReady for a gateway that is not the one we are set up for."""
    link.begin()
    link.broker.heard, link.broker.closed = link.hear, link.lose
    try:
        opened = await link.broker.open(
            link.gateway.host, link.gateway.port, client_id=link.gateway.client_id, timeout=CONNECT_SECONDS
        )
    except ClientIdTaken as taken:
        raise NotReady("CLIENT_ID_IN_USE", f"{taken}; the desk waits until it is free") from taken
    except (OSError, TimeoutError) as failed:
        why = str(failed) or f"no handshake within {CONNECT_SECONDS:g} s"
        raise NotReady("GATEWAY_UNREACHABLE", why) from failed
    link.session = await link.db.run(open_session, link.gateway, link.epoch, opened, holder=link.holder)
    await check_environment(link, opened)


async def check_environment(link: Link, opened: Opened) -> None:
    """Wrong account, or real money where simulated was set: refuse before anything is read or sent."""
    ours = await link.db.run(
        lambda: list(
            Account.objects.filter(gateway=link.gateway, enabled=True).values_list("code", flat=True)
        )
    )
    simulated = link.gateway.mode in ("sim", "paper")
    wrong = [code for code in opened.accounts if is_simulated(code) is not simulated]
    if wrong:
        kind = "live" if simulated else "simulated"
        raise NotReady(
            "ENVIRONMENT_WRONG",
            f"the gateway is set to {link.gateway.mode} and manages the {kind} account {mask(wrong[0])}",
        )
    missing = sorted(set(ours) - set(opened.accounts))
    if missing or not ours:
        named = ", ".join(mask(code) for code in missing) or "none is set up"
        raise NotReady("ACCOUNT_NOT_MANAGED", f"the gateway does not manage our account: {named}")


async def become_ready(link: Link) -> None:
    """Settle what earlier lives left, read everything, and say so."""
    recovered = await link.db.run(recover_intents, link.living, clock.now())
    seen = await read_orders(link)
    if isinstance(seen, Missing):
        raise NotReady("SNAPSHOT_INCOMPLETE", f"{seen.request}: {seen.why}")
    await refuse_newer_broker(link, seen)
    await link.db.run(give_up_unfound, link.living, seen.refs)
    missing = await read_books(link)
    if missing is not None:
        raise NotReady("SNAPSHOT_INCOMPLETE", f"{missing.request}: {missing.why}")
    counts = {
        "orders": len(seen.orders),
        "executions": len(seen.executions),
        "lapsed": recovered.lapsed,
        "taken_back": recovered.cancels,
        "unknown": recovered.unknown,
    }
    await link.db.run(mark_ready, link.living, holder=link.holder, seen=counts)
    link.windows = await link.db.run(restart_windows, link.gateway.pk)
    link.acked_since_ready = False
    link.not_ready_code = link.not_ready_why = ""
    link.ready = True
    link.wake.set()
    log.info("ready", **counts)
