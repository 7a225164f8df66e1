"""Bytes out: pages into the output folder, approval blocks into ledger files."""
