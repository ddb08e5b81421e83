"""The market behind the gateway: instruments, sessions, quotes, matching, accounts. No I/O, no clock."""
