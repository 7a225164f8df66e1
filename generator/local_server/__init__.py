"""The preview that is shown on this machine alone."""
