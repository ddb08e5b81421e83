"""The gateway itself: who is connected, what they asked, what they are told. Deterministic: no I/O, no clock."""
