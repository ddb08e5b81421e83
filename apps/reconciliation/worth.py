"""Cash by currency, and our net asset value beside the broker's net liquidation, cause by cause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from apps.desks.models import Account
from apps.ledger.books import accruals_of, cash_of, is_opened, nav_now, value_in_base
from apps.ledger.models import Fill
from apps.market.models import Contract
from apps.market.queries import rates_of
from apps.reconciliation.causes import Suspect
from apps.reconciliation.comparing import Compared, Found
from apps.reconciliation.ours import plain
from apps.reconciliation.theirs import NET, Told, cash_told
from tradingdesk.domain.money import Money, Reason
from tradingdesk.domain.portfolio import Nav, Rates
from tradingdesk.domain.reconciliation import (
    Bridge,
    Difference,
    Kind,
    Level,
    Outcome,
    Priced,
    Unknown,
    bridge_of,
    cash_rule,
    compare,
    judge,
)
from tradingdesk.domain.reconciliation import Told as ToldWorth

CENT = Decimal("0.01")
SETTLING = timedelta(seconds=5)  # money told this soon after an execution may not have it yet
MARK_AT_MOST = Decimal("0.05")  # further apart than this, a price is not old but wrong
HELD = (Kind.POSITION_QUANTITY, Kind.POSITION_OURS_ONLY, Kind.POSITION_THEIRS_ONLY)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Worth:
    """The two figures, the bridge between them, and what it means."""

    outcome: Outcome
    bridge: Bridge | None = None
    ours: Decimal | None = None
    theirs: Decimal | None = None


def compare_worth(account: Account, told: Told, compared: Compared, now: datetime) -> Worth:
    """Adds the differences of cash and of the whole to what was compared."""
    if told.rows is None or told.at is None:
        reason = told.reason or Reason("LIST_NEVER_TOLD", "the broker has not told its figures yet")
        compared.not_told("cash", len(cash_of(account)), reason)
        return Worth(Outcome(None, reason))
    if not is_opened(account):
        reason = Reason("CASH_NEVER_ADOPTED", "the books have no opening balance of the account yet")
        compared.not_told("cash", 0, reason)
        return Worth(Outcome(None, reason))
    rates = rates_of(account, now)
    if compared.unsettled or _settling(account, told.at):
        reason = Reason("MONEY_SETTLING", "an execution came as the money was told; the next reading counts")
        compared.not_told("cash", len(cash_of(account)), reason)
        return Worth(Outcome(None, reason))
    _cash(account, told, compared)
    return _whole(account, told, compared, rates=rates, now=now)


def _settling(account: Account, told_at: datetime) -> bool:
    return Fill.objects.filter(account=account, booked_at__gte=told_at - SETTLING).exists()


def _cash(account: Account, told: Told, compared: Compared) -> None:
    theirs = cash_told(told)
    ours = {part.currency: part.amount.quantize(CENT) for part in cash_of(account)}
    if isinstance(theirs, Unknown):
        compared.not_told("cash", len(ours), theirs.reason)
        return
    waiting = Fill.objects.filter(account=account, commission=None, superseded=False, busted=False).count()
    compared.kinds |= {Kind.CASH_AMOUNT}
    compared.told("cash", len(ours), len(theirs.rows))
    for one in compare(ours, theirs, cash_rule(CENT)) or ():
        suspect = Suspect("a booking that only the broker has: a fee, interest, a dividend or a transfer")
        if waiting:
            suspect = Suspect("commissions that were not told yet", (f"{waiting} executions without one",))
        compared.found.append(Found(difference=one, con_id=None, suspect=suspect, currency=one.key))


def _whole(account: Account, told: Told, compared: Compared, *, rates: Rates, now: datetime) -> Worth:
    nav = nav_now(account, now)
    theirs = next((Decimal(row["value"]) for row in told.rows or [] if row["tag"] == NET), None)
    if theirs is None:
        reason = Reason("MONEY_NOT_TOLD", "the broker has not told its net liquidation")
        return Worth(Outcome(None, reason), ours=nav.total)
    if nav.total is None:
        text = "; ".join(dict.fromkeys(reason.text for reason in nav.reasons)) or "a part of it is unknown"
        return Worth(Outcome(None, Reason("NAV_UNKNOWN", f"our own figure: {text}")), theirs=theirs)
    owed = [value_in_base(part, rates, now) or ZERO for part in accruals_of(account)]
    bridge = _bridge(nav, told, compared, theirs=theirs, accruals=sum(owed, start=ZERO), rates=rates, now=now)
    outcome = judge(bridge)
    compared.kinds |= {Kind.NAV_UNEXPLAINED}
    compared.seen["net asset value"] = {"ours": f"{bridge.ours:.2f}", "theirs": f"{theirs:.2f}"}
    if outcome.level in (Level.HALT, Level.EMERGENCY):
        compared.found.append(_unexplained(bridge, outcome))
    return Worth(outcome, bridge, bridge.ours, theirs)


def _unexplained(bridge: Bridge, outcome: Outcome) -> Found:
    one = Difference(
        kind=Kind.NAV_UNEXPLAINED,
        key="NAV",
        ours=f"{bridge.ours:.2f}",
        theirs=f"{bridge.theirs:.2f}",
        size=abs(bridge.unexplained).quantize(CENT),
    )
    steps = tuple(f"{step.cause}: {step.amount:+,.2f}, {step.evidence}" for step in bridge.steps)
    return Found(difference=one, con_id=None, suspect=Suspect(outcome.reason.text[:200], steps))


def _bridge(
    nav: Nav,
    told: Told,
    compared: Compared,
    *,
    theirs: Decimal,
    accruals: Decimal,
    rates: Rates,
    now: datetime,
) -> Bridge:
    """`accruals` are those that our own figure holds already."""
    assert nav.total is not None
    ledger = _by_currency(told)
    told_rates = {c: row["ExchangeRate"] for c, row in ledger.items() if "ExchangeRate" in row}
    both = {c: (ours, told_rates[c]) for c in told_rates if (ours := _rate(c, rates, now)) is not None}
    near = {c: (plain(a), plain(b)) for c, (a, b) in both.items() if c != nav.base and _is_near(a, b)}
    accrued = sum((row.get("AccruedCash", ZERO) * told_rates.get(c, ZERO) for c, row in ledger.items()), ZERO)
    return bridge_of(
        nav.total,
        ToldWorth(net_liquidation=theirs, accrued=accrued - accruals),
        priced=list(_marks(nav, ledger, compared, rates=both)),
        cash=_at_risk(nav),
        rates=near,
        differences=_moved(compared, both),
    )


def _by_currency(told: Told) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {}
    for row in told.rows or []:
        if row["currency"] not in ("", "BASE"):
            found.setdefault(row["currency"], {})[row["tag"]] = Decimal(row["value"])
    return {currency: row for currency, row in found.items() if "CashBalance" in row}


def _rate(currency: str, rates: Rates, now: datetime) -> Decimal | None:
    converted = rates.to_base(Money(Decimal(1), currency), now)
    return None if isinstance(converted, Reason) else converted.money.amount


def _is_near(ours: Decimal, theirs: Decimal) -> bool:
    return bool(theirs) and abs(ours - theirs) <= abs(theirs) * MARK_AT_MOST


def _at_risk(nav: Nav) -> dict[str, Decimal]:
    """What a rate applies to, by currency: cash and what is held."""
    total = {currency: plain(amount) for currency, amount in nav.cash.items()}
    for one in nav.holdings:
        if one.nav_value is not None:
            currency = one.nav_value.currency
            total[currency] = plain(total.get(currency, ZERO) + one.nav_value.amount)
    return total


TAGS = {"STK": "StockMarketValue", "FUT": "FuturesPNL", "OPT": "OptionMarketValue"}


def _marks(
    nav: Nav,
    ledger: Mapping[str, Mapping[str, Decimal]],
    compared: Compared,
    *,
    rates: Mapping[str, tuple[Decimal, Decimal]],
) -> Iterable[Priced]:
    """The broker tells what all its shares, futures and options of a currency are worth. Where both hold the
    same of them, what differs is their price."""
    ours: dict[tuple[str, str], Decimal] = {}
    differing = {found.con_id for found in compared.found if found.difference.kind in HELD}
    unequal = set()
    for one in nav.holdings:
        if one.nav_value is None:
            continue
        place = (one.holding.contract.sec_type, one.nav_value.currency)
        ours[place] = ours.get(place, ZERO) + one.nav_value.amount
        if one.holding.contract.con_id in differing:
            unequal.add(place)
    for (kind, currency), mine in sorted(ours.items()):
        theirs = ledger.get(currency, {}).get(TAGS.get(kind, ""))
        rate = rates.get(currency, (None, None))[0]
        if theirs is None or rate is None or (kind, currency) in unequal:
            continue
        if kind == "FUT" or _is_near(mine, theirs):
            yield Priced(
                key=f"{kind} in {currency}",
                quantity=Decimal(1),
                our_worth=(mine * rate).quantize(CENT),
                their_worth=(theirs * rate).quantize(CENT),
                future=kind == "FUT",
            )


def _moved(compared: Compared, rates: Mapping[str, tuple[Decimal, Decimal]]) -> list[Difference]:
    """What a difference of a position does to the whole: its worth, and the cash that was paid or got for it.

    Cash counts here only beside a position of its currency that differs, and only against its sign: cash that
    is missing by itself explains nothing.
    """
    rows = [found for found in compared.found if found.difference.kind in HELD]
    cash = {
        found.difference.key: Decimal(found.difference.theirs) - Decimal(found.difference.ours)
        for found in compared.found
        if found.difference.kind is Kind.CASH_AMOUNT
    }
    con_ids = [found.con_id for found in rows if found.con_id]
    currencies = dict(Contract.objects.filter(con_id__in=con_ids).values_list("con_id", "currency"))
    result = []
    for found in rows:
        one, currency = found.difference, currencies.get(found.con_id or 0, "")
        if one.effect is None:
            continue
        effect = one.effect
        paid = cash.get(currency, ZERO) * rates.get(currency, (ZERO, ZERO))[0]
        if paid * effect < 0:
            effect += paid
            cash[currency] = ZERO
        result.append(replace(one, kind=Kind.POSITION_THEIRS_ONLY, effect=effect))
    return result
