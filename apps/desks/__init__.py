"""Which gateways, accounts and strategies this desk has, and in which phase each pair is."""
