"""Turn values into text: pages through the theme chain, and the reports of the command line."""
