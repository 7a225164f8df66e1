"""The acts of committees: approve, withdraw, correct, file a quarter; each either writes everything or nothing."""
