"""The market's words."""

GATEWAY = "gateway"  # the source of rates that stands before every other
