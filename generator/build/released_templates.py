"""The program's own templates, recognised by the digests that were released with it.

In those the text of each marked cell is the value of its mark: tests read every kind of page that they draw.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from generator.build import source_digests

DIGESTS_PATH = Path(__file__).with_suffix(".json")


def are_as_released(theme_digests: Mapping[str, str]) -> bool:
    """Return whether all templates of a theme chain, by the digests of its files, are the program's own, unchanged."""
    released = msgspec.json.decode(DIGESTS_PATH.read_bytes(), type=dict[str, str])
    return digest_templates(theme_digests).items() <= released.items()


def digest_templates(theme_digests: Mapping[str, str]) -> dict[str, str]:
    """Return one digest of all templates of each theme, by the theme's folder."""
    by_theme: dict[str, dict[str, str]] = {}
    for path, digest in theme_digests.items():
        place, theme, folder, *_ = path.split("/")
        if folder == "templates":
            by_theme.setdefault(f"{place}/{theme}", {})[path] = digest
    return {theme: source_digests.combine_digests(digests) for theme, digests in by_theme.items()}
