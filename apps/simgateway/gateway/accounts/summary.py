"""Account summaries: chosen values of all accounts, at most two subscriptions of a client."""

from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.accounts.accounttags import LEDGER_TAGS, split_tags, unknown_tags
from apps.simgateway.gateway.accounts.accountvalues import rows_of
from apps.simgateway.gateway.accounts.positions import by_req_id, ending
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.gateway.wording import invalid, unprocessed
from apps.simgateway.wire.answers import account as answers
from apps.simgateway.wire.requests.account import CancelAccountSummary, ReqAccountSummary

SUMMARY = "account summary"
MOST = 2
TOO_MANY = unprocessed("Maximum number of account summary requests exceeded", "bK")


def subscribe(gateway: Hub, session: Session, request: ReqAccountSummary) -> None:
    """The values now, the end, and every three minutes what changed."""
    req_id = request.req_id
    others = [stream for stream in streams.of_kind(session, SUMMARY) if stream.number != req_id]
    if len(others) >= MOST:
        gateway.error(session, req_id, 322, TOO_MANY)
        return
    if request.group not in ("All", *gateway.accounts.names):
        text = invalid(f"Invalid account group '{request.group}'", "bL")
        gateway.error(session, req_id, 321, text)
        return
    plain, ledger = split_tags(request.tags)
    if (not plain and ledger is None) or (wrong := unknown_tags(plain)):
        named = ",".join(wrong) if plain else request.tags
        gateway.error(session, req_id, 321, invalid(f"Invalid tags '{named}'", "bL"))
        return
    stream = streams.begin(session, SUMMARY, req_id, (request.group, plain, ledger, {}))
    _tell(gateway, stream)
    gateway.send(session, answers.account_summary_end(session.version, req_id=req_id))
    interval = gateway.switches.account_push_seconds * SECOND
    streams.every(gateway, stream, interval, lambda: _tell(gateway, stream))


def _tell(gateway: Hub, stream: Stream) -> None:
    group, plain, ledger, told = stream.about
    names = gateway.accounts.names if group == "All" else [group]
    for account in names:
        for tag, value, currency in _chosen(rows_of(gateway, account), plain, ledger):
            if told.get((account, tag, currency)) == value:
                continue
            told[account, tag, currency] = value
            message = answers.account_summary(
                stream.session.version,
                req_id=stream.number,
                account=account,
                tag=tag,
                value=value,
                currency=currency,
            )
            gateway.send(stream.session, message)


def _chosen(
    rows: list[tuple[str, str, str]], plain: list[str], ledger: str | None
) -> list[tuple[str, str, str]]:
    """Plain tags in the order asked for, then the ledger of one currency or of all."""
    by_tag: dict[str, tuple[str, str, str]] = {}
    for row in rows:
        by_tag.setdefault(row[0], row)
    chosen = [by_tag[tag] for tag in plain if tag in by_tag]
    if ledger is None:
        return chosen
    wanted = ledger or "BASE"
    return chosen + [row for row in rows if row[0] in LEDGER_TAGS and row[2] and wanted in ("ALL", row[2])]


HANDLERS = {ReqAccountSummary: subscribe, CancelAccountSummary: ending(SUMMARY, by_req_id)}
