"""Corrections and busts: a print of today is told again, and the books are made anew from the day."""

from dataclasses import replace
from decimal import Decimal

from apps.simgateway.exchange.accounts import Accounts, fill_of
from apps.simgateway.exchange.events import Commission, Execution, PositionChanged
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.positions import Position, apply_fill, cash_flows


def next_version(exec_id: str) -> str:
    """The id with its last segment one higher."""
    root, _, version = exec_id.rpartition(".")
    return f"{root}.{int(version) + 1:02d}"


def restate(floor: Floor, old: Execution, new: Execution) -> None:
    """Put `new` in the place of `old`: in the day's prints, in the order, in the books."""
    new = _adjust_order(floor, old, new)
    accounts = floor.accounts
    accounts.today.unpack()
    instrument = floor.instrument(old.con_id) if old.con_id else None
    account = accounts.account(old.account)
    floor.events.append(new)
    if instrument is None or account is None:
        accounts.today.restate(old.exec_id, new)
        return
    report = accounts.commission_of(old.exec_id)
    fee = report.amount if report is not None and new.shares else ZERO
    _take_back_cash(accounts, account, instrument)
    accounts.today.restate(old.exec_id, new)
    if new.shares:
        accounts.today.commissions[new.exec_id] = Commission(
            exec_id=new.exec_id, amount=fee, currency=instrument.currency
        )
    _book_again(accounts, account, instrument)
    if (told := accounts.commission_of(new.exec_id)) is not None:
        floor.events.append(told)
    floor.events.append(PositionChanged(account=account.name, con_id=instrument.con_id))


def _adjust_order(floor: Floor, old: Execution, new: Execution) -> Execution:
    """The order's own count; a leg of a combo is not counted there."""
    work = floor.live.get(old.perm_id)
    order = work.order if work is not None else floor.done.get(old.perm_id)
    if order is None or (order.is_combo and old.con_id):
        return new
    order.filled += new.shares - old.shares
    order.filled_value += new.shares * new.price - old.shares * old.price
    return replace(
        new, cum_quantity=order.filled, average_price=order.average_price, order_filled=order.filled
    )


def rebuilt(
    accounts: Accounts, account: Account, instrument: Instrument
) -> tuple[Position, dict[str, Decimal], dict[str, Decimal | None]]:
    """Position, cash moved and results by print, made from this morning's position and today's prints."""
    position = account.opening.get(instrument.con_id, Position(instrument.con_id)).copy()
    cash: dict[str, Decimal] = {}
    results: dict[str, Decimal | None] = {}
    for execution, report in accounts.prints(account.name):
        if execution.con_id != instrument.con_id:
            continue
        fill = fill_of(execution, report.amount if report is not None else ZERO)
        results[execution.exec_id], price_result = apply_fill(position, instrument, fill)
        for currency, amount in cash_flows(instrument, fill, price_result):
            cash[currency] = cash.get(currency, ZERO) + amount
    return position, cash, results


def _take_back_cash(accounts: Accounts, account: Account, instrument: Instrument) -> None:
    _, cash, _ = rebuilt(accounts, account, instrument)
    for currency, amount in cash.items():
        account.add_cash(currency, -amount)


def _book_again(accounts: Accounts, account: Account, instrument: Instrument) -> None:
    position, cash, results = rebuilt(accounts, account, instrument)
    account.positions[instrument.con_id] = position
    for currency, amount in cash.items():
        account.add_cash(currency, amount)
    for exec_id, realized in results.items():
        report = accounts.today.commissions[exec_id]
        accounts.today.commissions[exec_id] = replace(report, realized=realized)
