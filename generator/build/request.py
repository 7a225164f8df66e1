"""What is asked of a build. It imports next to nothing: where nothing has changed, nothing else is needed."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from generator.project import Project

if TYPE_CHECKING:  # a request that names no audiences can do without
    from generator.core.model.settings import Audience


ProgressCallback: TypeAlias = Callable[[str, int, int, int], None]
"""Called with what is being done, how many are done, of how many, and the number of pages so far."""


class ClusterUnreachableError(Exception):
    """There is no such cluster, or nothing installed that could speak to it."""


class BuildRequest(Struct, frozen=True):
    """What is asked of a build.

    ``audiences`` None are those that the settings name, until the build is planned. ``store`` is the folder that keeps
    the bytes of drawn files by digest; without it nothing is kept. ``output`` is the folder of the site, None if there
    is none. ``drafts`` counts drafts, too. ``shared`` is the digest of what bears on every branch.
    """

    root: Path
    today: date
    audiences: "frozenset[Audience] | None" = None
    output: Path | None = None
    store: Path | None = None
    with_gzip: bool = False
    with_drafts: bool = False
    shared_digest: str = ""

    @property
    def project(self) -> Project:
        """The project that is built."""
        return Project(self.root)

    @property
    def readers(self) -> "frozenset[Audience]":
        """The audiences of a planned build."""
        assert self.audiences is not None
        return self.audiences

    @property
    def options(self) -> list[str]:
        """What of it, besides the files, makes another site."""
        readers = "" if self.audiences is None else ",".join(sorted(self.audiences))
        return [readers, "packed" if self.with_gzip else ""]
