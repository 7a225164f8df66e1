"""Build the site with all drafts, in a temporary folder."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from generator.build import engine
from generator.build.request import BuildRequest
from generator.build.source_digests import InputChangedError
from generator.core.model.settings import Audience
from generator.disk import os_errors
from generator.problems import Problem, ProblemError
from generator.project import Project, ignore_progress
from generator.publish.store import Store


class Preview:
    """The last site that could be built for all readers; ``digests`` are those of its files, by path.

    Files are cached in ``folder``, so that few are rendered again. The site is in no output folder, and counts nowhere
    as published. It may be read while it is built anew in another thread.
    """

    def __init__(self, project: Project, today: date, folder: Path) -> None:
        store_folder = folder / "store"
        self._project = project
        self._request = BuildRequest(project.root, today, frozenset(Audience), store=store_folder, with_drafts=True)
        self._store = Store(project, store_folder)
        self._cache_folder = folder / "cache"
        self.digests: Mapping[str, str] = {}
        self._progress = project.progress

    @property
    def is_built(self) -> bool:
        """True if there is a site."""
        return bool(self.digests)

    def read_page(self, path: str) -> bytes | None:
        """Return the bytes of a file of the site, None if it has no such file: no path leads anywhere else."""
        digest = self.digests.get(path)
        return Path(self._store.blob_path(digest)).read_bytes() if digest else None

    def rebuild_site(self) -> tuple[Problem, ...]:
        """Build again and return all problems; if one is an error, the last good site stays.

        Raises InputChangedError if a file was saved meanwhile.
        """
        try:
            # Only the first build makes a person wait.
            progress = ignore_progress if self.digests else self._progress
            built = engine.build_preview(self._request, self._cache_folder, self.digests, progress)
            if not built.has_errors:
                before, self.digests = self.digests, built.files.digests
                # Those of the site before may be being read.
                self._store.keep_only_blobs([*before.values(), *self.digests.values()])
        except InputChangedError:
            raise
        except ProblemError as error:
            return (self._project.name_within(error.problem),)
        except OSError as error:
            return (os_errors.describe_failure(self._project, error),)
        return built.problems
