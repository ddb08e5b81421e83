"""Limits, verdicts, reservations and stops."""

REASONS = {
    "LIMITS_CHANGED": "Somebody else changed the limits since the form was opened.",
    "LIMITS_UNEXPLAINED": "A change of the limits needs a reason of ten characters or more.",
    "LIMITS_SCOPE_UNKNOWN": "Limits are set globally, for an account or for a strategy; not for this.",
    "LIMITS_UNCHANGED": "No value differs from the one in force.",
    "STOP_LEVEL_UNKNOWN": "A stop goes to REDUCE_ONLY or HALTED, and whoever flattens halts.",
    "STOP_SCOPE_UNKNOWN": "One stops everything, an account or a strategy; not this.",
    "WINDOW_STOPPED": "Trading was stopped while the window counted; people decide about it again.",
    "STOPPED_BEFORE_SENT": "Trading was stopped before it was sent; nothing of it left the house.",
    "BREAKER_UNKNOWN": "There is no breaker of this name.",
    "BREAKER_PAUSE_BAD": "A breaker is switched off for at most seven days, with a reason of ten characters.",
}
