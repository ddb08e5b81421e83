"""Market data: quotes, ticks, depth, bars as they form, and what an option is worth."""
