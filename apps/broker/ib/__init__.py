"""The only place that knows the broker's library, and the only one that imports it."""
