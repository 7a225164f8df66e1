"""Every digest that was ever published from a project: ``.jifenbang/published``, which only grows.

It outlasts the manifests of releases: a rollback, the pruning of old releases, an output folder that was moved away.
"""

import re
from collections.abc import Iterable

from generator.disk import atomic_files
from generator.project import Project
from generator.publish.store import ABSENT_ERRORS, list_stores

_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


def read_published_digests(project: Project) -> frozenset[str]:
    """Return all digests known to be published: the readable ones of the file, and those of any folder's release."""
    releases = (release for store in list_stores(project) for release in store.read_present_releases())
    return _read_file(project) | frozenset(digest for release in releases for digest in release.rests)


def record_published(project: Project, digests: Iterable[str]) -> None:
    """Add to the file the digests that it lacks."""
    new_digests = sorted(set(digests) - _read_file(project))
    if new_digests:
        atomic_files.append_durably(
            project.state_folder / "published", "".join(f"{digest}\n" for digest in new_digests).encode()
        )


def _read_file(project: Project) -> frozenset[str]:
    try:
        raw = (project.state_folder / "published").read_bytes()
    except ABSENT_ERRORS:
        return frozenset()
    # By pattern rather than by line: a line that a power cut left half written spoils no other.
    return frozenset(digest.decode() for digest in _DIGEST.findall(raw))
