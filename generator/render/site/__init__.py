"""The pages of a site: their paths, their data, their rendering, and the feeds and search index made of them."""
