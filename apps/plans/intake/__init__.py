"""How files come in: what lies in a folder, and which of it may be read already."""
