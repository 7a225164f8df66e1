"""Templates, themes, filters and Markdown: HTML and XML of the site."""
