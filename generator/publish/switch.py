"""The replacement of a folder's files by a release, file by file under a journal.

The manifest is stored first; then the journal records that the switch begins. All new files are written at temporary
paths and flushed, and only then renamed. A process killed before leaves the old site; if it is killed later, the next
command on the folder knows by the journal which files are ours.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.disk import atomic_files
from generator.publish.output_folder import find_owned_paths
from generator.publish.published_digests import record_published
from generator.publish.store import Manifest, Store


class PublishResult(Struct, frozen=True):
    """The release that an output folder has now, and the number of files written and withdrawn.

    ``newly_published`` are digests of the basis that no release in any folder had before.
    """

    manifest: Manifest
    written: int
    withdrawn: int
    newly_published: frozenset[str] = frozenset()


def replace_release(store: Store, content: Manifest, sources: Mapping[str, str]) -> PublishResult:
    """Make a release of a content, a manifest without number, and switch its folder to it.

    ``sources`` are the files whose bytes the folder does not have yet, each with a path where they are.
    """
    ours = find_owned_paths(store.project, content.output)
    if store.read_journal() is None:
        # Without a journal the newest manifest counts as the release in the folder: below, that of the new release,
        # of which no file is there yet.
        store.write_journal(*store.find_present_numbers())
    before = store.read_manifest(min(store.find_present_numbers()))
    target = replace(content, number=store.find_unused_number(), before=(before and before.number) or None)
    if before and (before.files, before.rests.keys()) == (target.files, target.rests.keys()):
        # The same site again is no new release. If other inputs made it, they are recorded, with the day on which
        # they did: computed on another day, they need not make the same site.
        target = before if before.record == content.record else replace(before, day=content.day, record=content.record)
    if target is not before:
        store.write_manifest(target)
    return Switch(store, content.output, ours).to_release(target, sources)


class Switch(Struct, frozen=True):
    """The replacement of a folder's files by a release; ``ours`` are the paths there that builds of ours wrote."""

    store: Store
    output: Path
    ours: AbstractSet[str]

    def to_release(self, target: Manifest, sources: Mapping[str, str]) -> PublishResult:
        """Switch under the journal; ``sources`` are the files that the folder doesn't have yet, in their order."""
        removed = self._find_removed(target)
        withdrawn = sum((self.output / path).is_file() for path in removed if path in self.ours)
        if sources or removed or self.store.read_journal() != (target.number,):
            self._stage(target, sources)
            # In this order an index page never leads to a page that is not there yet, or not any more.
            atomic_files.commit_files(self.output, sources)
            atomic_files.delete_files(self.output, removed)
            # The journal may name one release only once every rename is on the disk. Until then both manifests are
            # needed, so that the older one is pruned last.
            atomic_files.flush_disk()
            self.store.commit_journal()
            self.store.prune_releases(target)
        return PublishResult(target, len(sources), withdrawn)

    def _find_removed(self, target: Manifest) -> list[str]:
        """Return the paths that the release lacks, and temporary files that a killed command left."""
        ours = self.ours | target.files.keys()
        leftovers = {path for path in atomic_files.walk_paths(self.output) if atomic_files.final_path(path) in ours}
        return sorted((self.ours | leftovers) - target.files.keys())

    def _stage(self, target: Manifest, sources: Mapping[str, str]) -> None:
        """Begin the journal and write all new files at temporary paths; on a failure, undo all of it."""
        numbers = self.store.find_present_numbers()
        # First of all: a file that the journal doesn't account for would look like another person's.
        self.store.write_journal(*numbers, target.number)
        try:
            atomic_files.stage_copies(self.output, sources)
            # All that needs room on the disk, the final journal too, is written before the first rename.
            self.store.stage_journal(target.number)
            # A rename may reach the disk before the bytes of its file: a power cut would leave empty pages.
            atomic_files.flush_disk()
            # Before a reader can see any page: an approval that was ever published is withdrawn by other rules.
            record_published(self.store.project, target.rests)
        except BaseException:
            atomic_files.delete_files(self.output, map(atomic_files.temporary_path, sources))
            self.store.write_journal(*numbers)
            raise
