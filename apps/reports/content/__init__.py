"""Gathers a session from the stations' tables. Nothing is written here; each part answers in plain values."""
