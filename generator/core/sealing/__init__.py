"""The content that an approval seals, and its alterations since (四1)."""
