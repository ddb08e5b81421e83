"""Requests as a client writes them at server version 176, from a name and a few words.

Written from the protocol page and not from the simulator's parser, so that the two can disagree.
"""

from collections.abc import Callable

Words = dict[str, str]

# name → id and its fields: NAME is taken from the words of the line, NAME: is empty and NAME:x is x unless
# given, 'x stands as it is. A blank in a default is written _.
PLAIN: dict[str, str] = {
    "reqMktData": "1 '11 id @contract @legs '0 ticks: snapshot:0 '0 '",
    "cancelMktData": "2 '2 id",
    "cancelOrder": "4 '1 id '",
    "reqOpenOrders": "5 '1",
    "reqAccountUpdates": "6 '2 on:1 account:",
    "reqExecutions": "7 '3 id:900 client:0 account: time: symbol: sec_type: exchange: side:",
    "reqIds": "8 '1 '1",
    "reqContractDetails": "9 '8 id @contract '0 sec_id_type: sec_id: '",
    "reqMktDepth": "10 '5 id @contract rows:5 smart:1 '",
    "cancelMktDepth": "11 '1 id smart:1",
    "reqAutoOpenOrders": "15 '1 on:1",
    "reqAllOpenOrders": "16 '1",
    "reqManagedAccts": "17 '1",
    "reqHistoricalData": "20 id @contract '0 end: bar:1_min duration:1800_S rth:1 what:TRADES '1 '0 '",
    "cancelHistoricalData": "25 '1 id",
    "reqScannerParameters": "24 '1",
    "reqCurrentTime": "49 '1",
    "reqFundamentalData": "52 '2 id con_id:0 symbol: 'STK 'SMART ' 'USD ' 'x '",
    "calculateImpliedVolatility": "54 '3 id @contract price under '0 '",
    "calculateOptionPrice": "55 '3 id @contract volatility under '0 '",
    "reqGlobalCancel": "58 '1",
    "reqMarketDataType": "59 '1 type",
    "reqPositions": "61 '1",
    "reqAccountSummary": "62 '1 id group:All tags:NetLiquidation",
    "cancelAccountSummary": "63 '1 id",
    "cancelPositions": "64 '1",
    "startApi": "71 '2 client '",
    "reqPositionsMulti": "74 '1 id account: model:",
    "reqAccountUpdatesMulti": "76 '1 id account: model: ledger:0",
    "reqSecDefOptParams": "78 id symbol exchange: sec_type:STK con_id",
    "reqMatchingSymbols": "81 id pattern",
    "reqHeadTimeStamp": "87 id @contract '0 rth:1 what:TRADES '1",
    "reqMarketRule": "91 rule",
    "reqPnL": "92 id account model:",
    "cancelPnL": "93 id",
    "reqPnLSingle": "94 id account model: con_id",
    "reqHistoricalTicks": "96 id @contract '0 start: end: count:10 what:TRADES rth:1 '0 '",
    "reqCompletedOrders": "99 api_only:0",
    "reqUserInfo": "104 id",
}

_ABBREVIATED = {"yes": "1", "no": "0"}


_CONTRACT = (
    "con_id:0 symbol: sec_type:STK expiry: strike:0.0 right: multiplier: exchange:SMART primary: "
    "currency:USD local: class:"
)
_ORDER = (
    "side quantity type limit: aux: tif: oca: account: ' '0 ref: transmit:1 parent:0 '0 '0 display:0 '0 "
    "outside_rth:0 '0"
)
_ORDER_MIDDLE = (
    "' '0.0 good_after: good_till: ' ' ' ' ' short_slot:0 ' '-1 oca_type:0 ' ' all_or_none:0 ' ' '0 '0 ' '0 "
    "' ' ' ' ' '0 ' ' ' ' '0 ' trail_stop: trail_percent: ' ' ' ' ' ' ' '0 ' ' '0 '0"
)
_OWN_WORDS = "leg_prices routing algo algo_params condition what_if"  # of placeOrder, laid out by hand
_ORDER_TAIL = "' ' ' ' ' ' '0 ' ' ' ' ' ' ' ' '0 '0 '0 '0 ' ' '0 ' '"


def contract_fields(words: Words) -> list[str]:
    """The twelve fields of a contract; a bare symbol is a US share on SMART."""
    return _filled(_CONTRACT, words)


def _legs(words: Words, *, order: bool) -> list[str]:
    """`legs=265598*1*BUY,272093*1*SELL`; an order's legs carry more than a quote's."""
    if words.get("sec_type") != "BAG":
        return []
    legs = [leg.split("*") for leg in words["legs"].split(",")]
    tail = ["0", "0", "", "-1"] if order else []
    out = [str(len(legs))]
    for con_id, ratio, action in legs:
        out += [con_id, ratio, action, "SMART", *tail]
    if order:
        prices = [price for price in words.get("leg_prices", "").split(",") if price]
        routing = [pair.split(":") for pair in words.get("routing", "").split(",") if pair]
        out += [str(len(prices)), *prices, str(len(routing)), *(text for pair in routing for text in pair)]
    return out


_PARTS: dict[str, Callable[[Words], list[str]]] = {
    "@contract": contract_fields,
    "@legs": lambda words: _legs(words, order=False),
}


def request_fields(name: str, words: Words) -> list[str]:
    """The fields of a request; a word it does not know is refused."""
    if unknown := sorted(set(words) - _known(name)):
        raise ValueError(
            f"{name} does not know {', '.join(unknown)}; it knows: {', '.join(sorted(_known(name)))}"
        )
    if name == "placeOrder":
        return place_order_fields(words)
    if name not in PLAIN:
        raise ValueError(f"no request named {name}; there are: placeOrder, {', '.join(sorted(PLAIN))}")
    number, _, pattern = PLAIN[name].partition(" ")
    return [number, *_filled(pattern, words)]


def _known(name: str) -> set[str]:
    """The words that a request can be asked with."""
    pattern = PLAIN.get(name, "")
    if name == "placeOrder":
        pattern = f"id @contract @legs {_OWN_WORDS} {_ORDER} {_ORDER_MIDDLE}"
    pattern = pattern.replace("@contract", _CONTRACT).replace("@legs", "legs")
    return {item.partition(":")[0] for item in pattern.split() if not item.startswith(("'", "@"))}


def _filled(pattern: str, words: Words) -> list[str]:
    """The fields of a pattern as the words have them."""
    fields: list[str] = []
    for item in pattern.split():
        word, colon, default = item.partition(":")
        if item.startswith("'"):
            fields.append(item[1:])
        elif item in _PARTS:
            fields += _PARTS[item](words)
        elif word not in words and not colon:
            raise ValueError(f"this request needs {word}=")
        else:
            value = words.get(word, default.replace("_", " "))
            fields.append(_ABBREVIATED.get(value, value))
    return fields


def place_order_fields(words: Words) -> list[str]:
    """placeOrder, 115 fields for a plain order."""
    algo = [words.get("algo", "")]
    if algo[0]:
        pairs = [pair.split(":") for pair in words.get("algo_params", "").split(",") if pair]
        algo += [str(len(pairs)), *(text for pair in pairs for text in pair)]
    return [
        *("3", words["id"], *contract_fields(words), "", ""),
        *_filled(_ORDER, words),
        *_legs(words, order=True),
        *_filled(_ORDER_MIDDLE, words),
        *algo,
        *_filled("' what_if:0 ' '0 '0 '0", words),
        *_conditions(words),
        *_filled(_ORDER_TAIL, words),
    ]


def _conditions(words: Words) -> list[str]:
    """`condition=price>101*265598` or `condition=time>20261120-15:00:00`."""
    text = words.get("condition", "")
    if not text:
        return ["0"]
    kind, _, rest = text.partition(">")
    if kind == "time":
        return ["1", "3", "a", "1", rest, "0", "0"]
    price, _, con_id = rest.partition("*")
    return ["1", "1", "a", "1", price, con_id, "SMART", "0", "0", "0"]
