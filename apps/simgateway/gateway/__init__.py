"""The gateway: who is connected, what they asked, what they are told. No I/O, no clock: deterministic."""
