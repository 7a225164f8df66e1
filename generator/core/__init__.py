"""The domain, pure: no files, clock, YAML, templates, environment or randomness.

Each module imports only those named above it: numbers, periods, model, coverage, rules, seal, scoring, ranking,
audience.
"""
