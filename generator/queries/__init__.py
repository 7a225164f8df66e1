"""Answers to questions about a site project; each a function that writes nothing and returns values and problems."""
