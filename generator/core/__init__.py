"""The domain, pure: no files, clock, YAML, templates, environment or randomness.

Each module imports only those named before it: numbers, periods, model, settings, coverage, seal, rules, scoring,
ranking, results, audience.
"""
