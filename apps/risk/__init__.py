"""Limits, verdicts, reservations and stops."""
