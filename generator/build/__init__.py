"""The incremental build: from a site project to its published pages, doing only what has changed."""
