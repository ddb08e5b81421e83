"""Turns of the control door: quotes, orders, prints, switches."""
