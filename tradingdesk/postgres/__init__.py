"""PostgreSQL as the desk uses it: a transaction tells last, and locks rows without their keys."""
