"""Lines of the journal in words: which are alarms, and which are only worth a word."""
