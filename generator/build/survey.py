"""Survey an organ: report on every branch, summarise it, and bring the branches together."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.build import branch, ledger_cache, plan, profiling, source_digests
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
from generator.problems import CommandResult, Problem, downgrade_draft_problems, sort_problems
from generator.render.site.edition import Edition, SiteContext

T = TypeVar("T")


class CachedReport(Struct, frozen=True):
    """A report and, of a branch of which no member belongs to another, its summary."""

    report: BranchReport
    summary: BranchSummary | None


class OrganView(Struct, frozen=True):
    """An organ computed without its pages; ``edition`` gives what a branch's pages are made of."""

    organ: OrganResults
    site: SiteContext
    make_branch_edition: Callable[[str], Edition]


def survey_organ(request: BuildRequest) -> CommandResult[OrganView]:
    """Compute the organ in this process without any pages."""
    with profiling.stage("核对资料"):
        planned = plan.plan_build(request, source_digests.digest_sources(request.project), None)
    if not isinstance(planned, BuildPlan):
        return CommandResult(problems=_errors(sort_problems(planned)))
    surveyed = OrganSurvey(planned, TaskRunner(planned.branch_files, [InlineExecutor()], lambda *_: None), None)
    organ = surveyed.compute_organ()
    if organ is None:
        return CommandResult(problems=_errors(surveyed.collect_problems()))
    inputs = planned.inputs
    site = SiteContext(
        inputs.settings, inputs.roster.branch_by_id, inputs.articles, preview=planned.request.with_drafts
    )
    return CommandResult(
        OrganView(organ, site, partial(surveyed.make_branch_edition, organ)), surveyed.collect_problems()
    )


def _errors(problems: Collection[Problem]) -> tuple[Problem, ...]:
    return tuple(one for one in problems if one.is_error)


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
        self._committees: dict[str, CommitteeSummary] = {}

    def compute_organ(self) -> OrganResults | None:
        """Report on all branches and bring them together; None if an error stops the build."""
        self._survey(self.plan.branch_files)
        seals = [seal for one in self.reports.values() for seal in one.seals]
        copied = sealed_files.find_copies_by_branch(seals, self.plan.inputs.roster)
        for name, copies in copied.items():  # judged anew, as drafts
            self.branch_files[name] = replace(self.branch_files[name], copied_approvals=tuple(sorted(copies.items())))
        self._survey(copied)
        if any(one.is_error for one in self.collect_problems()):
            return None
        roster = self.plan.inputs.roster
        self._summarize([name for name in roster.branch_by_id if name not in self._summaries])
        return OrganResults(
            inputs=self.plan.inputs,
            shared_files=self.plan.shared_files,
            reports={name: self.reports[name] for name in roster.branch_by_id},
            summaries={name: self._summaries[name] for name in roster.branch_by_id},
            committee_summaries={
                name: self._committees[name] for name in roster.branch_by_id if name in self._committees
            },
            today=self.request.today,
        )

    def collect_problems(self) -> tuple[Problem, ...]:
        """Every error met so far, those of drafts as warnings; warnings are left to ``check``."""
        shared = self.plan.shared_files
        errors = downgrade_draft_problems(
            [one for one in shared.problems if one.is_error], shared.ballot_files.draft_names
        )
        for report in self.reports.values():
            errors += downgrade_draft_problems(report.errors, report.drafts)
        return tuple(sort_problems(errors))

    def check_clock(self) -> list[Problem]:
        """Find a clock that is behind what is on record."""
        urn, reports = self.plan.shared_files.ballot_files, self.reports.values()
        ballots = clock.list_dated_actions(urn.by_name.values(), (), urn.withdrawals)
        return clock.check_clock(
            self.request.today, [*(one.latest_action for one in reports if one.latest_action), *ballots]
        )

    def _survey(self, names: Collection[str]) -> None:
        """Report on branches, each from its own files alone."""
        request = self.request
        keys = {name: self.keys.report_key(self.branch_files[name]) for name in names if self.cache}
        if self.cache:
            self.cache.used_keys.update(map(ledger_cache.ledger_cache_key, names))  # by whoever reads them

        def tasks() -> Iterator[tuple[str, CachedReport | Task]]:
            for name in names:
                cached = self._get(keys.get(name), CachedReport)
                fresh = (
                    cached
                    and cached.report.is_valid(request.today, request.shared_digest)
                    and self._is_whole(name, cached)
                )
                yield (
                    name,
                    cached if cached and fresh else partial(branch.survey_branch, request, self.branch_files[name]),
                )

        for name, surveyed, is_new in self.runner.run("计分 支部", tasks(), len(names)):
            self.reports[name] = surveyed.report
            self._exports.pop(name, None)
            if self.cache and surveyed.report.export_digests:
                self.cache.used_keys.add(
                    self.keys.exports_key(self.branch_files[name])
                )  # needed as soon as a neighbour changes
            if surveyed.summary:
                self._summaries[name] = surveyed.summary
            if is_new:
                self._keep_survey(keys.get(name), name, surveyed)

    def _is_whole(self, name: str, cached: CachedReport) -> bool:
        """Whether a cached summary is there for all readers, and holds today."""
        if cached.summary is None:
            return True
        if not cached.summary.is_valid(self.request.today):
            return False
        return self._find_committee_summary(name, ImportedScores())

    def _find_committee_summary(self, name: str, imports: ImportedScores) -> bool:
        """Look up what the committee needs of a branch, if it is a reader."""
        if Audience.COMMITTEE not in self.request.readers:
            return True
        facts = self._get(self.keys.committee_key(self.branch_files[name], imports), CommitteeSummary)
        if facts:
            self._committees[name] = facts
        return facts is not None

    def _keep_survey(self, name_of_key: str | None, name: str, surveyed: BranchSurvey) -> None:
        self._exports[name] = surveyed.exports
        if surveyed.committee_summary:
            self._committees[name] = surveyed.committee_summary
        if self.cache and name_of_key:
            self.cache.put(name_of_key, CachedReport(surveyed.report, surveyed.summary))
            if surveyed.exports:
                self.cache.put(self.keys.exports_key(self.branch_files[name]), surveyed.exports)
            if surveyed.committee_summary:
                self.cache.put(
                    self.keys.committee_key(self.branch_files[name], ImportedScores()), surveyed.committee_summary
                )

    def _summarize(self, names: Collection[str]) -> None:
        """Summarise branches of which a member belongs to others, too."""

        def tasks() -> Iterator[tuple[str, Any]]:
            for name in names:
                imports = self.digest_imports(name)
                summary = self._get(self._key(self.keys.summary_key, name, imports), BranchSummary)
                if summary and summary.is_valid(self.request.today) and self._find_committee_summary(name, imports):
                    yield name, (summary, None)
                else:
                    yield (
                        name,
                        partial(
                            branch.summarize_branch, self.request, self.branch_files[name], self.load_imports(name)
                        ),
                    )

        for name, (summary, committee), is_new in self.runner.run("汇总 支部", tasks(), len(names)):
            self._summaries[name] = summary
            if committee:
                self._committees[name] = committee
            if is_new and self.cache:
                imports = self.digest_imports(name)
                self.cache.put(self.keys.summary_key(self.branch_files[name], imports), summary)
                if committee:
                    self.cache.put(self.keys.committee_key(self.branch_files[name], imports), committee)

    def _key(self, of: Callable[[BranchFiles, ImportedScores], str], name: str, imports: ImportedScores) -> str | None:
        return of(self.branch_files[name], imports) if self.cache else None

    def _homes(self, name: str) -> list[str]:
        """The other branches to which a member of this branch ever belonged."""
        return [home for home in self.plan.inputs.roster.related_branches[name] if home != name]

    def digest_imports(self, name: str) -> ImportedScores:
        """What other branches have of this branch's members, by its digest alone."""
        homes, whole = self._homes(name), self.reports[name].has_former_members
        digests = [self.reports[home].export_digests[name][whole] for home in homes]
        return ImportedScores(digest_parts(str(whole), *digests)) if homes else ImportedScores()

    def load_imports(self, name: str) -> ImportedScores:
        """The same with what it stands for."""
        if name not in self._imports:
            self._imports[name] = self._load(name)
        return self._imports[name]

    def _load(self, name: str) -> ImportedScores:
        imports = {home: self._exported(home)[name] for home in self._homes(name)}
        if not self.reports[name].has_former_members:
            members = self.plan.inputs.roster.members_ever_in[name]
            imports = {
                home: branch_scores.extract_while_members(one, home, members, name) for home, one in imports.items()
            }
        return replace(self.digest_imports(name), scores=imports)

    def _exported(self, name: str) -> Mapping[str, BranchScores]:
        """What other branches need of a branch: computed before, cached or, failing that, computed now."""
        if name not in self._exports:
            files = self.branch_files[name]
            exports: Mapping[str, BranchScores] | None = None
            if self.cache:
                exports = self.cache.get(self.keys.exports_key(files), dict[str, BranchScores])
            if exports is None:
                surveyed: BranchSurvey = self.runner.run_one(name, partial(branch.survey_branch, self.request, files))
                self._keep_survey(self.keys.report_key(files) if self.cache else None, name, surveyed)
                exports = surveyed.exports
            self._exports[name] = exports
        return self._exports[name]

    def _get(self, name: str | None, kind: type[T]) -> T | None:
        return self.cache.get(name, kind) if self.cache and name else None

    # --- what pages are made of

    def make_branch_edition(self, organ: OrganResults, name: str) -> Edition:
        """What a branch's pages are made of, computed in this process."""
        return branch.make_branch_edition(
            self.request, self.branch_files[name], self.load_imports(name), organ.branch_facts(name, frozenset())
        )
