"""Fills, positions and the results of the day."""

REASONS = {
    "EXECUTION_CONFLICT": "One execution id was reported with two different contents.",
    "EXECUTION_CORRECTION": "The broker corrected an execution; the correction counts.",
    "EXECUTION_BUST": "The broker took an execution back.",
}
