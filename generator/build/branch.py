"""One branch of a build, as functions that any process may run: its report, its summary, its pages.

A branch's own files are read, checked and scored by ``survey``; what its members have in other branches comes from the
reports of those. A process keeps what it has read and scored, so that summary and pages need not do it again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import profiling, source_digests
from generator.build.cache import Memo, told
from generator.build.garbage_collection import uncollected
from generator.build.ledger_cache import Drawer
from generator.build.messages import BranchFiles, Imports, OrganFacts, SharedInputs
from generator.build.request import BuildRequest
from generator.build.source_digests import ChangedError
from generator.build.summary import BranchReport, BranchSummary, CommitteeSummary, MemberFigures, RankedFigures
from generator.core.basics.periods import Kind, Period, period
from generator.core.ledgers import clock
from generator.core.ledgers.anchors import Present
from generator.core.model.ledger import Key
from generator.core.model.roster import Roster
from generator.core.model.settings import Audience
from generator.core.page_data import audit, member_history
from generator.core.page_data.committee import ForBranch
from generator.core.page_data.filing_packs import Paperwork
from generator.core.scoring import approval_sources, branch_scores, objection_periods, revisions, site_data
from generator.core.scoring.board_positions import Place
from generator.core.scoring.branch_scores import BranchScores
from generator.core.scoring.chronology import LAST, Moment
from generator.core.scoring.ranking import Candidate
from generator.core.scoring.results import boards, score
from generator.core.scoring.site_data import BranchGround, Ground
from generator.core.sealing import sealed_files
from generator.intake.files import discovery, ledger_file
from generator.intake.text.reader import Reader
from generator.loader import branch_files, load
from generator.loader.load import BranchLedgers
from generator.project import Project
from generator.render.html.theme import Theme
from generator.render.site import pages
from generator.render.site.edition import Edition

# --- what a process keeps --------------------------------------------------------------------------------------------


_shared: dict[BuildRequest, SharedInputs] = {}  # of the one build that this process works for


def set_shared_inputs(request: BuildRequest, inputs: SharedInputs) -> None:
    """Spare this process, and those forked from it, the reading of what bears on every branch: a build begins."""
    forget()
    _shared[request] = inputs


def shared_inputs(request: BuildRequest) -> SharedInputs:
    """What bears on every branch; raises ChangedError if it is no longer what the build was planned with."""
    if request not in _shared:
        set_shared_inputs(request, _read_shared(request))
    return _shared[request]


def _read_shared(request: BuildRequest) -> SharedInputs:
    project, reader = request.project, Reader(request.project)
    settings, roster, rulebooks, articles = load.frame(reader, discovery.survey(project))
    branch_files.approvers(reader)
    if settings is None or roster is None or combined(project, reader.digests) != request.shared:
        raise ChangedError(project.name(project.settings))
    layers, _ = load.theme(project, settings)
    return SharedInputs(settings, roster, rulebooks, articles, Theme(layers), reader.digests.get(project.approvers))


def combined(project: Project, digests: Mapping[Path, str]) -> str:
    """One digest of files that were read."""
    return source_digests.joined({source_digests.name(project, path): digest for path, digest in digests.items()})


@cache
def _ledgers(request: BuildRequest, files: BranchFiles) -> BranchLedgers:
    project, inputs = request.project, shared_inputs(request)
    reader = Reader(project)
    drawer = Drawer(Memo(project.cache), files.branch) if request.output else None
    with profiling.stage("读台账"):
        checked = load.check_branch(
            reader,
            files.branch,
            files.files,
            roster=inputs.roster,
            rulebooks=inputs.rulebooks,
            today=request.today,
            copies=dict(files.copies),
            read_ledger=drawer.read if drawer else ledger_file.read,
        )
    read = dict(reader.digests)
    if read.pop(project.approvers, None) != inputs.approvers:
        raise ChangedError(project.name(project.approvers))
    if combined(project, read) != files.digest and not _unread(reader, read, files):
        raise ChangedError(next((project.name(path) for path in read), project.name(project.ledgers)))
    if drawer:
        drawer.keep()
    return checked


def _unread(reader: Reader, read: Mapping[Path, str], files: BranchFiles) -> bool:
    """Whether a file could not be read, which is a problem of its own; one that is missing was there when planned."""
    every = files.files
    paths = [*(one.path for one in (*every.ledgers, *every.withdrawals)), *every.filings]
    problems = (one for one in reader.problems if one.code.startswith("file.") and one.code != "file.missing")
    wrong = {one.where.file for one in problems}
    return any(path not in read and reader.name(path) in wrong for path in paths)


@cache
def _scores(request: BuildRequest, files: BranchFiles) -> BranchScores:
    inputs = shared_inputs(request)
    with profiling.stage("计分"):
        checked = _ledgers(request, files)
        return load.score_branch(checked, inputs.roster, inputs.rulebooks, drafts=request.drafts)


@cache
def _ground(request: BuildRequest, files: BranchFiles, imports: Imports) -> BranchGround:
    """The branch alone, with what its members have in other branches."""
    inputs, branch = shared_inputs(request), files.branch
    every = {**imports.scores, branch: _scores(request, files)}
    joined = branch_scores.join([every[home] for home in inputs.roster.homes[branch] if home in every])
    with profiling.stage("计分"):
        return site_data.of_branch(
            branch,
            joined,
            _ledgers(request, files).shelf.chain(branch),
            roster=inputs.roster.cut(branch),
            rulebooks=inputs.rulebooks,
            settings=inputs.settings,
            today=request.today,
        )


def forget() -> None:
    """Forget all that this process keeps of a build: about half a megabyte a branch."""
    _shared.clear()
    for remembered in (_ledgers, _scores, _ground):
        remembered.cache_clear()


# --- the report ------------------------------------------------------------------------------------------------------


class Surveyed(Struct, frozen=True):
    """A branch's report, what other branches need of it and, if they have nothing of its members, its summary."""

    report: BranchReport
    exports: Mapping[str, BranchScores]
    summary: BranchSummary | None
    committee: CommitteeSummary | None


@uncollected()
def survey(request: BuildRequest, files: BranchFiles) -> Surveyed:
    """Read, check and score a branch's own files, unless an error in them stops the build."""
    checked, roster = _ledgers(request, files), shared_inputs(request).roster
    errors = [one for one in checked.problems if one.is_error]
    report = _unscored(request, checked)
    if files.branch not in roster.branch or any(one.where.file not in checked.shelf.drafts for one in errors):
        return Surveyed(report, {}, None, None)
    scored = _scores(request, files)
    others = [home for home in roster.homes[files.branch] if home != files.branch]
    exports = {home: branch_scores.extract(scored, files.branch, roster.ever[home]) for home in others}
    report = replace(
        report,
        approvals={
            str(versions[-1].month): list(map(approval_sources.lean, versions[-1].approvals))
            for versions in scored.months
        },
        kinds={str(versions[-1].month): [one.kind for one in versions[1:] if one.kind] for versions in scored.months},
        emptied={str(month): after for (_, month), after in branch_scores.emptied(scored.amendments).items()},
        scored=[str(month) for _, month in scored.counted],
        counted_drafts=sorted(one.files[-1] for one in checked.counted.drafts.values()),
        exports={home: _digests(one, files.branch, home, roster) for home, one in exports.items()},
        names_who_left=branch_scores.names_who_left(scored, files.branch, roster.ever[files.branch]),
    )
    summaries = (None, None) if others else summarize(request, files, Imports())
    return Surveyed(report, exports, *summaries)


def _digests(exports: BranchScores, branch: str, home: str, roster: Roster) -> tuple[str, str]:
    return told(branch_scores.while_there(exports, branch, roster.ever[home], home)), told(exports)


def _unscored(request: BuildRequest, checked: BranchLedgers) -> BranchReport:
    errors = [one for one in checked.problems if one.is_error]
    branch, shelf, roster = checked.branch, checked.shelf, shared_inputs(request).roster
    homes = {branch: roster.branch[branch].name} if branch in roster.branch else {}
    papers = tuple(shelf.papers.values())
    return BranchReport(
        branch=branch,
        since=request.today,
        until=request.today + timedelta(days=1) if errors else None,
        shared=request.shared,
        errors=errors,
        drafts=sorted(shelf.drafts),
        seals=sealed_files.seals(papers),
        action=max(clock.actions(papers, shelf.filings, shelf.withdrawals), key=itemgetter(0), default=None),
        approvals={},
        kinds={},
        emptied={},
        scored=(),
        sealed=Present(homes, papers, shelf.filings, shelf.withdrawals, None).digests() if homes else {},
        filings=audit.filed(shelf.filings) if homes else (),
        withdrawals=audit.withdrawn(shelf.withdrawals) if homes else (),
        counted_drafts=(),
        exports={},
        names_who_left=False,
    )


# --- the summary -----------------------------------------------------------------------------------------------------


@uncollected()
def summarize(
    request: BuildRequest, files: BranchFiles, imports: Imports
) -> tuple[BranchSummary, CommitteeSummary | None]:
    """Draw up a branch's boards for the organ and, if it is among the readers, for the committee."""
    alone, inputs = _ground(request, files, imports), shared_inputs(request)
    data = alone.ground
    edition = _edition(request, files, alone)
    summary = BranchSummary(
        since=request.today,
        until=_until(data),
        figures={str(one): _figures(revisions.share(data.results, one, files.branch)) for one in _organ_boards(inputs)},
        earlier=dict(_earlier(alone, files.branch, inputs)),
        guests=_guests(data),
        listed=_listed(data),
        touched=_touched(data),
        pages={page.path: page.audience for page in pages.of_branch(edition, files.branch)},
        unknown=sorted(objection_periods.unknown(data.notices.values(), inputs.settings.calendar)),
    )
    return summary, _committee(request, files, data) if Audience.COMMITTEE in request.readers else None


def _organ_boards(inputs: SharedInputs) -> Iterator[Period]:
    return boards(inputs.rulebooks, None)


def _until(data: Ground) -> date | None:
    """The first day on which anything of it reads otherwise: an objection period is over, a member has left."""
    today = data.results.today
    over = [notice.last + timedelta(days=1) for notice in data.notices.values()]
    left = [member.until for member in data.members]
    return min((day for day in [*over, *left] if today < day < date.max), default=None)


def _figures(candidates: Iterable[Candidate]) -> list[MemberFigures]:
    return [
        MemberFigures(one.member.id, one.score.points, one.score.total, vetoed=one.score.vetoed) for one in candidates
    ]


def _earlier(
    alone: BranchGround, branch: str, inputs: SharedInputs
) -> Iterator[tuple[str, list[tuple[Moment, list[MemberFigures]]]]]:
    """Of each period, what the organ ranked of the branch just before each moment that made it another."""
    results = alone.ground.results
    drafts = [LAST] if results.scored != results.approved else []  # they belong to no earlier moment
    for stretch in _organ_boards(inputs):
        moments = [*alone.states.bearing(stretch, branch), *drafts]
        if not moments:
            continue
        after = _figures(revisions.share(results, stretch, branch))
        earlier = []
        for moment in reversed(moments):
            before = _figures(alone.states.share(stretch, moment, branch))
            if before != after:
                earlier.append((moment, before))
            after = before
        if earlier:
            yield str(stretch), earlier[::-1]


def _guests(data: Ground) -> Mapping[str, Sequence[Place]]:
    members = {member.id for member in data.members}
    return {member: places for member, places in data.places.items() if member not in members}


def _touched(data: Ground) -> Mapping[str, Sequence[str]]:
    members = {member.id: member for member in data.members}
    months = {
        member: sorted(str(month) for month in touched if not members[member].was_in(month))
        for member, touched in member_history.touched(data).items()
    }
    return {member: touched for member, touched in months.items() if touched}


def _listed(data: Ground) -> Mapping[str, date]:
    rankings = sorted(data.rankings.values(), key=lambda board: board.period.last)
    return {one.member.id: board.period.last for board in rankings for one in board.standings}


def _committee(request: BuildRequest, files: BranchFiles, data: Ground) -> CommitteeSummary:
    shelf, rulebooks = _ledgers(request, files).shelf, data.results.rulebooks
    kinds = {
        rulebook.board[condition.board].period
        for rulebook in rulebooks.values()
        for rule in rulebook.consequences
        for condition in rule.when
    } | {Kind.QUARTER}
    complete = [one for one in data.rankings.values() if not one.provisional and one.standings]
    unsealed = [paper for paper in shelf.papers.values() if not paper.sealed]
    return CommitteeSummary(
        boards={
            str(one.period): [
                RankedFigures(
                    each.member.id,
                    each.score.points,
                    each.score.total,
                    each.score.vetoed,
                    each.rank,
                    each.partial,
                    each.last,
                )
                for each in one.standings
            ]
            for one in complete
            if one.period.kind in kinds
        },
        complete=[str(one.period) for one in complete],
        totals={
            year: {member.id: score(data.results, member.id, period(Kind.YEAR, year)).total for member in data.members}
            for year in rulebooks
        },
        amendments=[one for one in data.amendments if one.corrected[0] == files.branch],
        filings=shelf.filings,
        withdrawals=shelf.withdrawals,
        ledgers=[str(paper.month) for paper in unsealed if not paper.number],
        corrections=[str(paper.month) for paper in unsealed if paper.number],
    )


# --- what its pages are made of --------------------------------------------------------------------------------------


def _edition(
    request: BuildRequest, files: BranchFiles, alone: BranchGround, facts: OrganFacts | None = None
) -> Edition:
    """What the branch's pages are made of; without ``facts`` only its own pages can be listed."""
    inputs, checked = shared_inputs(request), _ledgers(request, files)
    data = site_data.in_organ(alone.ground, facts.places, facts.begun) if facts else alone.ground
    counted = {**checked.counted.approved, **(checked.counted.drafts if request.drafts else {})}
    return Edition(
        settings=inputs.settings,
        branches=inputs.roster.branch,
        articles=inputs.articles,
        preview=request.drafts,
        members=data.results.roster.member,
        rulebooks=inputs.rulebooks,
        ground=data,
        emptied=branch_scores.emptied(data.amendments),
        audit=audit.audit(
            data.approvals,
            data.chains,
            filings=audit.filed(checked.shelf.filings),
            withdrawals=audit.withdrawn(checked.shelf.withdrawals),
            cast=audit.Cast((), ()),
            approvers=None,
        ),
        ledgers=tuple(counted.values()),
        paperwork=_paperwork(checked),
        papers=facts.papers if facts else ForBranch(),
    )


def _paperwork(checked: BranchLedgers) -> Paperwork:
    papers = checked.shelf.papers.values()
    drafts: set[Key] = {(one.branch, one.month) for one in papers if not (one.sealed or one.number)}
    return Paperwork(checked.counted.approved, drafts, checked.shelf.filings, checked.counted.unproved)


def edition(request: BuildRequest, files: BranchFiles, imports: Imports, facts: OrganFacts) -> Edition:
    """What a branch's pages are made of."""
    return _edition(request, files, _ground(request, files, imports), facts)
