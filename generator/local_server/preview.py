"""The site as it would be with all drafts, in a folder that is thrown away."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from generator.build import branch, engine
from generator.build.cache import Memo
from generator.build.request import BuildRequest
from generator.core.model.settings import Audience
from generator.problems import Problem, RefusedError
from generator.project import Project
from generator.publish import release
from generator.publish.store import Store


class Preview:
    """A preview for all readers in ``folder / "site"``; what is drawn is kept beside it, so that little is redrawn."""

    def __init__(self, project: Project, today: date, folder: Path) -> None:
        self.site = folder / "site"
        self._store = folder / "store"
        self._request = BuildRequest(project.root, today, frozenset(Audience), store=self._store, drafts=True)
        self._cache = folder / "cache"
        self._files: Mapping[str, str] = {}

    def refresh(self) -> tuple[Problem, ...]:
        """Build anew; gives all problems. If one is an error, the last good preview stays in place."""
        cache = Memo(self._cache)
        try:
            built = engine.preview(self._request, cache, self._files)
        except RefusedError as refused:
            return (refused.problem,)
        finally:
            branch.forget()
        if not built.failed:
            store = Store(self._request.project, self._store)
            changed = [path for path, digest in built.files.digests.items() if self._files.get(path) != digest]
            contents = {path: Path(store.blob(built.files.digests[path])).read_bytes() for path in changed}
            release.switch(self.site, contents, self._files.keys() - built.files.digests.keys())
            self._files = built.files.digests
            cache.prune()
            store.keep_only(self._files.values())
        return built.problems
