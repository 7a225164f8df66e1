"""Digests of the program and of a theme, which ``audit.json`` contains: all that may alter a site but its sources."""

from collections.abc import Mapping, Sequence

from generator import __version__
from generator.build import source_digests
from generator.core.ledgers.anchors import ProgramDigests
from generator.project import Project, ThemeLayer


def digest_program_and_theme(project: Project, layers: Sequence[ThemeLayer]) -> ProgramDigests:
    """Return the digests of the program's files, and of each template and asset of a theme chain."""
    digests = source_digests.digest_theme_files(project, layers)
    return ProgramDigests(
        version=__version__,
        program=f"sha256:{source_digests.digest_package()}",
        templates=_select_files(digests, "templates"),
        assets=_select_files(digests, "assets", "theme.yaml"),  # whose colours become part of a style sheet
    )


def _select_files(digests: Mapping[str, str], *names: str) -> Mapping[str, str]:
    """Return those of a theme's files that have one of these names or are in such a folder, below ``themes/NAME/``."""
    return {path: f"sha256:{digest}" for path, digest in sorted(digests.items()) if path.split("/")[2] in names}
