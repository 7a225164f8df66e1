"""The acts of committees: approve, withdraw, correct, file a quarter; each writes nothing if anything is wrong."""
