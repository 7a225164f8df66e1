"""Score lines, tallies, rankings and their revisions, from ledgers, rulebook and roster (R1 to R15)."""
