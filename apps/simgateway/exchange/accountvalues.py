"""The account value rows: tag, text, currency, as a full download tells them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.valuation import Balance, Worth

_CENT = Decimal("0.01")
_SEGMENTS = ("", "-C", "-S")  # whole account, commodities, securities


@dataclass(frozen=True, slots=True)
class Value:
    """One row."""

    tag: str
    value: str
    currency: str = ""


def money(amount: Decimal) -> str:
    return f"{amount.quantize(_CENT):f}"


def _nothing(_worth: Worth) -> Decimal:
    return ZERO


_OF_ACCOUNT: tuple[tuple[str, Callable[[Worth], Decimal]], ...] = (
    ("AccruedCash", _nothing),
    ("AccruedDividend", _nothing),
    ("AvailableFunds", lambda w: w.available),
    ("Billable", _nothing),
    ("EquityWithLoanValue", lambda w: w.equity),
    ("ExcessLiquidity", lambda w: w.excess),
    ("FullAvailableFunds", lambda w: w.available),
    ("FullExcessLiquidity", lambda w: w.excess),
    ("FullInitMarginReq", lambda w: w.initial),
    ("FullMaintMarginReq", lambda w: w.maintenance),
    ("GrossPositionValue", lambda w: w.total.gross),
    ("Guarantee", _nothing),
    ("IncentiveCoupons", _nothing),
    ("IndianStockHaircut", _nothing),
    ("InitMarginReq", lambda w: w.initial),
    ("LookAheadAvailableFunds", lambda w: w.available),
    ("LookAheadExcessLiquidity", lambda w: w.excess),
    ("LookAheadInitMarginReq", lambda w: w.initial),
    ("LookAheadMaintMarginReq", lambda w: w.maintenance),
    ("MaintMarginReq", lambda w: w.maintenance),
    ("NetLiquidation", lambda w: w.total.net_liquidation),
    ("NetLiquidationUncertainty", _nothing),
    ("PASharesValue", _nothing),
    ("PhysicalCertificateValue", _nothing),
    ("PostExpirationExcess", lambda w: w.excess),
    ("PostExpirationMargin", _nothing),
    ("TotalCashValue", lambda w: w.total.cash),
    ("TotalDebitCardPendingCharges", _nothing),
)
_SINGLE: tuple[tuple[str, Callable[[Worth], Decimal]], ...] = (
    ("BuyingPower", lambda w: w.buying_power),
    ("HighestSeverity", _nothing),
    ("NLVAndMarginInReview", _nothing),
    ("RegTEquity", lambda w: w.equity),
    ("RegTMargin", lambda w: w.initial),
    ("SettledCash", lambda w: w.total.cash),
    ("SMA", lambda w: max(ZERO, w.available)),
)
_OF_YESTERDAY = ("PreviousDayEquityWithLoanValue", "PreviousEquityWithLoanValue")
_UNKNOWN_TO_COMMODITIES = frozenset({"GrossPositionValue"})
_OF_CURRENCY: tuple[tuple[str, Callable[[Balance], Decimal]], ...] = (
    ("AccruedCash", lambda b: ZERO),
    ("CashBalance", lambda b: b.cash),
    ("CorporateBondValue", lambda b: ZERO),
    ("Cryptocurrency", lambda b: ZERO),
    ("FundValue", lambda b: ZERO),
    ("FutureOptionValue", lambda b: b.future_options),
    ("FuturesPNL", lambda b: b.futures_pnl),
    ("FxCashBalance", lambda b: ZERO),
    ("IssuerOptionValue", lambda b: ZERO),
    ("MoneyMarketFundValue", lambda b: ZERO),
    ("MutualFundValue", lambda b: ZERO),
    ("NetDividend", lambda b: ZERO),
    ("NetLiquidationByCurrency", lambda b: b.net_liquidation),
    ("OptionMarketValue", lambda b: b.options),
    ("RealizedPnL", lambda b: b.realized),
    ("StockMarketValue", lambda b: b.stocks),
    ("TBillValue", lambda b: ZERO),
    ("TBondValue", lambda b: ZERO),
    ("TotalCashBalance", lambda b: b.cash),
    ("UnrealizedPnL", lambda b: b.unrealized),
    ("WarrantValue", lambda b: ZERO),
)


def values(account: Account, worth: Worth) -> list[Value]:
    """Identity, money of the whole account, then each currency and BASE."""
    return [
        *_identity(account),
        *_whole(account, worth),
        *_figures(worth),
        *(row for balance in worth.by_currency for row in _ledger(account, balance, balance.currency)),
        *_ledger(account, worth.total, "BASE"),
    ]


def _identity(account: Account) -> Iterator[Value]:
    yield Value("AccountCode", account.name)
    yield Value("AccountOrGroup", account.name, account.base)
    yield Value("AccountReady", "true")
    yield Value("accountReady", "true")
    yield Value("AccountType", account.kind)
    yield Value("SegmentTitle-C", "US Commodities")
    yield Value("SegmentTitle-S", "US Securities")
    yield Value("TradingType-S", "STKNOPT" if account.margin else "STKCASH")
    yield Value("WhatIfPMEnabled", "true")


def _whole(account: Account, worth: Worth) -> Iterator[Value]:
    for tag, figure in _OF_ACCOUNT:
        amount = money(figure(worth))
        for segment in _SEGMENTS:
            if segment == "-C" and tag in _UNKNOWN_TO_COMMODITIES:
                continue
            yield Value(tag + segment, amount if segment != "-C" else "0.00", account.base)
    for tag, figure in _SINGLE:
        yield Value(tag, money(figure(worth)), account.base)
    yesterday = worth.equity if account.previous_equity is None else account.previous_equity
    for tag in _OF_YESTERDAY:
        yield Value(tag, money(yesterday), account.base)


def _figures(worth: Worth) -> Iterator[Value]:
    equity = worth.total.net_liquidation
    leverage = worth.total.gross / equity if equity > 0 else ZERO
    yield Value("Cushion", f"{max(ZERO, worth.cushion):.6f}")
    for suffix in ("", "T+1", "T+2", "T+3", "T+4"):
        yield Value("DayTradesRemaining" + suffix, "-1")
    yield Value("Leverage", f"{leverage:.2f}")
    yield Value("Leverage-S", f"{leverage:.2f}")
    yield Value("LookAheadNextChange", "0")


def _ledger(account: Account, balance: Balance, currency: str) -> Iterator[Value]:
    yield Value("Currency", currency, currency)
    yield Value("RealCurrency", account.base if currency == "BASE" else currency, currency)
    yield Value("ExchangeRate", f"{balance.rate:.6f}", currency)
    for tag, figure in _OF_CURRENCY:
        if tag == "AccruedCash" and currency == account.base:
            continue  # told for the whole account already
        yield Value(tag, f"{figure(balance):.4f}", currency)
