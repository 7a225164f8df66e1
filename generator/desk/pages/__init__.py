"""The desk's pages, each a template and what it shows."""
