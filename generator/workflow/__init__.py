"""The acts of committees: approve, withdraw, correct, file a quarter, restore; each either writes everything or nothing."""
