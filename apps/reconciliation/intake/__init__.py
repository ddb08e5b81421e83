"""What comes in from outside: the broker's statements."""
