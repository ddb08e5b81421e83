"""Words and rules about desks that need no table."""

import re

MODES = ("sim", "paper", "live")
# From the least to the most trusted.
PHASES = ("crawl", "walk", "run")
SYSTEMS = {
    1: "1 · Close auction",
    2: "2 · Spread ladder",
    3: "3 · Bracket day",
    4: "4 · Dispersion",
    5: "5 · Macro engine",
}
CODE = re.compile(r"^(D?)[UFI](\d{3,})$")


REASONS = {
    "ACCOUNT_CODE_MALFORMED": "The text is not an account code of the broker.",
    "ACCOUNT_CODE_FIXED": "An account keeps its code for good.",
    "ACCOUNT_WRONG_ENVIRONMENT": "A simulated account behind a live gateway, or the other way round.",
    "PHASE_REASON_MISSING": "Trusting a strategy further needs a reason.",
    "PHASE_STEP_SKIPPED": "Trust grows one phase at a time.",
    "PHASE_TWO_PEOPLE": "Trust grows on the Strategies page only, with evidence and a second person.",
    "STRATEGY_IDENTITY_FIXED": "A strategy keeps its name and its system for good.",
}


class DeskRefused(Exception):
    """A change to the desk that the rules do not allow, with its reason code."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


def mask(code: str) -> str:
    """Shorten an account's code to its kind and its last four digits."""
    kind = re.match(r"[A-Z]*", code)
    return f"{kind.group() if kind else ''}•••{code[-4:]}"


def named(scope: str, key: str) -> str:
    """What a stop covers, for people; empty for everything."""
    return mask(key) if scope == "account" else key


def is_simulated(code: str) -> bool:
    """Tell whether the broker gave this code to simulated money."""
    return code.startswith("D")


def check_account_fits(code: str, mode: str) -> None:
    """Refuse a code that does not belong behind a gateway of this mode."""
    if not CODE.match(code):
        raise DeskRefused(
            "ACCOUNT_CODE_MALFORMED", f"{code!r} is not an account code; one looks like DU1234567."
        )
    if is_simulated(code) == (mode == "live"):
        kind = "simulated" if is_simulated(code) else "live"
        raise DeskRefused(
            "ACCOUNT_WRONG_ENVIRONMENT", f"{mask(code)} is a {kind} account and the gateway's mode is {mode}."
        )


def check_phase_step(old: str, new: str, reason: str) -> None:
    """Trust grows one step at a time and with a reason; it may be taken away at once."""
    grows = PHASES.index(new) - PHASES.index(old)
    if grows > 1:
        raise DeskRefused(
            "PHASE_STEP_SKIPPED", f"From {old} the next phase is {PHASES[PHASES.index(old) + 1]}."
        )
    if grows > 0 and not reason.strip():
        raise DeskRefused("PHASE_REASON_MISSING", "Say why this strategy is to be trusted further.")
