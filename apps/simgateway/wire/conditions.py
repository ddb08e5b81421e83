"""The fields of each kind of condition, in both directions."""

from apps.simgateway.wire.numbers import flag
from apps.simgateway.wire.order import WireCondition
from apps.simgateway.wire.reading import Block, block

_LEVEL = "conjunction is_more:flag value"
_CONTRACT = "con_id:integer exchange"
FIELDS: dict[int, Block] = {
    1: block(f"{_LEVEL} {_CONTRACT} trigger_method:integer"),
    3: block(_LEVEL),
    4: block(_LEVEL),
    5: block("conjunction sec_type exchange symbol"),
    6: block(f"{_LEVEL} {_CONTRACT}"),
    7: block(f"{_LEVEL} {_CONTRACT}"),
}


def written(condition: WireCondition) -> list[str]:
    """A condition with its type in front."""
    values = (getattr(condition, name) for name, _ in FIELDS[condition.kind].pairs)
    return [
        str(condition.kind),
        *(flag(value) if isinstance(value, bool) else str(value) for value in values),
    ]
