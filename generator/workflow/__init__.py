"""The acts of committees and their clerk; each writes nothing if anything is wrong."""
