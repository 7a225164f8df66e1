"""The acts of committees: approve, withdraw, correct, file, restore; each writes nothing if anything is wrong."""
