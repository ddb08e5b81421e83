"""Faults: which there are, what they match, what they do to messages and requests."""
