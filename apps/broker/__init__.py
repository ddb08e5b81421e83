"""The link to the broker: intents, evidence, and the orders folded from it."""
