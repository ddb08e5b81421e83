"""The people at the desk: how they come in, and how they like their screens."""
