"""Orders: asked for, taken, told, changed, ended; what is said of prints and who may ask."""
