"""The market behind the gateway: instruments, sessions, quotes, matching, accounts. Pure: no I/O, no clock."""
