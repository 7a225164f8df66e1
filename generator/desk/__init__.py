"""Serve the desk: a local page on which the clerk does by mouse and keyboard whatever the commands do."""
