from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q

from apps.desks.models import Gateway
from tradingdesk.domain.market import Contract as ContractValue
from tradingdesk.domain.market import Greeks, TickStep

GREEKS = ("delta", "underlying", "gamma", "vega", "theta", "implied_vol")


class Contract(models.Model):
    """A contract as the broker describes it. `con_id` is its only identity; symbols are aliases."""

    con_id = models.BigIntegerField(unique=True)
    symbol = models.CharField(max_length=40, db_index=True)
    sec_type = models.CharField(max_length=8)
    currency = models.CharField(max_length=8)
    exchange = models.CharField(max_length=20)
    primary_exchange = models.CharField(max_length=20, blank=True)
    local_symbol = models.CharField(max_length=40)
    trading_class = models.CharField(max_length=20, blank=True)
    long_name = models.CharField(max_length=120, blank=True)
    multiplier = models.DecimalField(max_digits=18, decimal_places=6, default=1)
    price_magnifier = models.IntegerField(default=1)
    min_tick = models.DecimalField(max_digits=18, decimal_places=9)
    tick_steps = models.JSONField(default=list)  # [["0", "0.01"], …] from the market rule
    calendar = models.CharField(max_length=8)  # XNYS, XLON, CMES, …
    time_zone = models.CharField(max_length=40)
    size_limit = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    expiry = models.CharField(max_length=8, blank=True)
    strike = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    right = models.CharField(max_length=1, blank=True)
    confirmed = models.BooleanField(default=True)  # False: only named by an execution or a position so far
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(min_tick__gt=0), name="market_contract_tick_positive"),
            models.CheckConstraint(condition=Q(multiplier__gt=0), name="market_contract_multiplier_positive"),
            models.CheckConstraint(condition=Q(price_magnifier__gte=1), name="market_contract_magnifier"),
        ]

    def __str__(self) -> str:
        return self.local_symbol or self.symbol

    def as_value(self) -> ContractValue:
        return contract_value({name: getattr(self, name) for name in VALUED})


# the columns that the domain's contract is made of
VALUED = (
    "con_id", "symbol", "sec_type", "currency", "exchange", "primary_exchange", "local_symbol",
    "trading_class", "multiplier", "price_magnifier", "size_limit", "time_zone",
    "tick_steps", "min_tick", "expiry", "strike", "right",
)  # fmt: skip


def contract_value(told: dict[str, Any]) -> ContractValue:
    """The contract of the domain, from the columns of `VALUED` by name."""
    plain = {name: value for name, value in told.items() if name != "min_tick"}
    steps = tuple(TickStep(Decimal(low), Decimal(step)) for low, step in told["tick_steps"])
    expiry = told["expiry"]
    return ContractValue(
        **plain
        | {
            "tick_steps": steps or (TickStep(Decimal(0), told["min_tick"]),),
            "expiry": date.fromisoformat(expiry) if len(expiry) == len("20261218") else None,
            "strike": told["strike"] or None,
        }
    )


class ContractChange(models.Model):
    """The broker described a contract otherwise than before. Refused until a person takes it over."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT)
    told = models.JSONField()  # {field: [what was kept, what is told now]}
    reason_code = models.CharField(max_length=60)
    reason = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    why_settled = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(settled_at__isnull=True),
                name="market_one_open_change_per_contract",
            )
        ]


class Lookup(models.Model):
    """A question to the broker: which contract is this? The link answers it."""

    ASKED, FOUND, REFUSED = "asked", "found", "refused"

    symbol = models.CharField(max_length=40)
    sec_type = models.CharField(max_length=8, default="STK")
    exchange = models.CharField(max_length=20, default="SMART")
    currency = models.CharField(max_length=8, default="USD")
    con_id = models.BigIntegerField(default=0)  # asked by the broker's own number, not by name
    state = models.CharField(max_length=10, default=ASKED)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT)
    problem = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["symbol", "sec_type", "exchange", "currency", "con_id"], name="market_lookup_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="found") | Q(contract__isnull=False),
                name="market_lookup_found_has_contract",
            ),
        ]


class Session(models.Model):
    """One trading session of one exchange calendar."""

    calendar = models.CharField(max_length=8)
    day = models.DateField()
    open_at = models.DateTimeField()
    close_at = models.DateTimeField()
    early = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="market_session_once"),
            models.CheckConstraint(condition=Q(close_at__gt=F("open_at")), name="market_session_ordered"),
        ]


class SessionOverride(models.Model):
    """What an operator knows of one day and the calendar does not: other hours, or none at all.

    The table of sessions holds what is in force; what the calendar says of the day is kept here beside it.
    """

    calendar = models.CharField(max_length=8)
    day = models.DateField()
    open_at = models.DateTimeField(null=True)  # neither: the exchange stays shut
    close_at = models.DateTimeField(null=True)
    calendar_open_at = models.DateTimeField()
    calendar_close_at = models.DateTimeField()
    calendar_early = models.BooleanField(default=False)
    reason = models.TextField()
    by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day"],
                condition=Q(lifted_at__isnull=True),
                name="market_override_one_stands",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="market_override_has_reason"),
            models.CheckConstraint(
                condition=Q(open_at__isnull=True, close_at__isnull=True) | Q(close_at__gt=F("open_at")),
                name="market_override_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.day}"


class LastQuote(models.Model):
    """The newest quote of a contract. Prices in the contract's own unit; nothing is ever a made-up number."""

    contract = models.OneToOneField(Contract, primary_key=True, on_delete=models.CASCADE)
    bid = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    ask = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    bid_size = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    ask_size = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    last = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    close = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    volume = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    halted = models.BooleanField(default=False)
    data_type = models.SmallIntegerField(default=1)  # 1 live, 2 frozen, 3 delayed, 4 delayed-frozen
    received_at = models.DateTimeField()


class LastGreeks(models.Model):
    """How an option moves, as the broker's model told it last; a field that it did not compute is null."""

    contract = models.OneToOneField(Contract, primary_key=True, on_delete=models.CASCADE)
    delta = models.DecimalField(max_digits=20, decimal_places=10)
    underlying = models.DecimalField(max_digits=18, decimal_places=6)
    gamma = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    vega = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    theta = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    implied_vol = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(delta__gte=-1, delta__lte=1, underlying__gt=0), name="market_lastgreeks_possible"
            ),
        ]

    def as_value(self) -> Greeks:
        return Greeks(**{name: getattr(self, name) for name in GREEKS}, at=self.at)


class Watch(models.Model):
    """Somebody wants quotes of a contract from a gateway until then; the link subscribes."""

    gateway = models.ForeignKey(Gateway, on_delete=models.CASCADE)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE)
    wanted_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "contract"], name="market_watch_once")]


class Mark(models.Model):
    """The price of a contract at one moment of the day: for lines on screens, and what a jump is seen by."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE)
    at = models.DateTimeField()  # the beginning of a quarter of a minute
    price = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "at"], name="market_mark_once"),
            models.CheckConstraint(condition=Q(price__gt=0), name="market_mark_positive"),
        ]


class DayMark(models.Model):
    """The last price at which the books valued a contract on a trading day; once it is settled, its close."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE)
    day = models.DateField()
    price = models.DecimalField(max_digits=18, decimal_places=6)
    at = models.DateTimeField()
    settled = models.BooleanField(default=False)  # taken once the day's result was told: it stands

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "day"], name="market_day_mark_once")]


class FxRate(models.Model):
    """What one unit of a currency was worth in a base, as one source told it last on a day."""

    base = models.CharField(max_length=3)
    currency = models.CharField(max_length=3)
    source = models.CharField(max_length=20)  # gateway, or the name of the second source
    day = models.DateField()
    value = models.DecimalField(max_digits=20, decimal_places=10)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["base", "currency", "source", "day"], name="market_rate_once_a_day"
            ),
            models.CheckConstraint(condition=Q(value__gt=0), name="market_rate_positive"),
            models.CheckConstraint(condition=~Q(base=F("currency")), name="market_rate_between_two"),
        ]
        indexes = [models.Index(fields=["base", "day"])]
