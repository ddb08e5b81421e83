"""The parts of the connection, one for each family of questions and orders."""
