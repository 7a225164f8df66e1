"""The pages of a site: their data, paths and feeds."""
