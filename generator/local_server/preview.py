"""Build the site with all drafts, in a temporary folder."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from generator.build import engine
from generator.build.request import BuildRequest
from generator.core.model.settings import Audience
from generator.problems import Problem, ProblemError
from generator.project import Project, ignore_progress
from generator.publish import release
from generator.publish.store import Store


class Preview:
    """A preview for all readers in ``folder / "site"``; files are cached beside it, so that few are rendered again."""

    def __init__(self, project: Project, today: date, folder: Path) -> None:
        self.site_folder = folder / "site"
        self._store = folder / "store"
        self._request = BuildRequest(project.root, today, frozenset(Audience), store=self._store, with_drafts=True)
        self._cache_folder = folder / "cache"
        self._files: Mapping[str, str] = {}
        self._progress = project.progress

    def rebuild_site(self) -> tuple[Problem, ...]:
        """Build again and return all problems; if one is an error, the last good preview stays in place."""
        try:
            # Only the first build makes a person wait.
            progress = ignore_progress if self._files else self._progress
            built = engine.build_preview(self._request, self._cache_folder, self._files, progress)
        except ProblemError as error:
            return (error.problem,)
        if not built.has_errors:
            store = Store(self._request.project, self._store)
            changed = [path for path, digest in built.files.digests.items() if self._files.get(path) != digest]
            contents = {path: Path(store.blob_path(built.files.digests[path])).read_bytes() for path in changed}
            release.replace_files(self.site_folder, contents, self._files.keys() - built.files.digests.keys())
            self._files = built.files.digests
            store.keep_only_blobs(self._files.values())
        return built.problems
