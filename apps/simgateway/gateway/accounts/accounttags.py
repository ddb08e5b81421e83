"""Which account values a summary may ask for, and which belong to the ledger."""

SUMMARY_TAGS = (
    "AccountType",
    "NetLiquidation",
    "TotalCashValue",
    "SettledCash",
    "AccruedCash",
    "BuyingPower",
    "EquityWithLoanValue",
    "PreviousDayEquityWithLoanValue",
    "PreviousEquityWithLoanValue",
    "GrossPositionValue",
    "RegTEquity",
    "RegTMargin",
    "SMA",
    "InitMarginReq",
    "MaintMarginReq",
    "AvailableFunds",
    "ExcessLiquidity",
    "Cushion",
    "FullInitMarginReq",
    "FullMaintMarginReq",
    "FullAvailableFunds",
    "FullExcessLiquidity",
    "LookAheadNextChange",
    "LookAheadInitMarginReq",
    "LookAheadMaintMarginReq",
    "LookAheadAvailableFunds",
    "LookAheadExcessLiquidity",
    "HighestSeverity",
    "DayTradesRemaining",
    "DayTradesRemainingT+1",
    "DayTradesRemainingT+2",
    "DayTradesRemainingT+3",
    "DayTradesRemainingT+4",
    "Leverage",
)
LEDGER_TAGS = (
    "AccountCode",
    "AccountOrGroup",
    "AccruedCash",
    "BilledCash",
    "CashBalance",
    "CorporateBondValue",
    "Cryptocurrency",
    "Currency",
    "ExchangeRate",
    "FundValue",
    "FutureOptionValue",
    "FuturesPNL",
    "FxCashBalance",
    "IssuerOptionValue",
    "MoneyMarketFundValue",
    "MutualFundValue",
    "NetDividend",
    "NetLiquidationByCurrency",
    "OptionMarketValue",
    "RealCurrency",
    "RealizedPnL",
    "StockMarketValue",
    "TBillValue",
    "TBondValue",
    "TotalCashBalance",
    "UnrealizedPnL",
    "WarrantValue",
)
LEDGER = "$LEDGER"


def split_tags(text: str) -> tuple[list[str], str | None]:
    """Plain tags, and the ledger's currency: empty is the base currency, ALL every one, None no ledger."""
    plain: list[str] = []
    ledger: str | None = None
    for tag in filter(None, (part.strip() for part in text.split(","))):
        if tag == "All":
            plain.extend(SUMMARY_TAGS)
        elif tag == LEDGER or tag.startswith(f"{LEDGER}:"):
            ledger = tag[len(LEDGER) + 1 :]
        else:
            plain.append(tag)
    return list(dict.fromkeys(plain)), ledger


def unknown_tags(plain: list[str]) -> list[str]:
    return [tag for tag in plain if tag not in SUMMARY_TAGS]
