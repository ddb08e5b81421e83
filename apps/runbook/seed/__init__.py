"""A desk to look at: simulated money, three weeks behind it, and a plan that waits for a person."""
