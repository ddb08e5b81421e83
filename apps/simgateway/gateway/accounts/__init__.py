"""Accounts: values, holdings, results."""
