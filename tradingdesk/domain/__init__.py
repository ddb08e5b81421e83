"""What the desk decides: values and rules, with no clock, no chance, no database and no network."""
