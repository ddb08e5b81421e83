"""Tells people: by which channel, what, and whether it arrived. It reads; nothing depends on it."""
