"""The doctor: looks at the machine and the settings, and says what to do about each finding."""
