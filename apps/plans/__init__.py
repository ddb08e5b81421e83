"""Plans as they came in, line by line, and what was refused at the door."""
