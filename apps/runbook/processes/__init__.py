"""The desk's processes: a table of them, and the one supervisor that owns whatever it starts."""
