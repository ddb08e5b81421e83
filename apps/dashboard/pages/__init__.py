"""One small module for each page: what it shows, its live fragments, what a person may do there."""
