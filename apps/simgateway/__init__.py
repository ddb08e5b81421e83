"""A simulated IB Gateway: the TWS socket protocol with an exchange behind it.

`wire/` is the protocol and `exchange/` is the market: neither does any I/O. `gateway/` joins them into one
deterministic machine (same seed, same inputs at the same instants: same bytes out). `server.py` and the
management commands are the only parts that touch sockets, files and the clock. Nothing here knows the desk.
"""
