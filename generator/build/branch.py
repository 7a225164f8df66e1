"""One branch of a build, as functions that any process may run: its report, its summary, the data of its pages.

``survey_branch`` reads, checks and scores a branch's own files; its members' scores in other branches are imported from
the surveys of those. A process remembers what it has read and scored, so that summary and pages need not do it again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import profiling, source_digests
from generator.build.cache import digest_value
from generator.build.garbage_collection import gc_disabled
from generator.build.input_cache import LedgerReader
from generator.build.messages import BranchFiles, ImportedScores, OrganFacts, SharedInputs
from generator.build.request import BuildRequest
from generator.build.source_digests import InputChangedError
from generator.build.summary import BranchReport, BranchSummary, CommitteeSummary, MemberFigures, RankedFigures
from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.ledgers import clock
from generator.core.ledgers.anchors import SealedState
from generator.core.model.approver_lists import ApproverLists
from generator.core.model.ledger import BranchMonth, Record
from generator.core.model.roster import Roster
from generator.core.model.settings import Article, Audience
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
from generator.intake.text.reader import UNREAD_CODES, ProjectReader
from generator.loader import approver_lists, decisive_values, load
from generator.loader.load import CheckedBranch
from generator.project import Project
from generator.render.html.theme import Theme
from generator.render.site import pages
from generator.render.site.edition import Edition

# --- what a process remembers ----------------------------------------------------------------------------------------


_shared_inputs: dict[BuildRequest, SharedInputs] = {}  # of the one build that this process works for
_read_ledgers: dict[str, bytes] = {}  # by branch, until the task that read them returns


def set_shared_inputs(request: BuildRequest, inputs: SharedInputs) -> None:
    """Begin a build: this process, and those forked from it later, need not read the shared inputs."""
    clear_caches()
    _shared_inputs[request] = inputs


def load_shared_inputs(request: BuildRequest) -> SharedInputs:
    """Return the shared inputs, read at the first call; raises InputChangedError if they differ from the plan's."""
    if request not in _shared_inputs:
        set_shared_inputs(request, _read_shared_inputs(request))
    return _shared_inputs[request]


def _read_shared_inputs(request: BuildRequest) -> SharedInputs:
    project, reader = request.project, ProjectReader(request.project)
    settings, roster, rulebooks, articles = load.read_reference_data(
        reader, discovery.discover_files(project), request.today
    )
    lists = approver_lists.read_approver_lists(reader)
    if settings is None or roster is None or combine_path_digests(project, reader.digests) != request.shared_digest:
        raise InputChangedError(project.file_name(project.settings_path))
    layers, _ = load.load_theme_layers(project, settings)
    return SharedInputs(settings, roster, rulebooks, select_articles(request, articles), Theme(layers), lists)


def select_articles(request: BuildRequest, articles: Iterable[Article]) -> tuple[Article, ...]:
    """Return the articles that a build publishes: notices from their day on, in a preview all."""
    return tuple(article for article in articles if request.with_drafts or article.is_due(request.today))


def combine_path_digests(project: Project, digests: Mapping[Path, str]) -> str:
    """Return one digest of several files, given by path."""
    return source_digests.combine_digests(
        {source_digests.relative_name(project, path): digest for path, digest in digests.items()}
    )


@cache
def _check_branch(request: BuildRequest, files: BranchFiles) -> CheckedBranch:
    project, inputs = request.project, load_shared_inputs(request)
    reader = ProjectReader(project)
    caching_reader = LedgerReader(files.cached_ledgers) if files.cached_ledgers is not None else None
    with profiling.stage("读台账"):
        checked = load.check_branch(
            reader,
            files.branch,
            files.discovered,
            roster=inputs.roster,
            rulebooks=inputs.rulebooks,
            approver_lists=inputs.approver_lists,
            today=request.today,
            copied_approvals=dict(files.copied_approvals),
            read_ledger=caching_reader.read_ledger if caching_reader else ledger_file.read_ledger,
        )
    digests = dict(reader.digests)
    # The plan's digests are part of the cache keys: results of other bytes must not be saved under them.
    if combine_path_digests(project, digests) != files.digest and not _is_unreadable(reader, digests, files):
        path = next(iter(digests), project.ledgers_folder)
        raise InputChangedError(project.file_name(path))
    if caching_reader and (encoded := caching_reader.encode_read()):
        _read_ledgers[files.branch] = encoded
    return checked


def take_read_ledgers(branch: str) -> bytes | None:
    """Return, once, a branch's ledgers that a task in this process read, encoded; None if all of them were cached.

    Only the coordinating process writes to the cache.
    """
    return _read_ledgers.pop(branch, None)


def _is_unreadable(reader: ProjectReader, digests: Mapping[Path, str], files: BranchFiles) -> bool:
    """Return whether one of the files could not be read, which is a problem of its own.

    A missing file does not count: it was there when the build was planned.
    """
    discovered = files.discovered
    paths = [*(file.path for file in (*discovered.ledgers, *discovered.withdrawals)), *discovered.filings]
    unreadable = {problem.where.file for problem in reader.problems if problem.code in UNREAD_CODES}
    return any(path not in digests and reader.relative_name(path) in unreadable for path in paths)


@cache
def _score_branch(request: BuildRequest, files: BranchFiles) -> BranchScores:
    inputs = load_shared_inputs(request)
    with profiling.stage("计分"):
        checked = _check_branch(request, files)
        return load.score_checked_branch(checked, inputs.roster, inputs.rulebooks, drafts=request.with_drafts)


@cache
def _build_branch_data(request: BuildRequest, files: BranchFiles, imports: ImportedScores) -> BranchData:
    """Build the data of the branch alone, with its members' scores in other branches."""
    inputs, branch = load_shared_inputs(request), files.branch
    scores = {**imports.scores, branch: _score_branch(request, files)}
    # In the order of the roster, which the imports need not have.
    merged = branch_scores.merge_scores(
        [scores[name] for name in inputs.roster.related_branches[branch] if name in scores]
    )
    with profiling.stage("计分"):
        return site_data.build_branch_data(
            branch,
            merged,
            _check_branch(request, files).ledger_files.branch_chain(branch),
            roster=inputs.roster.restrict_to(branch),
            rulebooks=inputs.rulebooks,
            settings=inputs.settings,
            today=request.today,
        )


def clear_caches() -> None:
    """Delete all that this process remembers of a build: about half a megabyte a branch."""
    _shared_inputs.clear()
    _read_ledgers.clear()
    for function in (_check_branch, _score_branch, _build_branch_data):
        function.cache_clear()


# --- the report ------------------------------------------------------------------------------------------------------


class BranchSurvey(Struct, frozen=True):
    """A branch's report, the scores that other branches need of it, by branch, and its summaries.

    The summaries are None if it shares members with other branches, or if an error stops the build. The
    ``committee_summary`` is None, too, if the committee is not among the readers.
    """

    report: BranchReport
    exports: Mapping[str, BranchScores]
    summary: BranchSummary | None
    committee_summary: CommitteeSummary | None


@gc_disabled()
def survey_branch(request: BuildRequest, files: BranchFiles) -> BranchSurvey:
    """Read, check and score a branch's own files; they are not scored if an error in them stops the build."""
    checked, roster = _check_branch(request, files), load_shared_inputs(request).roster
    report = _report_unscored(request, checked)
    drafts = checked.ledger_files.draft_names
    if files.branch not in roster.branch_by_id or any(error.where.file not in drafts for error in report.errors):
        return BranchSurvey(report, {}, None, None)
    scores, members = _score_branch(request, files), roster.members_ever_in
    related = [name for name in roster.related_branches[files.branch] if name != files.branch]
    exports = {name: branch_scores.extract_members(scores, files.branch, members[name]) for name in related}
    struck_months = branch_scores.find_emptied_months(scores.amendments)
    report = replace(
        report,
        approvals={
            str(versions[-1].month): list(map(approval_sources.trim_approval, versions[-1].approvals))
            for versions in scores.month_versions
        },
        correction_kinds={
            str(versions[-1].month): [version.correction_kind for version in versions[1:] if version.correction_kind]
            for versions in scores.month_versions
        },
        fully_struck={str(month): after_corrections for (_, month), after_corrections in struck_months.items()},
        scored_months=[str(month) for _, month in scores.counted_ledgers],
        draft_months=[str(draft.month) for draft in scores.drafts],
        countable_drafts=sorted(ledger.files[-1] for ledger in checked.effective_ledgers.drafts.values()),
        export_digests={name: _digest_exports(part, files.branch, name, roster) for name, part in exports.items()},
        has_former_members=branch_scores.has_lines_after_leaving(scores, files.branch, members[files.branch]),
    )
    summaries = (None, None) if related else summarize_branch(request, files, ImportedScores())
    return BranchSurvey(report, exports, *summaries)


def _digest_exports(exports: BranchScores, branch: str, target: str, roster: Roster) -> tuple[str, str]:
    # The first digest leaves out the months after a member has left the target for good: they can't change its boards,
    # and so an approval of such a month need not summarise the target again.
    needed = branch_scores.extract_while_members(exports, branch, roster.members_ever_in[target], target)
    return digest_value(needed), digest_value(exports)


def _report_unscored(request: BuildRequest, checked: CheckedBranch) -> BranchReport:
    errors = [problem for problem in checked.problems if problem.is_error]
    branch, ledger_files, roster = checked.branch, checked.ledger_files, load_shared_inputs(request).roster
    files = tuple(ledger_files.by_name.values())
    filings, withdrawals = ledger_files.filings, ledger_files.withdrawals
    records: tuple[Record, ...] = (*filings, *withdrawals)
    on_roster = branch in roster.branch_by_id
    return BranchReport(
        branch=branch,
        valid_from=request.today,
        # Some errors depend on the day, such as a ledger of a future month.
        valid_until=request.today + timedelta(days=1) if errors else None,
        shared_digest=request.shared_digest,
        errors=errors,
        drafts=sorted(ledger_files.draft_names),
        seals=sealed_files.list_seals(files),
        latest_action=max(clock.list_dated_actions(files, filings, withdrawals), key=itemgetter(0), default=None),
        approvals={},
        correction_kinds={},
        fully_struck={},
        scored_months=(),
        draft_months=(),
        sealed_items=(
            SealedState(
                {branch: roster.branch_by_id[branch].name}, files, filings, withdrawals, ApproverLists()
            ).describe_by_digest()
            if on_roster
            else {}
        ),
        record_digests={record.where.file: record.digest for record in records},
        filings=audit.redact_filings(filings) if on_roster else (),
        withdrawals=audit.redact_withdrawals(withdrawals) if on_roster else (),
        countable_drafts=(),
        export_digests={},
        has_former_members=False,
        member_values=decisive_values.digest_branch_values(ledger_files, roster, branch) if on_roster else None,
    )


# --- the summary -----------------------------------------------------------------------------------------------------


@gc_disabled()
def summarize_branch(
    request: BuildRequest, files: BranchFiles, imports: ImportedScores
) -> tuple[BranchSummary, CommitteeSummary | None]:
    """Summarise a branch's boards for the organ and, if it is among the readers, for the committee."""
    branch_data, inputs = _build_branch_data(request, files, imports), load_shared_inputs(request)
    data = branch_data.site_data
    edition = _make_edition(request, files, branch_data)
    summary = BranchSummary(
        valid_from=request.today,
        valid_until=_summary_valid_until(data),
        figures={
            str(period): _member_figures(revisions.score_branch_members(data.results, period, files.branch))
            for period in _list_organ_periods(inputs)
        },
        earlier_figures=dict(_compute_earlier_figures(branch_data, files.branch, inputs)),
        guest_positions=_find_guest_positions(data),
        last_board_day=_find_last_board_days(data),
        extra_months=_find_extra_months(data),
        page_audiences={page.path: page.audience for page in pages.list_branch_pages(edition, files.branch)},
        unknown_holiday_years=sorted(objection_periods.find_unknown_years(data.objection_periods.values())),
    )
    return summary, _summarize_for_committee(request, files, data) if Audience.COMMITTEE in request.readers else None


def _list_organ_periods(inputs: SharedInputs) -> Iterator[Period]:
    return list_board_periods(inputs.rulebooks, None)


def _summary_valid_until(data: SiteData) -> date | None:
    """Return the first day that changes the summary: an objection period is over, or a member has left."""
    today = data.results.today
    periods_over = [notice.last + timedelta(days=1) for notice in data.objection_periods.values()]
    departures = [member.until for member in data.members]
    return min((day for day in [*periods_over, *departures] if today < day < date.max), default=None)


def _member_figures(scored: Iterable[ScoredMember]) -> list[MemberFigures]:
    return [
        MemberFigures(entry.member.id, entry.score.points, entry.score.total, vetoed=entry.score.vetoed)
        for entry in scored
    ]


def _compute_earlier_figures(
    branch_data: BranchData, branch: str, inputs: SharedInputs
) -> Iterator[tuple[str, list[tuple[Moment, list[MemberFigures]]]]]:
    """Yield, by period of the organ's boards, the branch's figures just before each moment that changed them."""
    results, past = branch_data.site_data.results, branch_data.past_results
    # Drafts that count follow every approval, so that no earlier board has them.
    draft_moments = [LAST_MOMENT] if results.counted_months != results.approved_months else []
    for period in _list_organ_periods(inputs):
        moments = [*past.find_relevant_moments(period, branch), *draft_moments]
        if not moments:
            continue
        after = _member_figures(revisions.score_branch_members(results, period, branch))
        changes = []
        # Backwards from today's figures, so that a moment that changed nothing is left out.
        for moment in reversed(moments):
            before = _member_figures(past.score_branch_members_before(period, moment, branch))
            if before != after:
                changes.append((moment, before))
            after = before
        if changes:
            yield str(period), changes[::-1]


def _find_guest_positions(data: SiteData) -> Mapping[str, Sequence[BoardPosition]]:
    members = {member.id for member in data.members}
    return {member: positions for member, positions in data.positions.items() if member not in members}


def _find_extra_months(data: SiteData) -> Mapping[str, Sequence[str]]:
    members = {member.id: member for member in data.members}
    extra = {
        member: sorted(str(month) for month in months if not members[member].is_on_roster_in(month))
        for member, months in member_history.find_recorded_months(data).items()
    }
    return {member: months for member, months in extra.items() if months}


def _find_last_board_days(data: SiteData) -> Mapping[str, date]:
    rankings = sorted(data.rankings.values(), key=lambda ranking: ranking.period.last)
    return {standing.member.id: ranking.period.last for ranking in rankings for standing in ranking.standings}


def _summarize_for_committee(request: BuildRequest, files: BranchFiles, data: SiteData) -> CommitteeSummary:
    ledger_files, rulebooks = _check_branch(request, files).ledger_files, data.results.rulebooks
    # Section 五 is about boards of these kinds; talk sheets and packs are about quarters, whatever the rulebook.
    kinds = {
        rulebook.board[condition.board].period
        for rulebook in rulebooks.values()
        for version in rulebook.rule_versions
        for condition in version.rule.when
    } | {PeriodKind.QUARTER}
    complete = [ranking for ranking in data.rankings.values() if not ranking.provisional and ranking.standings]
    return CommitteeSummary(
        boards={
            str(ranking.period): [
                RankedFigures(
                    standing.member.id,
                    standing.score.points,
                    standing.score.total,
                    standing.score.vetoed,
                    standing.rank,
                    standing.partial,
                    standing.last,
                )
                for standing in ranking.standings
            ]
            for ranking in complete
            if ranking.period.kind in kinds
        },
        complete_periods=[str(ranking.period) for ranking in complete],
        year_totals={
            year: {
                member.id: score_member(data.results, member.id, get_period(PeriodKind.YEAR, year)).total
                for member in data.members
            }
            for year in rulebooks
        },
        # Those of imported months are in the summaries of their own branches.
        amendments=[amendment for amendment in data.amendments if amendment.corrected[0] == files.branch],
        filings=ledger_files.filings,
        withdrawals=ledger_files.withdrawals,
    )


# --- the data of its pages -------------------------------------------------------------------------------------------


def _make_edition(
    request: BuildRequest, files: BranchFiles, branch_data: BranchData, facts: OrganFacts | None = None
) -> Edition:
    """Make the branch's edition; without ``facts`` it serves to list the branch's own pages, and no others."""
    inputs, checked, data = load_shared_inputs(request), _check_branch(request, files), branch_data.site_data
    if facts:
        data = site_data.add_organ_facts(data, facts.positions_elsewhere, facts.scored_months)
    ledgers, ledger_files = checked.effective_ledgers, checked.ledger_files
    counted = {**ledgers.approved, **(ledgers.drafts if request.with_drafts else {})}
    return Edition(
        settings=inputs.settings,
        roster=inputs.roster,
        articles=inputs.articles,
        today=request.today,
        preview=request.with_drafts,
        members=data.results.roster.member_by_id,
        rulebooks=inputs.rulebooks,
        site_data=data,
        fully_struck=branch_scores.find_emptied_months(data.amendments),
        audit=audit.build_audit(
            data.approvals,
            data.chains,
            filings=audit.redact_filings(ledger_files.filings),
            withdrawals=audit.redact_withdrawals(ledger_files.withdrawals),
            ballots=audit.BallotRecords((), ()),
            lists=ApproverLists(),
        ),
        ledgers=tuple(counted.values()),
        pack_inputs=_make_pack_inputs(checked),
        own_honours=facts.honours if facts else {},
        committee_facts=facts.committee_facts if facts else CommitteeFacts(),
    )


def _make_pack_inputs(checked: CheckedBranch) -> PackInputs:
    ledgers, files = checked.effective_ledgers, checked.ledger_files
    drafts: set[BranchMonth] = {
        (file.branch, file.month) for file in files.by_name.values() if not (file.sealed or file.number)
    }
    return PackInputs(ledgers.approved, drafts, files.filings, ledgers.missing_evidence)


def make_edition_with_facts(
    request: BuildRequest, files: BranchFiles, imports: ImportedScores, facts: OrganFacts
) -> Edition:
    """Make the edition from which a branch's pages are built."""
    return _make_edition(request, files, _build_branch_data(request, files, imports), facts)
