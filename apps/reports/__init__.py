"""The report of each session: gathered once, frozen, signed, and re-issued only as a new version."""

REASONS = {
    "REPORT_UNCHANGED": "Gathered anew, the report says what it says already; no version was made.",
    "REPORT_UNKNOWN": "There is no report of that account and day.",
    "REPORT_UNEXPLAINED": "A new version of a report says why it was made.",
    "REPORT_SIGNED": "This person has signed this version already.",
    "REPORT_OVERTAKEN": "A newer version of the report stands; that one is to be signed.",
}
