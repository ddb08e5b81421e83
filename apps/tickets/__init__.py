"""What is to be sent, one row for each order to be."""
