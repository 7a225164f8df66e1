"""The line to its end: files → what each branch comes to → what the organ comes to → pages → the output folder."""

import re
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from generator import assembly, inventory, organ, profile
from generator.core import periods, states
from generator.core.anchors import Present
from generator.core.ground import Ground
from generator.core.settings import Audience
from generator.executors import Hands, Here, Tell
from generator.inventory import ChangedError
from generator.line import NOTHING, Line
from generator.memo import Memo
from generator.opened import Opened, Request, begin
from generator.organ import Organ
from generator.problems import Problem, Where, in_order
from generator.project import Project
from generator.publish import release
from generator.publish.release import Basis, Release
from generator.rereading import Rereading
from generator.shards import Made


class Built(Struct, frozen=True):
    """What a build came to. ``until`` is the first day on which the same files would make another site."""

    found: Organ
    made: Made
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    drafts: tuple[str, ...]
    until: date | None
    release: Release | None = None

    @property
    def first_published(self) -> bool:
        """Whether any approval had never been published before this."""
        fresh = self.release.fresh if self.release else frozenset()
        return any(seal.digest in fresh for one in self.found.summaries.values() for seal in one.seals)


def run(opened: Opened, hands: Hands, memo: Memo | None, tell: Tell, reread: Rereading | None = None) -> Built | None:
    """Build, and publish if there is an output folder; None if an error in the project's files stops it.

    ``books.read`` tells such errors in full. Others may read meanwhile, but nobody else may write. ``reread`` is the
    output folder, if it is being read again already.
    """
    with release.lock(opened.job.project) if opened.job.output else nullcontext():
        return _run(Line(opened, hands, memo, tell, reread), opened)


def _run(line: Line, opened: Opened) -> Built | None:
    summaries_ = line.survey()
    if summaries_ is None:
        return None
    own = {branch: one for branch, one in summaries_.items() if branch in opened.frame.roster.branch}
    strange = [problem for branch, one in summaries_.items() if branch not in own for problem in one.problems]
    opened = replace(opened, problems=(*opened.problems, *strange))
    found = Organ(opened.frame, own, opened.urn, opened.approvers, opened.job.today)
    acts = [one.act for one in summaries_.values() if one.act]
    problems = assembly.clock(opened.job.today, [*acts, *assembly.cast(opened.urn)])
    if problems:
        return Built(found, NOTHING, tuple(problems), (), (), None)
    with profile.stage("汇总"):
        made = organ.ground(found, line.history)
        whole = line.whole(found, made)
    files = _joined(line.files(found, made, whole))
    built = _built(opened, found, made, files)
    if opened.job.output is None:
        return built
    with profile.stage("发布"):
        done, problems = release.publish(
            opened.job.project, opened.job.output, files.digests, files.stale, _basis(opened, found)
        )
    if line.memo and done:
        line.memo.prune()
    return replace(built, problems=tuple(problems), release=done)


def preview(
    project: Project, today: date, audiences: frozenset[Audience], *, drafts: bool = False
) -> Mapping[str, bytes]:
    """Every file of the site by path, nothing written; raises ``ChangedError`` where an error would stop a build."""
    opened = begin(Request(project, None, today, audiences, drafts=drafts), inventory.sources(project))
    built = run(opened, [Here()], None, lambda *_: None) if opened else None
    if built is None or built.problems:
        raise ChangedError(project.name(project.settings))
    return {path: built.made.contents[path] for path in built.made.digests}


def _joined(found: Iterable[Made]) -> Made:
    """All files of the site, those first that no page leads to yet, index pages last."""
    every = list(found)
    digests = dict(sorted((file for one in every for file in one.digests.items()), key=_place))
    stale = {path for one in every for path in one.stale}
    return Made(
        digests,
        [path for path in digests if path in stale],
        {path: raw for one in every for path, raw in one.contents.items()},
    )


def _place(file: tuple[str, str]) -> tuple[bool, int, str]:
    """Pages after what they show, index pages after those, and the home page last."""
    path = file[0].removesuffix(".gz")
    index = path.endswith("index.html") or "/" not in path
    return index, -path.count("/") if index else not path.startswith("assets/"), file[0]


def _built(opened: Opened, found: Organ, made: Ground, files: Made) -> Built:
    settings, project = opened.frame.settings, opened.job.project
    every = found.summaries.values()
    unknown = states.unknown(made.notices.values(), settings.calendar).union(*(one.unknown for one in every))
    over = [notice.last + timedelta(days=1) for notice in made.notices.values() if notice.running]
    shown = [opened.job.today + timedelta(days=1)] if Audience.COMMITTEE in opened.job.audiences else []
    days = [day for day in (*over, *shown, *(one.until for one in every)) if day]
    told = in_order([*opened.problems, *(problem for one in every for problem in one.problems)])
    return Built(
        found,
        files,
        (),
        (*told, *states.warnings(sorted(unknown), Where(project.name(project.settings)))),
        (*(name for one in every for name in one.drafts), *sorted(opened.urn.drafts)),
        min(days, default=None),
    )


def _basis(opened: Opened, found: Organ) -> Basis:
    cast = Present({}, (), (), opened.urn.retractions, None, tuple(opened.urn.slips.values()))
    rests = {digest: what for one in found.summaries.values() for digest, what in one.sealed.items()}
    audiences, branches = opened.job.audiences, opened.frame.roster.branch
    return Basis(opened.job.today, {**rests, **cast.digests()}, lambda path: _stays(path, audiences, branches))


_BOARD = re.compile(r"(?:boards|branches/(?P<branch>[^/]+))/(?P<period>[^/.]+)(?:\.[rc][0-9]+)?\.html")


def _stays(path: str, audiences: AbstractSet[Audience], branches: Collection[str]) -> bool:
    """Whether a page, once published, must be in every later build for these audiences: boards, old and new."""
    found = _BOARD.fullmatch(path)
    if found is None or periods.parse(found["period"]) is None:
        return False
    if found["branch"] is None:
        return Audience.ORGAN in audiences
    return Audience.BRANCH in audiences and found["branch"] in branches
