"""Templates, themes and what they print."""
