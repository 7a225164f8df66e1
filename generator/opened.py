"""A project as a build begins with it: what bears on every branch is read, and each branch's files are known."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator import books, inventory, shards, shelf, signatures, urn
from generator.core import ballots
from generator.core.model import Roster
from generator.core.settings import Audience
from generator.garbage import uncollected
from generator.intake import folders, rosters
from generator.intake.folders import Found
from generator.intake.reader import Reader
from generator.inventory import ChangedError
from generator.memo import Memo
from generator.problems import Problem, Severity
from generator.project import Project
from generator.render.theme import Theme
from generator.rolls import Rolls
from generator.shards import Frame, Home, Job
from generator.urn import Urn


class Request(Struct, frozen=True):
    """A build as asked for; without ``audiences`` the settings name them, without ``output`` nothing is written."""

    project: Project
    output: Path | None
    today: date
    audiences: frozenset[Audience] | None = None
    packed: bool = False
    drafts: bool = False


class Opened(Struct, frozen=True):
    """A project as a build begins with it: what bears on every branch is read, each branch's files are known.

    ``homes`` are in roster order; ``digests`` are those of all files by name, ``slices`` of the roster's parts by
    branch where anything is remembered. ``problems`` are those of drafts.
    """

    job: Job
    frame: Frame
    urn: Urn
    approvers: str | None
    homes: Mapping[str, Home]
    digests: Mapping[str, str]
    slices: Mapping[str, str]
    problems: tuple[Problem, ...]

    def near(self, branch: str) -> tuple[Home, ...]:
        """A branch and all that share members with it."""
        return tuple(self.homes[one] for one in self.frame.roster.homes.get(branch, (branch,)))


@uncollected()
def begin(request: Request, digests: Mapping[str, str], memo: Memo | None = None) -> Opened | None:
    """Read what bears on every branch; None if anything in it is wrong. ``digests`` are those of all files."""
    project = Project(request.project.root.absolute())  # other processes may stand elsewhere
    reader = Reader(project)
    found = folders.survey(project)
    reader.problems += found.problems
    rolls = Rolls(memo) if memo else None
    settings, roster, rulebooks, articles = books.frame(reader, found, rolls.read if rolls else rosters.read)
    if settings is None or roster is None:
        return None
    common = shards.common(project, reader.digests)
    cast, listed = urn.read(reader, found), shelf.approvers(reader)
    slips = list(cast.slips.values())
    reader.problems += signatures.check([], slips, project.approvers, listed)
    reader.problems += ballots.judge(slips, roster, rulebooks).problems
    layers, problems = books.theme(project, settings)
    errors = [one for one in (*reader.problems, *problems) if one.is_error]
    if "unreadable" in digests.values() or any(one.where.file not in cast.drafts for one in errors):
        return None
    for path, digest in reader.digests.items():
        if digests.get(inventory.name(project, path)) != digest:
            raise ChangedError(project.name(path))
    job = Job(
        root=project.root,
        output=request.output,
        today=request.today,
        audiences=request.audiences or frozenset(settings.publish),
        drafts=request.drafts,
        packed=request.packed,
        files=common,
    )
    frame = Frame(settings, roster, rulebooks, articles, Theme(layers))
    shards.hand(job, frame)
    warnings = tuple(replace(one, severity=Severity.WARNING) for one in errors)
    return Opened(
        job,
        frame,
        cast,
        listed,
        dict(_homes(project, roster, found, digests)),
        digests,
        rolls.slices if rolls else {},
        warnings,
    )


def _homes(project: Project, roster: Roster, found: Found, digests: Mapping[str, str]) -> Iterator[tuple[str, Home]]:
    """Every branch of the roster, and every other that has a file."""
    grouped = folders.by_branch(found)
    for branch in dict.fromkeys([*roster.branch, *grouped]):
        own = grouped.get(branch, folders.NOTHING)
        paths = [*(one.path for one in (*own.ledgers, *own.withdrawals)), *own.filings]
        known = {path: digests.get(inventory.name(project, path), "") for path in paths}
        yield branch, Home(branch, shards.common(project, known), own)
