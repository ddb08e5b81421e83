"""What is known of contracts, sessions and quotes."""
