"""Who may let what go out, and what they decided."""
