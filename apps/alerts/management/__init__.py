"""The channels, from a terminal."""
