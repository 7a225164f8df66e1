"""Turn values into pages, through the theme chain, and into the files and reports of commands."""
