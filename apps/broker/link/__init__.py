"""The daemon that owns one connection to one gateway."""
