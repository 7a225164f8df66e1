"""The domain, pure: no files, clock, YAML, templates, environment or randomness.

Each module imports only those named before it: numbers, periods, model, settings, coverage, seal, privacy, resolution,
rules, scoring, ranking, results, sources. The last three are one step, what an audience may see at all, before any
template: boards for organ and branches, accounts for the member, sheets for the committee.
"""
