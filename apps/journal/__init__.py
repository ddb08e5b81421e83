"""The journal: one line for every change, chained, never changed."""
