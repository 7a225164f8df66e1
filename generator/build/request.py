"""Parameters of a build, in a module that imports next to nothing: a build without changes needs nothing else."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from generator.project import Project

if TYPE_CHECKING:  # a request without audiences does not need it at run time
    from generator.core.model.settings import Audience
    from generator.publish.store import Manifest


PublicationCallback: TypeAlias = Callable[["Manifest", Mapping[str, str]], None]
"""Called before a site is replaced by one with newly sealed documents: its release, and their titles by digest.

What it raises stops the build, and the folder stays as it is.
"""


class ClusterUnreachableError(Exception):
    """A cluster that does not exist or was lost, or the lack of the library to connect to it."""


class BuildRequest(Struct, frozen=True):
    """The parameters of a build.

    ``audiences`` None means those in the settings, until the build is planned. ``store`` is the folder that keeps the
    bytes of rendered files by digest; without it they are not kept. ``output`` is the folder of the site, None to
    publish nothing. ``with_drafts`` counts drafts, too.

    ``compares_rankings`` wants the rankings of each page compared with its data: of the page as it is rendered and,
    unless that is None, as it is in the folder ``published``. ``has_released_theme`` says that all templates are the
    program's own, unchanged. ``shared_digest`` is the digest of the shared inputs, empty until the build is planned.
    """

    root: Path
    today: date
    audiences: "frozenset[Audience] | None" = None
    output: Path | None = None
    store: Path | None = None
    with_gzip: bool = False
    with_drafts: bool = False
    compares_rankings: bool = False
    has_released_theme: bool = False
    published: Path | None = None
    shared_digest: str = ""

    @property
    def project(self) -> Project:
        """The project to build."""
        return Project(self.root)

    @property
    def readers(self) -> "frozenset[Audience]":
        """The audiences of a planned build."""
        assert self.audiences is not None
        return self.audiences

    @property
    def options(self) -> list[str]:
        """The options that, besides the files, change the site."""
        readers = "" if self.audiences is None else ",".join(sorted(self.audiences))
        return [readers, "gzip" if self.with_gzip else ""]
