"""Where real gateways differ from each other, or nobody knows: each is a switch with a default."""

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

AT_START = frozenset({"midnight_zone", "step_ms"})  # a day and a price process cannot change in their middle
CHOICES: dict[str, tuple[str, ...]] = {
    "exec_time_style": ("zone", "dash"),
    "bag_contract_details": ("refuse", "mute"),
    "cancel_refusal": ("10148", "161", "136"),
    "missing_account": ("435", "436"),
    "empty_tif": ("day", "refuse"),
    "fundamentals": ("gone", "none"),
    "direct_routing": ("allow", "refuse"),
    "oversize": ("refuse", "reduce"),
    "market_data": (
        "live", "delayed", "partly", "refused", "off", "disabled", "unsubscribed", "competing",
    ),
    "pacing": ("queue", "reject", "off"),
    "foreign_executions": ("all", "bound"),
    "history_pacing": ("usual", "strict", "off"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Every default is what a stock paper gateway has been seen to do."""

    server_version: int = 178  # the most we offer: 176, 178 or 200
    zone_name: str = "EST"  # the zone word in the handshake
    exec_time_style: str = "zone"  # zone: 20260413 15:27:04 US/Eastern · dash: 20260611-13:31:08 (UTC)
    unsolicited_snapshot: bool = True  # working orders are announced before nextValidId on a reconnect
    repeat_statuses: int = 1  # how often an openOrder/orderStatus pair is said again
    pre_submitted_first: bool = False  # older builds: PreSubmitted, then Submitted
    pending_cancel_shown: int = 1  # how many PendingCancel come before Cancelled
    silent_auction_orders: bool = True  # MOC and LOC are taken without a word
    silent_seconds: float = 0.0  # ... for so long; 0 is until something happens to them
    cross_client_cancel: bool = False  # may one client cancel another's order?
    cancel_refusal: str = "10148"  # what a cancel that comes too late draws: 10148 · 161 · 136
    direct_routing: str = "allow"  # refuse: 10311 for an order that names another exchange than SMART
    missing_account: str = "435"  # an order that names none of several accounts draws 435 · 436
    percent_limit: float = 0.0  # a precaution: a limit further through the market draws 109; 0 is off
    ticks_limit: int = 0  # the same in ticks: 382; 0 is off
    oversize: str = "refuse"  # more than the size limit: refuse (383) · reduce (481, with the limit)
    child_parent_modify_135: bool = False  # does a child that still names its filled parent draw 135?
    combo_commission: bool = False  # does the combo's own execution get a commission report?
    whatif_unset_first: bool = False  # a max-double answer comes before the numbers
    commission_after_end: bool = False  # commissions of reqExecutions after the end marker
    commission_delay_ms: int = 0  # how long after the print the commission is told
    bag_contract_details: str = "refuse"  # refuse: error 321 · mute: never answered
    moc_cutoff_text: str = "Order submission after the cut-off is not accepted by the exchange."
    market_data: str = "live"  # or one of those that say why not
    max_messages_per_second: int = 50
    pacing: str = "queue"  # queue: silently slowed · reject: error 100, three times and out · off
    market_data_lines: int = 100
    fundamentals: str = "gone"  # gone: 10358, whatever is asked · none: 430, not for this security
    price_band_pct: float = 3.0  # a limit further through the market than this is killed
    empty_tif: str = "day"  # no time in force: day · refuse (10052, as the newest gateways may)
    tif_preset_notice: bool = False  # 10349 when the client left the time in force empty
    read_only: bool = False  # the gateway's Read-Only API box
    master_client_id: int = -1
    foreign_executions: str = "all"  # who hears of prints of unknown orders: all · bound (client 0, master)
    outage_modify_duplicates: bool = False  # a change sent while the link is lost becomes a second order
    max_clients: int = 32
    midnight_zone: str = "US/Eastern"  # whose midnight empties the executions
    account_push_seconds: int = 180
    step_ms: int = 500  # how often a quote can change
    quote_pause_ms: int = 0  # the least time between two tellings of one stream, for a clock that runs fast
    history_pacing: str = "usual"  # usual: long bars do not count to the 60 · strict: all count · off
    account_ready: bool = True  # False as in the nightly reset: account values cannot be trusted

    @property
    def rules(self) -> dict[str, Any]:
        """What of this the exchange goes by."""
        return {
            "price_band_pct": Decimal(str(self.price_band_pct)),
            "late_auction_text": self.moc_cutoff_text,
            "reduces_oversize": self.oversize == "reduce",
            "wants_allocation": self.missing_account == "436",
            "percent_limit": Decimal(str(self.percent_limit)),
            "ticks_limit": self.ticks_limit,
            "midnight_zone": self.midnight_zone,
        }

    def with_changes(self, changes: dict[str, Any]) -> "Switches":
        """The same with some turned; an unknown name is refused with the names there are."""
        known = {f.name for f in fields(self)}
        if unknown := sorted(set(changes) - known):
            raise ValueError(f"no switch named {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
        for name, value in changes.items():
            if value not in (choices := CHOICES.get(name, (value,))):
                raise ValueError(f"switch {name} is one of {', '.join(choices)}, not {value}")
        return replace(self, **changes)
