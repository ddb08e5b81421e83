"""Histories: bars, ticks and first days, with their pacing."""
