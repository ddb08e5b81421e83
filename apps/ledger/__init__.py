"""Fills, positions and the results of the day."""
