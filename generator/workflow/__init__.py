"""The acts of committees: approve, withdraw, correct, file a quarter, restore; each writes nothing if anything is wrong."""
