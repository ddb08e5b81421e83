"""Every message the gateway sends, as fields: pure functions, one for each."""
