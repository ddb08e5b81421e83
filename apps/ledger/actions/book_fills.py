"""Book what the broker says was traded: each execution once, a correction over what it corrects, fees late.

Runs inside the transaction that stored the evidence.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from apps.broker.models import Evidence
from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import Part, insert_rows, rows_of
from apps.ledger.actions.book_cash import settle_cash
from apps.ledger.actions.rebuild_position import rebuild_position
from apps.ledger.models import Fill, PendingCommission
from apps.market.actions.answer_lookup import ask_description
from apps.market.models import Contract
from apps.market.queries import books_day
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Booking, book, commission
from tradingdesk.domain.portfolio import Fill as FillValue

LINK = Actor("link", "link")
TOPICS = ("fills", "positions", "orders")
COMBO = "BAG"  # told beside its legs; the legs are what is held
_F, _P = Part(Fill, "f"), Part(PendingCommission, "p")
_A, _C = Part(Account, "a"), Part(Contract, "c")
KNOWN = "FROM ledger_fill f WHERE f.account_id = %s AND f.exec_root = %s FOR NO KEY UPDATE"
PRICE_PLACES, QUANTITY_PLACES = Decimal("0.000001"), Decimal("0.0001")  # as the table keeps them


def book_fills(rows: Sequence[Evidence]) -> None:
    """The ledger's door for everything the link has just stored."""
    touched: dict[tuple[int, int], set[str]] = defaultdict(set)
    traded: set[tuple[int, int]] = set()
    contracts: dict[int, Contract] = {}
    for row in rows:
        fill = None
        if row.kind == "execDetails":
            fill = _book(row)
            if fill is not None and fill.contract.sec_type != COMBO:
                traded.add((fill.account_id, fill.contract_id))
        elif row.kind == "commission":
            fill = _book_commission(row.exec_id, row.fields["body"])
        elif row.kind == "position":
            _note_position(row)
        if fill is not None:
            touched[fill.account_id, fill.contract_id].add(fill.exec_root)
            contracts[fill.contract_id] = fill.contract
    for account_id, contract_id in sorted(traded):
        rebuild_position(account_id, contract_id)
    for (account_id, contract_id), roots in sorted(touched.items()):
        settle_cash(account_id, contracts[contract_id], roots)


TOLD = """
    UPDATE ledger_position SET broker_quantity = %s, broker_cost = %s, broker_at = %s
    WHERE account_id = (SELECT id FROM desks_account WHERE code = %s) AND contract_id = %s
        AND (broker_at IS NULL OR broker_at <= %s)
"""


def _note_position(row: Evidence) -> None:
    """The broker tells a count whenever it changes; one we do not hold yet waits for the next whole list.

    What was told before the list that stands may be written after it, and says nothing any more.
    """
    body, at = row.fields["body"], row.received_at
    for contract in _C.rows("FROM market_contract c WHERE c.con_id = %s", [int(body["con_id"])]):
        held = Decimal(body.get("quantity") or "0")
        cost = quoted_cost(Decimal(body.get("cost") or "0"), contract)
        rows_of(TOLD, [held, cost, at, body.get("account", ""), contract.pk, at])


def quoted_cost(cost: Decimal, contract: Contract) -> Decimal | None:
    """The broker tells the money paid for one unit; the books keep the price it was quoted at.

    Before the broker has described the contract nobody knows the one from the other.
    """
    if not contract.confirmed:
        return None
    return (cost / contract.as_value().money_per_point).quantize(PRICE_PLACES)


def _book(row: Evidence) -> Fill | None:
    body = row.fields["body"]
    accounts = _A.rows("FROM desks_account a WHERE a.code = %s", [body.get("account", "")])
    if not accounts:
        return None  # an account of the gateway that the desk does not keep
    (account,) = accounts
    contract = contract_of(body, row.received_at)
    incoming = _value(row, account, contract)
    known = _F.rows(KNOWN, [account.pk, incoming.root])
    what = book([_value_of(fill) for fill in known], incoming)
    if what in (Booking.DUPLICATE, Booking.OUTDATED):
        return None
    if what is Booking.CONFLICT:
        _tell_conflict(row, account)
        return None
    fill = _save(row, incoming, account=account, contract=contract, known=known)
    for pending in _P.rows("FROM ledger_pendingcommission p WHERE p.exec_id = %s", [fill.exec_id]):
        _book_commission(fill.exec_id, pending.body)
        pending.delete()
    write_entry(
        "book_fill" if what is Booking.NEW else f"book_{what.value}",
        subject=fill,
        actor=LINK,
        account=account.code,
        reason_code="" if what is Booking.NEW else f"EXECUTION_{what.name}",
        after={"exec_id": fill.exec_id, "side": fill.side, "quantity": fill.quantity, "price": fill.price},
        topics=TOPICS,
    )
    return fill


def _tell_conflict(row: Evidence, account: Account) -> None:
    """Two reports under one id that cannot both be true: neither is preferred, a person is told.

    Executions are read again every half minute; what was said before is not news.
    """
    before = Evidence.objects.filter(exec_id=row.exec_id, kind=row.kind, pk__lt=row.pk)
    if before.filter(fields__body=row.fields["body"]).exists():
        return
    write_entry(
        "conflicting_execution",
        subject=row,
        actor=LINK,
        account=account.code,
        reason_code="EXECUTION_CONFLICT",
        reason=f"{row.exec_id} was told before with other figures",
        after=row.fields["body"],
        topics=("fills",),
    )


def _save(
    row: Evidence, incoming: FillValue, *, account: Account, contract: Contract, known: list[Fill]
) -> Fill:
    """A later revision takes the place of the earlier ones, which stay to be seen."""
    if known:
        Fill.objects.filter(pk__in=[fill.pk for fill in known]).update(superseded=True)
    order_id, ticket_id, strategy_id = _origin_of(row, account)
    busted = incoming.quantity == 0
    fill = Fill(
        account=account,
        exec_id=incoming.exec_id,
        exec_root=incoming.root,
        revision=incoming.revision,
        busted=busted,
        order_id=order_id,
        ticket_id=ticket_id,
        strategy_id=strategy_id,
        contract=contract,
        side=incoming.side.value,
        quantity=incoming.quantity,
        price=incoming.price,
        venue=row.fields["body"].get("venue", ""),
        perm_id=row.perm_id,
        at=incoming.at,
        trading_day=books_day(incoming.at),
        booked_at=row.received_at,
    )
    insert_rows([fill])
    return fill


ORIGIN = """
    SELECT (SELECT id FROM broker_order WHERE gateway_id = %s AND perm_id = %s ORDER BY id LIMIT 1), t.id,
        t.strategy_id
    FROM (VALUES (%s::bigint)) AS told (intent) LEFT JOIN broker_intent i ON i.id = told.intent
    LEFT JOIN tickets_ticket t ON t.id = i.ticket_id
"""


def _origin_of(row: Evidence, account: Account) -> tuple[int | None, int | None, int | None]:
    """The order, the ticket and its strategy; the last two are none when it is nobody's of ours."""
    asked = [account.gateway_id, row.perm_id or None, row.intent_id]
    ((order_id, ticket_id, strategy_id),) = rows_of(ORIGIN, asked)
    return order_id, ticket_id, strategy_id


def _value(row: Evidence, account: Account, contract: Contract) -> FillValue:
    body = row.fields["body"]
    return FillValue(
        account=account.code,
        exec_id=row.exec_id,
        con_id=contract.con_id,
        side=Side.BUY if body.get("side") == "BOT" else Side.SELL,
        quantity=Decimal(body.get("quantity") or "0").quantize(QUANTITY_PLACES),
        price=Decimal(body.get("price") or "0").quantize(PRICE_PLACES),
        at=datetime.fromisoformat(body["time"]) if body.get("time") else row.received_at,
    )


def _value_of(fill: Fill) -> FillValue:
    return FillValue(
        account=fill.account.code,
        exec_id=fill.exec_id,
        con_id=fill.contract.con_id,
        side=Side(fill.side),
        quantity=Decimal(0) if fill.busted else fill.quantity,
        price=fill.price,
        at=fill.at,
    )


CHARGED = """
    , EXISTS (SELECT FROM ledger_statedfee s WHERE s.account_id = f.account_id AND s.exec_root = f.exec_root)
    FROM ledger_fill f
    JOIN desks_account a ON a.id = f.account_id JOIN market_contract c ON c.id = f.contract_id
    WHERE f.exec_id = %s ORDER BY f.id LIMIT 1
"""
CHARGE = (
    "UPDATE ledger_fill SET commission = %s, commission_currency = %s, broker_realized = %s WHERE id = %s"
)


def _book_commission(exec_id: str, body: dict[str, str]) -> Fill | None:
    """The fill whose fee is another one now.

    It may come before the execution, late, as -1 for "not yet", or below zero as a rebate.
    """
    amount = None if body.get("commission") is None else Decimal(body["commission"])
    fee = commission(amount, body.get("currency", ""))
    if fee is None:
        return None
    fill, stated = _charged(exec_id)
    if fill is None:
        PendingCommission.objects.update_or_create(exec_id=exec_id, defaults={"body": body})
        return None
    if fill.commission == fee.amount or stated:
        return None
    before = fill.commission
    fill.commission, fill.commission_currency = fee.amount, fee.currency
    fill.broker_realized = Decimal(body["realized"]) if body.get("realized") else None
    rows_of(CHARGE, [fill.commission, fill.commission_currency, fill.broker_realized, fill.pk])
    write_entry(
        "book_commission",
        subject=fill,
        actor=LINK,
        account=fill.account.code,
        before={"commission": before},
        after={"commission": fee.amount, "currency": fee.currency},
        topics=TOPICS,
    )
    return fill


def _charged(exec_id: str) -> tuple[Fill | None, bool]:
    """The fill that a fee is about, and whether the statement's word on it came after the link's.

    That one stays: executions are read again every half minute.
    """
    columns = ", ".join(part.columns for part in (_F, _A, _C))
    for row in rows_of(f"SELECT {columns} {CHARGED}", [exec_id]):
        values = iter(row)
        fill = _F.read(values)
        fill.account, fill.contract = _A.read(values), _C.read(values)
        return fill, next(values)
    return None, False


def contract_of(body: dict[str, str], now: datetime) -> Contract:
    """The contract of an execution; one the desk never asked about is kept as the broker names it here.

    Its multiplier and the unit of its price are not in an execution: the broker is asked to describe it.
    """
    known = _C.rows("FROM market_contract c WHERE c.con_id = %s", [int(body["con_id"])])
    if known:
        return known[0]
    contract, new = Contract.objects.get_or_create(
        con_id=int(body["con_id"]),
        defaults={
            "symbol": body.get("symbol", ""),
            "sec_type": body.get("sec_type", ""),
            "currency": body.get("currency", "USD"),
            "exchange": "SMART",
            "local_symbol": body.get("local_symbol") or body.get("symbol", ""),
            "min_tick": Decimal("0.01"),
            "calendar": "XNYS",
            "time_zone": "US/Eastern",
            "checked_at": now,
            "confirmed": False,
        },
    )
    if new and contract.sec_type != COMBO:
        ask_description(contract, now)
    return contract
