"""The branch is the shard: what one branch comes to, and its pages, as functions that any process may run.

Each is told no more than a ``Job``, the same for all, and the ``Home`` of each branch it needs: its own, and those of
all branches that anyone who was ever in it was ever in. It finds the rest by itself where the project lies.
"""

import gzip
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from generator import assembly, books, inventory, profile, shelf, signatures, summaries
from generator.books import Books
from generator.core import accounts, audit, results, revisions, sealedfiles, states
from generator.core.anchors import Present
from generator.core.ground import Ground
from generator.core.model import Approval, Roster, Rulebook, Scope
from generator.core.periods import Period
from generator.core.places import Place
from generator.core.ranking import Candidate
from generator.core.revisions import Point
from generator.core.settings import Article, Audience, Settings
from generator.drawers import Drawer
from generator.garbage import settle, sweep, uncollected
from generator.intake import folders, ledgers
from generator.intake.folders import Found
from generator.intake.reader import Reader
from generator.inventory import ChangedError
from generator.memo import Memo
from generator.problems import Problem, Severity, Where
from generator.project import Project
from generator.publish import files
from generator.publish.store import Store
from generator.render import pages
from generator.render.editions import Edition
from generator.render.templates import filler
from generator.render.theme import Theme
from generator.shelf import Counted, Shelf
from generator.summaries import Figures, Summary

# Branches that a process keeps in mind between what they come to and their pages: about half a megabyte each.
_KNOWN = 512
_PACKED = (".html", ".css", ".js", ".json", ".svg", ".xml")  # what gets a compressed twin


class Job(Struct, frozen=True):
    """A build, as all its shards are told of it; ``files`` is the digest of what bears on every branch.

    Without an ``output`` nothing is written, and the bytes are handed back.
    """

    root: Path
    output: Path | None
    today: date
    audiences: frozenset[Audience]
    drafts: bool
    packed: bool
    files: str

    @property
    def project(self) -> Project:
        """The project that is built."""
        return Project(self.root)


class Home(Struct, frozen=True, eq=False):
    """A branch's files and their digest; ``copies`` are those of which the approval was copied from another branch.

    Two are equal if the digest is, which tells the files.
    """

    branch: str
    digest: str
    found: Found
    copies: tuple[tuple[str, str], ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Home) and self._told == other._told

    def __hash__(self) -> int:
        return hash(self._told)

    @property
    def _told(self) -> tuple[object, ...]:
        return self.branch, self.digest, self.copies


class Beyond(Struct, frozen=True):
    """What a branch's pages show or rest on that is not its own.

    ``begun`` are the months that anybody in the organ has scored, ``places`` its members' on other boards, and
    ``built`` the paths that its pages may lead to.
    """

    begun: tuple[Period, ...]
    places: Mapping[str, Sequence[Place]]
    built: frozenset[str]


class Frame(Struct, frozen=True):
    """What bears on every branch."""

    settings: Settings
    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    articles: tuple[Article, ...]
    theme: Theme


class _Post(Struct, frozen=True):
    """A branch's papers as read and judged."""

    shelf: Shelf
    counted: Counted
    problems: tuple[Problem, ...]


# --- reading ---------------------------------------------------------------------------------------------------------


_frames: dict[Job, Frame] = {}  # one: of the build that this process works for


def hand(job: Job, given: Frame) -> None:
    """Spare this process, and those forked from it, the reading of what bears on every branch."""
    _frames.clear()
    _frames[job] = given


def frame(job: Job) -> Frame:
    """What bears on every branch; raises ``ChangedError`` if it is no longer what the build began with."""
    if job not in _frames:
        hand(job, _read(job))
    return _frames[job]


def _read(job: Job) -> Frame:
    reader = Reader(job.project)
    settings, roster, rulebooks, articles = books.frame(reader, folders.survey(job.project))
    if settings is None or roster is None or common(job.project, reader.digests) != job.files:
        raise ChangedError(job.project.name(job.project.settings))
    layers, _ = books.theme(job.project, settings)
    return Frame(settings, roster, rulebooks, articles, Theme(layers))


def common(project: Project, digests: Mapping[Path, str]) -> str:
    """One digest of files that were read."""
    return inventory.joined({inventory.name(project, path): digest for path, digest in digests.items()})


@lru_cache(maxsize=_KNOWN)
def _post(job: Job, home: Home) -> _Post:
    project, given = job.project, frame(job)
    reader = Reader(project)
    with profile.stage("读台账"):
        drawer = Drawer(Memo(project.cache), home.branch) if job.output else None
        papers = shelf.read(reader, home.found, dict(home.copies), drawer.read if drawer else ledgers.read)
    read = {path: digest for path, digest in reader.digests.items() if path != project.approvers}
    if common(project, read) != home.digest:
        raise ChangedError(next((project.name(path) for path in read), project.name(project.ledgers)))
    if drawer:
        drawer.keep()
    reader.problems += signatures.check(list(papers.papers.values()), (), project.approvers, papers.approvers)
    with profile.stage("核台账"):
        counted, problems = shelf.judge(papers, given.roster, given.rulebooks, job.today)
    return _Post(papers, counted, (*reader.problems, *problems))


def _cut(job: Job, branch: str, homes: Sequence[Home]) -> Books:
    """The books of a branch: its own papers, and those of the branches that share members with it."""
    given, posts = frame(job), [_post(job, home) for home in homes]
    counted = Counted()
    for post in posts:
        counted.approved |= post.counted.approved
        counted.earlier |= post.counted.earlier
        counted.drafts |= post.counted.drafts
    joined = Shelf(
        {name: paper for post in posts for name, paper in post.shelf.papers.items()},
        tuple(one for post in posts for one in post.shelf.filings),
        tuple(one for post in posts for one in post.shelf.withdrawals),
        posts[0].shelf.approvers,
    )
    return Books(
        project=job.project,
        today=job.today,
        settings=given.settings,
        roster=given.roster.cut(branch),
        rulebooks=given.rulebooks,
        shelf=joined,
        counted=counted,
        articles=given.articles,
    )


@lru_cache(maxsize=_KNOWN)
def _scored(job: Job, homes: tuple[Home, ...], branch: str) -> tuple[Books, Ground]:
    """The books of a branch and what they come to, as far as the branch alone can tell."""
    found = _cut(job, branch, homes)
    with profile.stage("计分"):
        scored = books.score(found, found.drafts if job.drafts else {})
        return found, assembly.ground(found, scored, scopes=frozenset({branch}))


# --- what a branch comes to ------------------------------------------------------------------------------------------


@uncollected()
def survey(job: Job, homes: tuple[Home, ...], branch: str) -> Summary | None:
    """Read, judge and score a branch: what the organ has to know of it; None where an error stops the build."""
    post = _post(job, next(home for home in homes if home.branch == branch))
    errors, drafts = [one for one in post.problems if one.is_error], post.shelf.drafts
    if any(one.where.file not in drafts for one in errors):
        return None
    problems = tuple(replace(one, severity=Severity.WARNING) for one in errors)
    if branch not in frame(job).roster.branch:
        return summaries.stranger(branch, job.today, problems)
    found, made = _scored(job, homes, branch)
    months = {str(month): ledger for (owner, month), ledger in found.approved.items() if owner == branch}
    forms = {**found.approved, **(found.drafts if job.drafts else {})}
    return Summary(
        branch=branch,
        since=job.today,
        until=job.today + timedelta(days=1) if problems else _until(made),
        approvals={month: [_lean(one) for one in ledger.approvals] for month, ledger in months.items()},
        causes={month: [one.kind for one in ledger.corrections] for month, ledger in months.items()},
        emptied=_emptied(made, branch),
        scored=[str(month) for owner, month in made.results.scored if owner == branch],
        figures=_figures(made, branch),
        guests=_guests(made),
        named=_named(made),
        touched=_touched(made),
        pages=dict(pages.paths(made, branch, forms)),
        sealed=_sealed(found, post.shelf, branch),
        seals=sealedfiles.seals(post.shelf.papers.values()),
        act=max(assembly.acts(post.shelf), key=itemgetter(0), default=None),
        unknown=sorted(states.unknown(made.notices.values(), found.settings.calendar)),
        filings=audit.filed(post.shelf.filings),
        withdrawals=audit.withdrawn(post.shelf.withdrawals),
        drafts=sorted(one.files[-1] for (owner, _), one in found.drafts.items() if owner == branch),
        problems=problems,
    )


def _lean(one: Approval) -> Approval:
    """The part of an approval that boards rest on."""
    return Approval(
        meeting=one.meeting,
        by=one.by,
        roll=one.roll,
        rulebook="",
        nonce="",
        digest=one.digest,
        where=Where(""),
        previous=one.previous,
        serial=one.serial,
    )


def _until(made: Ground) -> date | None:
    """The first day on which anything of it reads otherwise: an objection period is over, somebody has left."""
    today = made.results.today
    over = [notice.last + timedelta(days=1) for notice in made.notices.values()]
    left = [member.until for member in made.members]
    return min((day for day in [*over, *left] if today < day < date.max), default=None)


def _emptied(made: Ground, branch: str) -> Mapping[str, Sequence[bool]]:
    found = revisions.emptied(made.amendments)
    return {str(month): after for (owner, month), after in found.items() if owner == branch}


def _figures(made: Ground, branch: str) -> Mapping[str, Sequence[Figures]]:
    """Of every period that the organ ranks: the members whom it ranks as this branch's."""
    return {
        str(stretch): _shown(results.candidates(made.results, stretch, None), branch)
        for stretch in results.ranked(made.results.rulebooks, Scope.ORGAN)
    }


def _shown(found: Iterable[Candidate], branch: str) -> list[Figures]:
    return [
        Figures(one.member.id, one.score.points, one.score.total, vetoed=one.score.vetoed)
        for one in found
        if one.branch == branch
    ]


def _guests(made: Ground) -> Mapping[str, Sequence[Place]]:
    owned = {member.id for member in made.members}
    return {member: found for member, found in made.places.items() if member not in owned}


def _touched(made: Ground) -> Mapping[str, Sequence[str]]:
    there = {member.id: member for member in made.members}
    found = {
        member: sorted(str(month) for month in months if not there[member].was_in(month))
        for member, months in accounts.touched(made).items()
    }
    return {member: months for member, months in found.items() if months}


def _named(made: Ground) -> Mapping[str, date]:
    boards = sorted(made.rankings.values(), key=lambda board: board.period.last)
    return {one.member.id: board.period.last for board in boards for one in board.standings}


def _sealed(found: Books, own: Shelf, branch: str) -> Mapping[str, str]:
    homes = {branch: found.roster.branch[branch].name}
    return Present(homes, tuple(own.papers.values()), own.filings, own.withdrawals, None).digests()


def history(job: Job, homes: tuple[Home, ...], branch: str, points: Sequence[Point]) -> list[list[Figures]]:
    """The branch's part of what the organ ranked in a period, as it stood at each of these moments."""
    found, made = _scored(job, homes, branch)
    return [_shown(ranked, branch) for ranked in assembly.candidates(found, made, points)]


# --- its pages -------------------------------------------------------------------------------------------------------


class Made(Struct, frozen=True):
    """Files by path, each with its digest, and those of them that the output folder does not hold yet.

    ``contents`` are their bytes, where there is no output folder; ``asked`` is whereto links were asked for, and
    whether there was anything.
    """

    digests: Mapping[str, str]
    stale: Sequence[str] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict)
    asked: Mapping[str, bool] = field(default_factory=dict)


class Asked(Container[str]):
    """What is built, remembering what was asked of it: only that can make a page another."""

    def __init__(self, built: Container[str]) -> None:
        self.built = built
        self.told: dict[str, bool] = {}

    def __contains__(self, path: object) -> bool:
        assert isinstance(path, str)
        self.told[path] = path in self.built
        return self.told[path]


def still(asked: Mapping[str, bool], built: Container[str]) -> bool:
    """Whether all links lead where they led when they were asked for."""
    return all((target in built) == there for target, there in asked.items())


def edition(job: Job, homes: tuple[Home, ...], branch: str, beyond: Beyond) -> Edition:
    """All that the branch's pages are made of."""
    found, alone = _scored(job, homes, branch)
    made = assembly.beyond(found, alone, beyond.places, beyond.begun)
    shown = {**found.approved, **(found.drafts if job.drafts else {})}
    ledgers = [ledger for (owner, _), ledger in shown.items() if owner == branch]
    with profile.stage("排榜"):
        return assembly.edition(found, made, ledgers if Audience.COMMITTEE in job.audiences else (), preview=job.drafts)


def draw(
    job: Job,
    homes: tuple[Home, ...],
    branch: str,
    beyond: Beyond,
    built: Container[str],
) -> Iterator[tuple[str, bytes]]:
    """The branch's pages for the job's readers, drawn one by one, with links to what is ``built``."""
    made = edition(job, homes, branch, beyond)
    with profile.stage("排榜"):
        listed = [page for page in pages.branch(made, branch) if page.audience in job.audiences]
    fill, links = filler(frame(job).theme), pages.Links(made.settings, built)
    for page in listed:
        with profile.stage("排版"):
            raw = pages.render(made, page, fill, links)
        yield page.path, raw


@uncollected()
def publish(
    job: Job,
    homes: tuple[Home, ...],
    branch: str,
    beyond: Beyond,
) -> Made:
    """Draw the branch's pages into the store of the output folder."""
    settle()
    asked = Asked(beyond.built)
    made = keep(job, draw(job, homes, branch, beyond, asked))
    sweep()
    return replace(made, asked=asked.told)


def keep(job: Job, drawn: Iterable[tuple[str, bytes]]) -> Made:
    """Remember files in the store of the output folder, each beside its compressed twin if the job asks for them."""
    if job.output is None:
        contents = dict(drawn)
        return Made({path: files.digest(raw) for path, raw in contents.items()}, contents=contents)
    store = Store.of(job.project, job.output)
    digests: dict[str, str] = {}
    for path, raw in drawn:
        with profile.stage("写入"):
            digests[path] = store.save(raw)
            if job.packed and path.endswith(_PACKED):
                digests[f"{path}.gz"] = store.save(gzip.compress(raw, 9, mtime=0))
    with profile.stage("核对"):
        return Made(digests, files.stale(job.output, digests))


def verify(job: Job, share: Mapping[str, str]) -> list[str]:
    """Which of these files the output folder does not hold."""
    assert job.output is not None
    with profile.stage("核对"):
        return files.stale(job.output, share)
