"""What an approval seals, and what was altered since (四1)."""
