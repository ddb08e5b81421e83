"""The parts of the ear, one for each kind of thing that is heard."""
