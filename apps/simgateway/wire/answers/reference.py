"""What is said about contracts, chains and rules."""

from collections.abc import Iterable, Sequence

from apps.simgateway.wire.answers.session import escaped
from apps.simgateway.wire.numbers import double, flag, integer, plain
from apps.simgateway.wire.state import BondRow, ContractRow, Money, SymbolSample

__all__ = ["BondRow", "ContractRow", "SymbolSample"]


def contract_data(version: int, *, req_id: int, row: ContractRow) -> list[str]:
    fields = ["10"] if version >= 164 else ["10", "8"]
    fields += (str(req_id), row.symbol, row.sec_type, row.last_trade_date)
    if version >= 182:
        fields.append(row.last_trade_date.partition(" ")[0])
    fields += (plain(row.strike), row.right, row.exchange, row.currency, row.local_symbol, row.market_name)
    fields += (row.trading_class, str(row.con_id), plain(row.min_tick))
    if version < 164:
        fields.append("1")  # the size multiplier of market data, long unused
    fields += _routing(row)
    fields += _hours(row)
    fields += _pairs(row.sec_ids)
    fields += (integer(row.agg_group), row.under_symbol, row.under_sec_type, row.market_rule_ids)
    fields += (row.real_expiration_date, row.stock_type)
    fields += _sizes(version, row)
    if version >= 179 and row.sec_type == "FUND":
        fields += row.fund
    if version >= 186:
        fields += _pairs(row.ineligibility_reasons)
    return fields


def _routing(row: ContractRow) -> list[str]:
    return [
        row.multiplier,
        row.order_types,
        row.valid_exchanges,
        str(row.price_magnifier),
        str(row.under_con_id),
        escaped(row.long_name),
        row.primary_exchange,
    ]


def _hours(row: ContractRow) -> list[str]:
    return [
        row.contract_month,
        row.industry,
        row.category,
        row.subcategory,
        row.time_zone_id,
        row.trading_hours,
        row.liquid_hours,
        row.ev_rule,
        row.ev_multiplier,
    ]


def _sizes(version: int, row: ContractRow | BondRow) -> list[str]:
    if version >= 164:
        return [plain(row.min_size), plain(row.size_increment), plain(row.suggested_size_increment)]
    return [plain(row.size_increment)] if version == 163 and isinstance(row, ContractRow) else []


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [str(len(pairs)), *(text for pair in pairs for text in pair)]


def bond_contract_data(version: int, *, req_id: int, row: BondRow) -> list[str]:
    fields = ["18"] if version >= 164 else ["18", "6"]
    fields += (str(req_id), row.symbol, row.sec_type, row.cusip, plain(row.coupon), row.maturity)
    fields += (row.issue_date, row.ratings, row.bond_type, row.coupon_type)
    fields += (flag(row.convertible), flag(row.callable), flag(row.putable), row.description)
    fields += (row.exchange, row.currency, row.market_name, row.trading_class, str(row.con_id))
    fields.append(plain(row.min_tick))
    if version < 164:
        fields.append("1")
    fields += (row.order_types, row.valid_exchanges, row.next_option_date, row.next_option_type)
    fields += (flag(row.next_option_partial), row.notes, escaped(row.long_name))
    if version >= 188:
        fields += (row.time_zone_id, row.trading_hours, row.liquid_hours)
    fields += (row.ev_rule, row.ev_multiplier)
    fields += _pairs(row.sec_ids)
    fields += (integer(row.agg_group), row.market_rule_ids)
    return fields + _sizes(version, row)


def contract_data_end(version: int, *, req_id: int) -> list[str]:
    return ["52", "1", str(req_id)]


def sec_def_opt_param(
    version: int,
    *,
    req_id: int,
    exchange: str,
    under_con_id: int,
    trading_class: str,
    multiplier: str,
    expirations: Sequence[str],
    strikes: Sequence[Money],
) -> list[str]:
    fields = ["75", str(req_id), exchange, str(under_con_id), trading_class, str(multiplier)]
    fields += (str(len(expirations)), *expirations)
    return [*fields, str(len(strikes)), *map(double, strikes)]


def sec_def_opt_param_end(version: int, *, req_id: int) -> list[str]:
    return ["76", str(req_id)]


def symbol_samples(version: int, *, req_id: int, rows: Sequence[SymbolSample]) -> list[str]:
    fields = ["79", str(req_id), str(len(rows))]
    for row in rows:
        fields += (str(row.con_id), row.symbol, row.sec_type, row.primary_exchange, row.currency)
        fields += (str(len(row.derivatives)), *row.derivatives)
        if version >= 176:
            fields += (row.description, row.issuer_id)
    return fields


def market_rule(version: int, *, rule_id: int, bands: Sequence[tuple[Money, Money]]) -> list[str]:
    """Price increments, each with the price from which on it holds."""
    fields = ["93", str(rule_id), str(len(bands))]
    for low_edge, increment in bands:
        fields += (plain(low_edge), plain(increment))
    return fields


def _rows(fields: list[str], rows: Sequence[Iterable[str | int]]) -> list[str]:
    return [*fields, str(len(rows)), *(str(value) for row in rows for value in row)]


def mkt_depth_exchanges(version: int, *, rows: Sequence[tuple[str, str, str, str, int]]) -> list[str]:
    """Rows of exchange, kind, listing exchange, service and aggregation group."""
    return _rows(["80"], rows)


def smart_components(version: int, *, req_id: int, rows: Sequence[tuple[int, str, str]]) -> list[str]:
    """Rows of bit number, exchange and letter."""
    return _rows(["82", str(req_id)], rows)


def soft_dollar_tiers(version: int, *, req_id: int, rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Rows of name, value and display name."""
    return _rows(["77", str(req_id)], rows)


def family_codes(version: int, *, rows: Sequence[tuple[str, str]]) -> list[str]:
    """Rows of account and family code."""
    return _rows(["78"], rows)
