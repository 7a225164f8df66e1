"""Survey of an organ: report on every branch, summarise it, and bring the branches together."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.build import branch, input_cache, plan, profiling, source_digests
from generator.build.branch import BranchSurvey
from generator.build.cache import Cache, digest_parts
from generator.build.cache_keys import CacheKeys
from generator.build.executors import InlineExecutor
from generator.build.messages import BranchFiles, ImportedScores
from generator.build.organ import OrganResults
from generator.build.plan import BuildPlan
from generator.build.request import BuildRequest
from generator.build.summary import BranchReport, BranchSummary, CommitteeSummary
from generator.build.tasks import Task, TaskRunner
from generator.core.ledgers import clock
from generator.core.model.settings import Audience
from generator.core.scoring import branch_scores
from generator.core.scoring.branch_scores import BranchScores
from generator.core.sealing import sealed_files
from generator.intake.text.reader import UNREAD_CODES
from generator.loader import restorable_files
from generator.problems import CommandResult, Problem, downgrade_draft_problems, sort_problems
from generator.project import ProgressCallback, ignore_progress
from generator.render.site.edition import Edition, SiteContext

T = TypeVar("T")


class CachedReport(Struct, frozen=True):
    """A report as cached, with the summary if the branch shares no members with others.

    In the place of a task it passes through as its result, so that its fields are named as in ``BranchSurvey``.
    """

    report: BranchReport
    summary: BranchSummary | None


class OrganView(Struct, frozen=True):
    """An organ computed without its pages; ``make_branch_edition`` makes the edition of a branch's pages."""

    organ: OrganResults
    site: SiteContext
    make_branch_edition: Callable[[str], Edition]


def survey_organ(request: BuildRequest, progress: ProgressCallback = ignore_progress) -> CommandResult[OrganView]:
    """Compute the organ in this process, without any pages and without a cache."""
    with profiling.stage("核对资料"):
        planned = plan.plan_build(request, source_digests.digest_sources(request.project), None)
    if not isinstance(planned, BuildPlan):
        return CommandResult(problems=_errors_only(sort_problems(planned)))
    survey = OrganSurvey(planned, TaskRunner(planned.branch_files, [InlineExecutor()], progress, None), None)
    organ = survey.compute_organ()
    if organ is None:
        return CommandResult(problems=_errors_only(survey.collect_problems()))
    inputs = planned.inputs
    site = SiteContext(
        inputs.settings, inputs.roster, inputs.articles, planned.request.today, preview=planned.request.with_drafts
    )
    view = OrganView(organ, site, partial(survey.make_branch_edition, organ))
    return CommandResult(view, survey.collect_problems())


def _errors_only(problems: Collection[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.is_error)


class OrganSurvey:
    """The branches of a planned build: reports and summaries, computed or cached."""

    def __init__(self, planned: BuildPlan, runner: TaskRunner, cache: Cache | None) -> None:
        self.plan = planned
        self.request = planned.request
        self.runner = runner
        self.cache = cache
        self.keys = CacheKeys(planned)
        self.branch_files = dict(planned.branch_files)
        self.reports: dict[str, BranchReport] = {}
        self._exports: dict[str, Mapping[str, BranchScores]] = {}
        self._imports: dict[str, ImportedScores] = {}
        self._summaries: dict[str, BranchSummary] = {}
        self._committee_summaries: dict[str, CommitteeSummary] = {}

    def compute_organ(self) -> OrganResults | None:
        """Report on all branches and bring them together; return None if an error stops the build."""
        self._report_branches(self.plan.branch_files)
        seals = [seal for report in self.reports.values() for seal in report.seals]
        # Only all branches together show a copied approval. The file then counts as a draft, so that the branch has to
        # be checked again.
        copies_by_branch = sealed_files.find_copies_by_branch(seals, self.plan.inputs.roster)
        for name, copies in copies_by_branch.items():
            self.branch_files[name] = replace(self.branch_files[name], copied_approvals=tuple(sorted(copies.items())))
        self._report_branches(copies_by_branch)
        drafts = self._list_drafts()
        if any(problem.where.file not in drafts for problem in self._list_errors()):
            return None
        roster = self.plan.inputs.roster
        # The others share no members, and were summarised with their reports.
        self._summarize_branches([name for name in roster.branch_by_id if name not in self._summaries])
        return OrganResults(
            inputs=self.plan.inputs,
            shared_files=self.plan.shared_files,
            reports={name: self.reports[name] for name in roster.branch_by_id},
            summaries={name: self._summaries[name] for name in roster.branch_by_id},
            committee_summaries={
                name: self._committee_summaries[name]
                for name in roster.branch_by_id
                if name in self._committee_summaries
            },
            today=self.request.today,
        )

    def collect_problems(self) -> tuple[Problem, ...]:
        """Return every error met so far, those of drafts as warnings; other warnings are left to ``check``."""
        draft_names = self._list_drafts()
        errors = sort_problems(self._list_errors())
        hinted_errors = restorable_files.add_restore_hints(self.request.project, errors, draft_names)
        return tuple(sort_problems(downgrade_draft_problems(hinted_errors, draft_names)))

    def _list_errors(self) -> Iterator[Problem]:
        yield from (problem for problem in self.plan.shared_files.problems if problem.is_error)
        for report in self.reports.values():
            yield from report.errors

    def _list_drafts(self) -> frozenset[str]:
        """Return the names of all files that are not approved."""
        ballot_drafts = self.plan.shared_files.ballot_files.draft_names
        return ballot_drafts.union(*(report.drafts for report in self.reports.values()))

    def find_clock_problems(self) -> list[Problem]:
        """Return a problem if today is before the newest dated action on record."""
        shared, reports = self.plan.shared_files, self.reports.values()
        ballots = shared.ballot_files
        ballot_actions = clock.list_dated_actions(ballots.by_name.values(), (), ballots.withdrawals)
        branch_actions = (report.latest_action for report in reports if report.latest_action)
        return clock.check_clock(
            self.request.today, [*branch_actions, *ballot_actions, *clock.list_sealed_lists(shared.approver_lists)]
        )

    # --- reports and summaries

    def _report_branches(self, names: Collection[str]) -> None:
        """Report on branches, each from its own files alone."""
        request = self.request
        keys = {name: self.keys.report_key(self.branch_files[name]) for name in names if self.cache}
        if self.cache:
            # Not read if a branch's report is current, but as soon as it is not.
            self.cache.used_keys.update(map(input_cache.ledger_cache_key, names))

        def list_tasks() -> Iterator[tuple[str, CachedReport | Task]]:
            for name in names:
                cached = self._get_cached(keys.get(name), CachedReport)
                is_current = (
                    cached
                    and cached.report.is_valid(request.today, request.shared_digest)
                    and self._has_valid_summaries(name, cached)
                )
                if cached and is_current:
                    yield name, cached
                else:
                    yield name, partial(branch.survey_branch, request, self.make_task_files(name))

        for name, survey, is_new in self.runner.run("计分 支部", list_tasks(), len(names)):
            self.reports[name] = survey.report
            self._exports.pop(name, None)  # of the first survey, if this is the second
            if self.cache and survey.report.export_digests:
                # Not read in this build perhaps, but in the next one in which a related branch has changed.
                self.cache.used_keys.add(self.keys.exports_key(self.branch_files[name]))
            if survey.summary:
                self._summaries[name] = survey.summary
            if is_new:
                self._save_survey(keys.get(name), name, survey)

    def make_task_files(self, name: str) -> BranchFiles:
        """Return a branch's files as its tasks get them: with the cached ledgers, as workers have no cache."""
        files = self.branch_files[name]
        if self.cache is None:
            return files
        return replace(files, cached_ledgers=self.cache.get_encoded(input_cache.ledger_cache_key(name)) or b"")

    def _has_valid_summaries(self, name: str, cached: CachedReport) -> bool:
        """Return whether the summaries cached with a report are valid today and there are all that the readers need."""
        if cached.summary is None:
            # The summary depends on other branches too, and is cached under a key of its own.
            return True
        if not cached.summary.is_valid(self.request.today):
            return False
        # A branch with a summary beside its report imports no scores.
        return self._find_committee_summary(name, ImportedScores())

    def _find_committee_summary(self, name: str, imports: ImportedScores) -> bool:
        """Get a branch's summary for the committee from the cache; return False if it is needed and there is none."""
        if Audience.COMMITTEE not in self.request.readers:
            return True
        committee_summary = self._get_cached(
            self.keys.committee_key(self.branch_files[name], imports), CommitteeSummary
        )
        if committee_summary:
            self._committee_summaries[name] = committee_summary
        return committee_summary is not None

    def _save_survey(self, report_key: str | None, name: str, survey: BranchSurvey) -> None:
        self._exports[name] = survey.exports
        if survey.committee_summary:
            self._committee_summaries[name] = survey.committee_summary
        # What can't be read now may be readable when the files are the same again.
        is_read = not any(problem.code in UNREAD_CODES for problem in survey.report.errors)
        if self.cache and report_key and is_read:
            files = self.branch_files[name]
            self.cache.put(report_key, CachedReport(survey.report, survey.summary))
            if survey.exports:
                self.cache.put(self.keys.exports_key(files), survey.exports)
            if survey.committee_summary:
                self.cache.put(self.keys.committee_key(files, ImportedScores()), survey.committee_summary)

    def _summarize_branches(self, names: Collection[str]) -> None:
        """Summarise branches that share members with others, which only the reports of all make possible."""

        def list_tasks() -> Iterator[tuple[str, Any]]:
            for name in names:
                imports = self.digest_imports(name)
                key = self.keys.summary_key(self.branch_files[name], imports) if self.cache else None
                summary = self._get_cached(key, BranchSummary)
                if summary and summary.is_valid(self.request.today) and self._find_committee_summary(name, imports):
                    yield name, (summary, None)
                else:
                    files, loaded = self.make_task_files(name), self.load_imports(name)
                    yield name, partial(branch.summarize_branch, self.request, files, loaded)

        for name, (summary, committee_summary), is_new in self.runner.run("汇总 支部", list_tasks(), len(names)):
            self._summaries[name] = summary
            if committee_summary:
                self._committee_summaries[name] = committee_summary
            if is_new and self.cache:
                files, imports = self.branch_files[name], self.digest_imports(name)
                self.cache.put(self.keys.summary_key(files, imports), summary)
                if committee_summary:
                    self.cache.put(self.keys.committee_key(files, imports), committee_summary)

    # --- scores of members of several branches

    def _related_branches(self, name: str) -> list[str]:
        """Return the other branches with which a branch shares members, now or formerly."""
        return [related for related in self.plan.inputs.roster.related_branches[name] if related != name]

    def digest_imports(self, name: str) -> ImportedScores:
        """Return a branch's imports without the scores: their digest is known from the reports alone."""
        related, all_months = self._related_branches(name), self.reports[name].has_former_members
        digests = [self.reports[source].export_digests[name][all_months] for source in related]
        return ImportedScores(digest_parts(str(all_months), *digests)) if related else ImportedScores()

    def load_imports(self, name: str) -> ImportedScores:
        """Return the scores that other branches have of a branch's members."""
        if name not in self._imports:
            self._imports[name] = self._collect_imports(name)
        return self._imports[name]

    def _collect_imports(self, name: str) -> ImportedScores:
        scores = {source: self._load_exports(source)[name] for source in self._related_branches(name)}
        if not self.reports[name].has_former_members:
            # Exactly what the digest covers: more could make pages that the cache key does not distinguish.
            members = self.plan.inputs.roster.members_ever_in[name]
            scores = {
                source: branch_scores.extract_while_members(exports, source, members, name)
                for source, exports in scores.items()
            }
        return replace(self.digest_imports(name), scores=scores)

    def _load_exports(self, name: str) -> Mapping[str, BranchScores]:
        """Return the scores that other branches need of a branch: from this build, the cache or a new survey."""
        if name not in self._exports:
            files = self.branch_files[name]
            exports: Mapping[str, BranchScores] | None = None
            if self.cache:
                exports = self.cache.get(self.keys.exports_key(files), dict[str, BranchScores])
            if exports is None:
                task = partial(branch.survey_branch, self.request, self.make_task_files(name))
                survey: BranchSurvey = self.runner.run_one(name, task)
                self._save_survey(self.keys.report_key(files) if self.cache else None, name, survey)
                exports = survey.exports
            self._exports[name] = exports
        return self._exports[name]

    def _get_cached(self, key: str | None, kind: type[T]) -> T | None:
        return self.cache.get(key, kind) if self.cache and key else None

    # --- the data of pages

    def make_branch_edition(self, organ: OrganResults, name: str) -> Edition:
        """Make the edition of a branch's pages, in this process and without any links."""
        facts = organ.branch_facts(name, frozenset())
        return branch.make_edition_with_facts(self.request, self.branch_files[name], self.load_imports(name), facts)
