"""What must not stand in a text that is published."""

import re
import unicodedata

# Eighteen figures with an optional X: an identity card; eleven from 1: a mobile telephone; area code and number.
_PRIVATE = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|1[3-9][0-9](?:[ -]?[0-9]{4}){2}|0[0-9]{2,3}-[0-9]{7,8})(?![0-9])")


def find_private_number(text: str) -> str | None:
    """What in a text looks like an identity-card or telephone number, if anything."""
    match = _PRIVATE.search(unicodedata.normalize("NFKC", text))
    return match.group() if match else None
