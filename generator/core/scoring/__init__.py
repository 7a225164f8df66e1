"""Ledgers × rulebook × roster → score lines, tallies, rankings and their revisions (R1 to R15)."""
