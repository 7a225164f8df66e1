"""What the output folder holds of its release: each file is read again, and none taken for what it was."""

from collections.abc import Mapping
from functools import cached_property

from generator import profile, shards
from generator.executors import Hands, Tell
from generator.publish import comparison, files
from generator.publish.store import Manifest, Store
from generator.rereading import Rereading
from generator.shards import Job

_SHARE = 500  # files that are read in one piece


class Lying:
    """The files of a job's output folder that are as its release says.

    They are read by the hands, unless that very release is being read again already by a process of its own.
    """

    def __init__(self, job: Job, hands: Hands, reread: Rereading | None, tell: Tell) -> None:
        self._job = job
        self._tell = tell
        release = comparison.current(job.project, job.output) if job.output else None
        self._files = dict(release.files) if release else {}
        self._reread = reread if reread and reread.beside and self._is_of(reread, release) else None
        shares = () if self._reread else files.shares(self._files, _SHARE)
        self._work = [
            hands[n % len(hands)].submit(profile.measured, shards.verify, job, share) for n, share in enumerate(shares)
        ]

    def _is_of(self, reread: Rereading, release: Manifest | None) -> bool:
        """Whether nobody has begun to put another release in place since that reading began."""
        assert self._job.output
        return reread.release == release and not comparison.interrupted(self._job.project, self._job.output)

    def holds(self, wanted: Mapping[str, str]) -> bool:
        """Whether the folder holds all these files, by their digests."""
        return wanted.items() <= self._held.items()

    def remember(self) -> None:
        """Remember in its store all that the folder holds, whatever is to take its place."""
        if self._job.output and self._held:
            with profile.stage("核对"):
                Store.of(self._job.project, self._job.output).adopt(self._job.output, self._held)

    @cached_property
    def _held(self) -> Mapping[str, str]:
        for path in self._reread.differing() if self._reread else self._lacking():
            del self._files[path]
        return self._files

    def _lacking(self) -> list[str]:
        found, done, of = [], 0, len(self._files)
        for work in self._work:
            lacking, spent = work.result()
            profile.add(spent)
            found += lacking
            done = min(done + _SHARE, of)
            self._tell("核对 文件", done, of, 0)
        return found
