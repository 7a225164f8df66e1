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
from generator.build.cache import Cache, digest_value
from generator.build.garbage_collection import gc_disabled
from generator.build.ledger_cache import LedgerCache
from generator.build.messages import BranchFiles, ImportedScores, OrganFacts, SharedInputs
from generator.build.request import BuildRequest
from generator.build.source_digests import InputChangedError
from generator.build.summary import BranchReport, BranchSummary, CommitteeSummary, MemberFigures, RankedFigures
from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.ledgers import clock
from generator.core.ledgers.anchors import SealedState
from generator.core.model.ledger import BranchMonth
from generator.core.model.roster import Roster
from generator.core.model.settings import Audience
from generator.core.page_data import audit, member_history
from generator.core.page_data.committee import CommitteeFacts
from generator.core.page_data.filing_packs import PackInputs
from generator.core.scoring import approval_sources, branch_scores, objection_periods, revisions, site_data
from generator.core.scoring.board_positions import BoardPosition
from generator.core.scoring.branch_scores import BranchScores
from generator.core.scoring.chronology import LAST_MOMENT, Moment
from generator.core.scoring.ranking import ScoredMember
from generator.core.scoring.results import list_board_periods, score_member
from generator.core.scoring.site_data import BranchData, SiteData
from generator.core.sealing import sealed_files
from generator.intake.files import discovery, ledger_file
from generator.intake.text.reader import ProjectReader
from generator.loader import branch_files, load
from generator.loader.load import CheckedBranch
from generator.project import Project
from generator.render.html.theme import Theme
from generator.render.site import pages
from generator.render.site.edition import Edition

# --- what a process keeps --------------------------------------------------------------------------------------------


_shared: dict[BuildRequest, SharedInputs] = {}  # of the one build that this process works for


def set_shared_inputs(request: BuildRequest, inputs: SharedInputs) -> None:
    """Spare this process, and those forked from it, the reading of what bears on every branch: a build begins."""
    clear_caches()
    _shared[request] = inputs


def load_shared_inputs(request: BuildRequest) -> SharedInputs:
    """What bears on every branch; raises ChangedError if it is no longer what the build was planned with."""
    if request not in _shared:
        set_shared_inputs(request, _read_shared(request))
    return _shared[request]


def _read_shared(request: BuildRequest) -> SharedInputs:
    project, reader = request.project, ProjectReader(request.project)
    settings, roster, rulebooks, articles = load.read_reference_data(reader, discovery.discover_files(project))
    branch_files.read_approvers(reader)
    if settings is None or roster is None or combine_path_digests(project, reader.digests) != request.shared_digest:
        raise InputChangedError(project.file_name(project.settings_path))
    layers, _ = load.load_theme_layers(project, settings)
    return SharedInputs(
        settings, roster, rulebooks, articles, Theme(layers), reader.digests.get(project.approvers_path)
    )


def combine_path_digests(project: Project, digests: Mapping[Path, str]) -> str:
    """One digest of files that were read."""
    return source_digests.combine_digests(
        {source_digests.relative_name(project, path): digest for path, digest in digests.items()}
    )


@cache
def _ledgers(request: BuildRequest, files: BranchFiles) -> CheckedBranch:
    project, inputs = request.project, load_shared_inputs(request)
    reader = ProjectReader(project)
    drawer = LedgerCache(Cache(project.cache_folder), files.branch) if request.output else None
    with profiling.stage("读台账"):
        checked = load.check_branch(
            reader,
            files.branch,
            files.discovered,
            roster=inputs.roster,
            rulebooks=inputs.rulebooks,
            today=request.today,
            copied_approvals=dict(files.copied_approvals),
            read_ledger=drawer.read_ledger if drawer else ledger_file.read_ledger,
        )
    read = dict(reader.digests)
    if read.pop(project.approvers_path, None) != inputs.approvers:
        raise InputChangedError(project.file_name(project.approvers_path))
    if combine_path_digests(project, read) != files.digest and not _unread(reader, read, files):
        raise InputChangedError(
            next((project.file_name(path) for path in read), project.file_name(project.ledgers_folder))
        )
    if drawer:
        drawer.save()
    return checked


def _unread(reader: ProjectReader, read: Mapping[Path, str], files: BranchFiles) -> bool:
    """Whether a file could not be read, which is a problem of its own; one that is missing was there when planned."""
    every = files.discovered
    paths = [*(one.path for one in (*every.ledgers, *every.withdrawals)), *every.filings]
    problems = (one for one in reader.problems if one.code.startswith("file.") and one.code != "file.missing")
    wrong = {one.where.file for one in problems}
    return any(path not in read and reader.relative_name(path) in wrong for path in paths)


@cache
def _scores(request: BuildRequest, files: BranchFiles) -> BranchScores:
    inputs = load_shared_inputs(request)
    with profiling.stage("计分"):
        checked = _ledgers(request, files)
        return load.score_checked_branch(checked, inputs.roster, inputs.rulebooks, drafts=request.with_drafts)


@cache
def _ground(request: BuildRequest, files: BranchFiles, imports: ImportedScores) -> BranchData:
    """The branch alone, with what its members have in other branches."""
    inputs, branch = load_shared_inputs(request), files.branch
    every = {**imports.scores, branch: _scores(request, files)}
    joined = branch_scores.merge_scores(
        [every[home] for home in inputs.roster.related_branches[branch] if home in every]
    )
    with profiling.stage("计分"):
        return site_data.build_branch_data(
            branch,
            joined,
            _ledgers(request, files).ledger_files.branch_chain(branch),
            roster=inputs.roster.restrict_to(branch),
            rulebooks=inputs.rulebooks,
            settings=inputs.settings,
            today=request.today,
        )


def clear_caches() -> None:
    """Forget all that this process keeps of a build: about half a megabyte a branch."""
    _shared.clear()
    for remembered in (_ledgers, _scores, _ground):
        remembered.cache_clear()


# --- the report ------------------------------------------------------------------------------------------------------


class BranchSurvey(Struct, frozen=True):
    """A branch's report, what other branches need of it and, if they have nothing of its members, its summary."""

    report: BranchReport
    exports: Mapping[str, BranchScores]
    summary: BranchSummary | None
    committee_summary: CommitteeSummary | None


@gc_disabled()
def survey_branch(request: BuildRequest, files: BranchFiles) -> BranchSurvey:
    """Read, check and score a branch's own files, unless an error in them stops the build."""
    checked, roster = _ledgers(request, files), load_shared_inputs(request).roster
    errors = [one for one in checked.problems if one.is_error]
    report = _unscored(request, checked)
    if files.branch not in roster.branch_by_id or any(
        one.where.file not in checked.ledger_files.draft_names for one in errors
    ):
        return BranchSurvey(report, {}, None, None)
    scored = _scores(request, files)
    others = [home for home in roster.related_branches[files.branch] if home != files.branch]
    exports = {
        home: branch_scores.extract_members(scored, files.branch, roster.members_ever_in[home]) for home in others
    }
    report = replace(
        report,
        approvals={
            str(versions[-1].month): list(map(approval_sources.trim_approval, versions[-1].approvals))
            for versions in scored.month_versions
        },
        correction_kinds={
            str(versions[-1].month): [one.correction_kind for one in versions[1:] if one.correction_kind]
            for versions in scored.month_versions
        },
        emptied={
            str(month): after for (_, month), after in branch_scores.find_emptied_months(scored.amendments).items()
        },
        scored_months=[str(month) for _, month in scored.counted_ledgers],
        countable_drafts=sorted(one.files[-1] for one in checked.effective_ledgers.drafts.values()),
        export_digests={home: _digests(one, files.branch, home, roster) for home, one in exports.items()},
        has_former_members=branch_scores.has_lines_after_leaving(
            scored, files.branch, roster.members_ever_in[files.branch]
        ),
    )
    summaries = (None, None) if others else summarize_branch(request, files, ImportedScores())
    return BranchSurvey(report, exports, *summaries)


def _digests(exports: BranchScores, branch: str, home: str, roster: Roster) -> tuple[str, str]:
    return digest_value(
        branch_scores.extract_while_members(exports, branch, roster.members_ever_in[home], home)
    ), digest_value(exports)


def _unscored(request: BuildRequest, checked: CheckedBranch) -> BranchReport:
    errors = [one for one in checked.problems if one.is_error]
    branch, shelf, roster = checked.branch, checked.ledger_files, load_shared_inputs(request).roster
    homes = {branch: roster.branch_by_id[branch].name} if branch in roster.branch_by_id else {}
    papers = tuple(shelf.by_name.values())
    return BranchReport(
        branch=branch,
        valid_from=request.today,
        valid_until=request.today + timedelta(days=1) if errors else None,
        shared_digest=request.shared_digest,
        errors=errors,
        drafts=sorted(shelf.draft_names),
        seals=sealed_files.list_seals(papers),
        latest_action=max(
            clock.list_dated_actions(papers, shelf.filings, shelf.withdrawals), key=itemgetter(0), default=None
        ),
        approvals={},
        correction_kinds={},
        emptied={},
        scored_months=(),
        sealed_items=SealedState(homes, papers, shelf.filings, shelf.withdrawals, None).describe_by_digest()
        if homes
        else {},
        filings=audit.redact_filings(shelf.filings) if homes else (),
        withdrawals=audit.redact_withdrawals(shelf.withdrawals) if homes else (),
        countable_drafts=(),
        export_digests={},
        has_former_members=False,
    )


# --- the summary -----------------------------------------------------------------------------------------------------


@gc_disabled()
def summarize_branch(
    request: BuildRequest, files: BranchFiles, imports: ImportedScores
) -> tuple[BranchSummary, CommitteeSummary | None]:
    """Draw up a branch's boards for the organ and, if it is among the readers, for the committee."""
    alone, inputs = _ground(request, files, imports), load_shared_inputs(request)
    data = alone.site_data
    edition = _edition(request, files, alone)
    summary = BranchSummary(
        valid_from=request.today,
        valid_until=_summary_valid_until(data),
        figures={
            str(one): _figures(revisions.score_branch_members(data.results, one, files.branch))
            for one in _organ_boards(inputs)
        },
        earlier_figures=dict(_earlier(alone, files.branch, inputs)),
        guest_positions=_guests(data),
        last_board_day=_listed(data),
        extra_months=_touched(data),
        page_audiences={page.path: page.audience for page in pages.list_branch_pages(edition, files.branch)},
        unknown_holiday_years=sorted(
            objection_periods.find_unknown_years(data.objection_periods.values(), inputs.settings.calendar)
        ),
    )
    return summary, _committee(request, files, data) if Audience.COMMITTEE in request.readers else None


def _organ_boards(inputs: SharedInputs) -> Iterator[Period]:
    return list_board_periods(inputs.rulebooks, None)


def _summary_valid_until(data: SiteData) -> date | None:
    """The first day on which anything of it reads otherwise: an objection period is over, a member has left."""
    today = data.results.today
    over = [notice.last + timedelta(days=1) for notice in data.objection_periods.values()]
    left = [member.until for member in data.members]
    return min((day for day in [*over, *left] if today < day < date.max), default=None)


def _figures(candidates: Iterable[ScoredMember]) -> list[MemberFigures]:
    return [
        MemberFigures(one.member.id, one.score.points, one.score.total, vetoed=one.score.vetoed) for one in candidates
    ]


def _earlier(
    alone: BranchData, branch: str, inputs: SharedInputs
) -> Iterator[tuple[str, list[tuple[Moment, list[MemberFigures]]]]]:
    """Of each period, what the organ ranked of the branch just before each moment that made it another."""
    results = alone.site_data.results
    drafts = (
        [LAST_MOMENT] if results.counted_months != results.approved_months else []
    )  # they belong to no earlier moment
    for stretch in _organ_boards(inputs):
        moments = [*alone.past_results.find_relevant_moments(stretch, branch), *drafts]
        if not moments:
            continue
        after = _figures(revisions.score_branch_members(results, stretch, branch))
        earlier = []
        for moment in reversed(moments):
            before = _figures(alone.past_results.score_branch_members_before(stretch, moment, branch))
            if before != after:
                earlier.append((moment, before))
            after = before
        if earlier:
            yield str(stretch), earlier[::-1]


def _guests(data: SiteData) -> Mapping[str, Sequence[BoardPosition]]:
    members = {member.id for member in data.members}
    return {member: places for member, places in data.positions.items() if member not in members}


def _touched(data: SiteData) -> Mapping[str, Sequence[str]]:
    members = {member.id: member for member in data.members}
    months = {
        member: sorted(str(month) for month in touched if not members[member].is_on_roster_in(month))
        for member, touched in member_history.find_recorded_months(data).items()
    }
    return {member: touched for member, touched in months.items() if touched}


def _listed(data: SiteData) -> Mapping[str, date]:
    rankings = sorted(data.rankings.values(), key=lambda board: board.period.last)
    return {one.member.id: board.period.last for board in rankings for one in board.standings}


def _committee(request: BuildRequest, files: BranchFiles, data: SiteData) -> CommitteeSummary:
    shelf, rulebooks = _ledgers(request, files).ledger_files, data.results.rulebooks
    kinds = {
        rulebook.board[condition.board].period
        for rulebook in rulebooks.values()
        for rule in rulebook.consequences
        for condition in rule.when
    } | {PeriodKind.QUARTER}
    complete = [one for one in data.rankings.values() if not one.provisional and one.standings]
    unsealed = [paper for paper in shelf.by_name.values() if not paper.sealed]
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
        complete_periods=[str(one.period) for one in complete],
        year_totals={
            year: {
                member.id: score_member(data.results, member.id, get_period(PeriodKind.YEAR, year)).total
                for member in data.members
            }
            for year in rulebooks
        },
        amendments=[one for one in data.amendments if one.corrected[0] == files.branch],
        filings=shelf.filings,
        withdrawals=shelf.withdrawals,
        draft_ledgers=[str(paper.month) for paper in unsealed if not paper.number],
        draft_corrections=[str(paper.month) for paper in unsealed if paper.number],
    )


# --- what its pages are made of --------------------------------------------------------------------------------------


def _edition(request: BuildRequest, files: BranchFiles, alone: BranchData, facts: OrganFacts | None = None) -> Edition:
    """What the branch's pages are made of; without ``facts`` only its own pages can be listed."""
    inputs, checked = load_shared_inputs(request), _ledgers(request, files)
    data = (
        site_data.add_organ_facts(alone.site_data, facts.positions_elsewhere, facts.scored_months)
        if facts
        else alone.site_data
    )
    counted = {
        **checked.effective_ledgers.approved,
        **(checked.effective_ledgers.drafts if request.with_drafts else {}),
    }
    return Edition(
        settings=inputs.settings,
        branches=inputs.roster.branch_by_id,
        articles=inputs.articles,
        preview=request.with_drafts,
        members=data.results.roster.member_by_id,
        rulebooks=inputs.rulebooks,
        site_data=data,
        fully_struck=branch_scores.find_emptied_months(data.amendments),
        audit=audit.build_audit(
            data.approvals,
            data.chains,
            filings=audit.redact_filings(checked.ledger_files.filings),
            withdrawals=audit.redact_withdrawals(checked.ledger_files.withdrawals),
            ballots=audit.BallotRecords((), ()),
            approvers=None,
        ),
        ledgers=tuple(counted.values()),
        pack_inputs=_paperwork(checked),
        committee_facts=facts.committee_facts if facts else CommitteeFacts(),
    )


def _paperwork(checked: CheckedBranch) -> PackInputs:
    papers = checked.ledger_files.by_name.values()
    drafts: set[BranchMonth] = {(one.branch, one.month) for one in papers if not (one.sealed or one.number)}
    return PackInputs(
        checked.effective_ledgers.approved,
        drafts,
        checked.ledger_files.filings,
        checked.effective_ledgers.missing_evidence,
    )


def make_branch_edition(
    request: BuildRequest, files: BranchFiles, imports: ImportedScores, facts: OrganFacts
) -> Edition:
    """What a branch's pages are made of."""
    return _edition(request, files, _ground(request, files, imports), facts)
