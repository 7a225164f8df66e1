"""Handlers of the desk's addresses, by what is done there."""
