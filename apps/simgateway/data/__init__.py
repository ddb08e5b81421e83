"""The simulator's data files (YAML) and the small loader that reads them."""
