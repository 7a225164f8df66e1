"""What committees do: approve, withdraw, correct, file a quarter; each either writes everything or nothing."""
