"""Every digest that was ever published from a project: ``.jifenbang/published``, which only grows.

It outlasts what releases are remembered by: a rollback, the pruning of old releases, a folder that was moved away.
"""

import re
from collections.abc import Iterable

from generator.project import Project
from generator.publish import atomic_files
from generator.publish.store import ABSENT_ERRORS, list_stores

_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


def read_published_digests(project: Project) -> frozenset[str]:
    """All that is known to have been published: as far as the file can be read, and what lies in any folder."""
    lying = (digest for store in list_stores(project) for one in store.read_present_releases() for digest in one.rests)
    return _remembered(project) | frozenset(lying)


def record_published(project: Project, digests: Iterable[str]) -> None:
    """Add what the file lacks."""
    fresh = sorted(set(digests) - _remembered(project))
    if fresh:
        atomic_files.append_durably(
            project.state_folder / "published", "".join(f"{digest}\n" for digest in fresh).encode()
        )


def _remembered(project: Project) -> frozenset[str]:
    try:
        raw = (project.state_folder / "published").read_bytes()
    except ABSENT_ERRORS:
        return frozenset()
    return frozenset(digest.decode() for digest in _DIGEST.findall(raw))
