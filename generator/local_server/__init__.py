"""Serve a preview of the site on this machine alone."""
