"""What the output folder holds: its release, each file read again while the branches are gathered."""

from collections.abc import Mapping
from functools import cached_property
from itertools import islice

from generator import profile, shards
from generator.executors import Hands, Tell
from generator.publish import comparison
from generator.shards import Job

_SHARE = 500  # files that are read in one piece


class Lying:
    """The files of a job's output folder that are as its release says."""

    def __init__(self, job: Job, hands: Hands, tell: Tell) -> None:
        self._tell = tell
        release = comparison.current(job.project, job.output) if job.output else None
        self._files = dict(release.files) if release else {}
        files = iter(self._files.items())
        shares = iter(lambda: dict(islice(files, _SHARE)), {})
        self._work = [
            hands[n % len(hands)].submit(profile.measured, shards.verify, job, share) for n, share in enumerate(shares)
        ]

    def holds(self, files: Mapping[str, str]) -> bool:
        """Whether the folder holds all these, by their digests."""
        return files.items() <= self._held.items()

    @cached_property
    def _held(self) -> Mapping[str, str]:
        done, of = 0, len(self._files)
        for work in self._work:
            lacking, spent = work.result()
            profile.add(spent)
            for path in lacking:
                del self._files[path]
            done = min(done + _SHARE, of)
            self._tell("核对 文件", done, of, 0)
        return self._files
