"""Our books beside the broker's, all day: comparisons, the cases they open, what was done about them."""

REASONS = {
    "BREAK_OPENED": "The two sides differ in a row in which they agreed, or in a new one.",
    "BREAK_GONE": "The two sides agree again, by the broker's own word.",
    "BREAK_AGAIN": "The difference was ignored until a moment that has come, and it is still there.",
    "BREAK_ADOPTED": "A person took the broker's value over into our books.",
    "BREAK_EXTERNAL": "A person says that another hand did it; it is not the desk's.",
    "BREAK_IGNORED": "A person looked and lets it be until a moment.",
    "BREAK_ASKED_AGAIN": "A person wants the broker asked again.",
    "BREAK_ASSIGNED": "Somebody looks after the case.",
    "STATEMENT_WITHOUT_TIME": "The statement names an execution without its time, so it cannot be booked.",
    "STATEMENT_WITHOUT_LINK": "No gateway of the account was ever connected to; nothing can be booked yet.",
    "BREAK_UNKNOWN": "There is no such case.",
    "RECONCILIATION_BREAKS": "The two sides were compared and differ.",
    "LIST_NEVER_TOLD": "The broker has not told this list yet.",
    "LIST_UNREAD": "The newest reading of this list failed; what it said before counts for nothing.",
    "LIST_OLD": "The newest list is too old to be compared.",
    "LIST_BEFORE_RECONNECT": "The list is from before the connection was renewed.",
    "ORDERS_IN_DOUBT": "The fate of an order is unknown, so the orders cannot be said to agree.",
    "MONEY_SETTLING": "An execution came while the broker told its money; neither side is wrong yet.",
    "NAV_UNKNOWN": "A part of our own net asset value is unknown, so the whole cannot be compared.",
    "MONEY_NOT_TOLD": "The broker has not told its figure of the account's worth.",
}
