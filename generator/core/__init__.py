"""The domain, pure: no files, clock, YAML, templates, environment or randomness.

Packages import in this order: ``basics``, ``model``, then ``sealing`` and ``ledgers`` on one side, ``scoring`` on the
other, ``outcomes``, ``page_data``.
"""
