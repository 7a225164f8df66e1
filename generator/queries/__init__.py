"""Queries about a site project: functions that write nothing, and return values and problems."""
