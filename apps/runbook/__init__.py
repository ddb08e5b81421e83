"""The runbook conducts: it starts the desk's processes and puts the stations in order."""
