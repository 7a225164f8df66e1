"""The acts of committees: approve, withdraw, correct, file a quarter, restore.

Each either writes everything or nothing.
"""
