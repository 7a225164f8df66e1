"""Private numbers, which no published text may contain."""

import re
import unicodedata

# Eighteen figures with an optional X: an identity card; eleven from 1: a mobile telephone; area code and number.
_PRIVATE_NUMBER = re.compile(
    r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|1[3-9][0-9](?:[ -]?[0-9]{4}){2}|0[0-9]{2,3}-[0-9]{7,8})(?![0-9])"
)


def find_private_number(text: str) -> str | None:
    """Find the first part of a text that looks like an identity-card or telephone number; None if there is none."""
    # NFKC makes full-width figures plain ones: they are just as readable on a page.
    match = _PRIVATE_NUMBER.search(unicodedata.normalize("NFKC", text))
    return match.group() if match else None
