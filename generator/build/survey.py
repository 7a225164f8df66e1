"""Survey an organ: report on every branch, summarise it, and bring the branches together."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.build import branch, ledger_cache, plan, profiling, source_digests
from generator.build.branch import Surveyed
from generator.build.cache import Memo, key
from generator.build.cache_keys import CacheKeys
from generator.build.executors import Here
from generator.build.messages import BranchFiles, Imports
from generator.build.organ import Organ
from generator.build.plan import BuildPlan
from generator.build.request import BuildRequest
from generator.build.summary import BranchReport, BranchSummary, CommitteeSummary
from generator.build.tasks import Task, Tasks
from generator.core.ledgers import clock
from generator.core.model.settings import Audience
from generator.core.scoring import branch_scores
from generator.core.scoring.branch_scores import BranchScores
from generator.core.sealing import sealed_files
from generator.problems import Answer, Problem, in_order, lenient
from generator.render.site.edition import Edition, Site

T = TypeVar("T")


class CachedReport(Struct, frozen=True):
    """A report and, of a branch of which no member belongs to another, its summary."""

    report: BranchReport
    summary: BranchSummary | None


class OrganView(Struct, frozen=True):
    """An organ computed without its pages; ``edition`` gives what a branch's pages are made of."""

    organ: Organ
    site: Site
    edition: Callable[[str], Edition]


def survey(request: BuildRequest) -> Answer[OrganView]:
    """Compute the organ in this process without any pages."""
    with profiling.stage("核对资料"):
        planned = plan.plan(request, source_digests.sources(request.project), None)
    if not isinstance(planned, BuildPlan):
        return Answer(problems=_errors(in_order(planned)))
    surveyed = Survey(planned, Tasks(planned.branches, [Here()], lambda *_: None), None)
    organ = surveyed.organ()
    if organ is None:
        return Answer(problems=_errors(surveyed.problems()))
    inputs = planned.inputs
    site = Site(inputs.settings, inputs.roster.branch, inputs.articles, preview=planned.request.drafts)
    return Answer(OrganView(organ, site, partial(surveyed.edition, organ)), surveyed.problems())


def _errors(problems: Collection[Problem]) -> tuple[Problem, ...]:
    return tuple(one for one in problems if one.is_error)


class Survey:
    """The branches of a planned build: reports and summaries, computed or cached."""

    def __init__(self, planned: BuildPlan, tasks: Tasks, cache: Memo | None) -> None:
        self.plan = planned
        self.request = planned.request
        self.tasks = tasks
        self.cache = cache
        self.keys = CacheKeys(planned)
        self.files = dict(planned.branches)
        self.reports: dict[str, BranchReport] = {}
        self._exports: dict[str, Mapping[str, BranchScores]] = {}
        self._imports: dict[str, Imports] = {}
        self._summaries: dict[str, BranchSummary] = {}
        self._committees: dict[str, CommitteeSummary] = {}

    def organ(self) -> Organ | None:
        """Report on all branches and bring them together; None if an error stops the build."""
        self._survey(self.plan.branches)
        seals = [seal for one in self.reports.values() for seal in one.seals]
        copied = sealed_files.copied_by_branch(seals, self.plan.inputs.roster)
        for name, copies in copied.items():  # judged anew, as drafts
            self.files[name] = replace(self.files[name], copies=tuple(sorted(copies.items())))
        self._survey(copied)
        if any(one.is_error for one in self.problems()):
            return None
        roster = self.plan.inputs.roster
        self._summarize([name for name in roster.branch if name not in self._summaries])
        return Organ(
            inputs=self.plan.inputs,
            shared=self.plan.shared,
            reports={name: self.reports[name] for name in roster.branch},
            summaries={name: self._summaries[name] for name in roster.branch},
            committees={name: self._committees[name] for name in roster.branch if name in self._committees},
            today=self.request.today,
        )

    def problems(self) -> tuple[Problem, ...]:
        """Every error met so far, those of drafts as warnings; warnings are left to ``check``."""
        shared = self.plan.shared
        errors = lenient([one for one in shared.problems if one.is_error], shared.urn.drafts)
        for report in self.reports.values():
            errors += lenient(report.errors, report.drafts)
        return tuple(in_order(errors))

    def late(self) -> list[Problem]:
        """Find a clock that is behind what is on record."""
        urn, reports = self.plan.shared.urn, self.reports.values()
        ballots = clock.actions(urn.files.values(), (), urn.withdrawals)
        return clock.check(self.request.today, [*(one.action for one in reports if one.action), *ballots])

    def _survey(self, names: Collection[str]) -> None:
        """Report on branches, each from its own files alone."""
        request = self.request
        keys = {name: self.keys.report(self.files[name]) for name in names if self.cache}
        if self.cache:
            self.cache.used.update(map(ledger_cache.name, names))  # by whoever reads them

        def tasks() -> Iterator[tuple[str, CachedReport | Task]]:
            for name in names:
                cached = self._get(keys.get(name), CachedReport)
                fresh = cached and cached.report.holds(request.today, request.shared) and self._is_whole(name, cached)
                yield name, cached if cached and fresh else partial(branch.survey, request, self.files[name])

        for name, surveyed, is_new in self.tasks.run("计分 支部", tasks(), len(names)):
            self.reports[name] = surveyed.report
            self._exports.pop(name, None)
            if self.cache and surveyed.report.exports:
                self.cache.used.add(self.keys.exports(self.files[name]))  # needed as soon as a neighbour changes
            if surveyed.summary:
                self._summaries[name] = surveyed.summary
            if is_new:
                self._keep_survey(keys.get(name), name, surveyed)

    def _is_whole(self, name: str, cached: CachedReport) -> bool:
        """Whether a cached summary is there for all readers, and holds today."""
        if cached.summary is None:
            return True
        if not cached.summary.holds(self.request.today):
            return False
        return self._committee_cached(name, Imports())

    def _committee_cached(self, name: str, imports: Imports) -> bool:
        """Look up what the committee needs of a branch, if it is a reader."""
        if Audience.COMMITTEE not in self.request.readers:
            return True
        facts = self._get(self.keys.committee(self.files[name], imports), CommitteeSummary)
        if facts:
            self._committees[name] = facts
        return facts is not None

    def _keep_survey(self, name_of_key: str | None, name: str, surveyed: Surveyed) -> None:
        self._exports[name] = surveyed.exports
        if surveyed.committee:
            self._committees[name] = surveyed.committee
        if self.cache and name_of_key:
            self.cache.put(name_of_key, CachedReport(surveyed.report, surveyed.summary))
            if surveyed.exports:
                self.cache.put(self.keys.exports(self.files[name]), surveyed.exports)
            if surveyed.committee:
                self.cache.put(self.keys.committee(self.files[name], Imports()), surveyed.committee)

    def _summarize(self, names: Collection[str]) -> None:
        """Summarise branches of which a member belongs to others, too."""

        def tasks() -> Iterator[tuple[str, Any]]:
            for name in names:
                imports = self.imported(name)
                summary = self._get(self._key(self.keys.summary, name, imports), BranchSummary)
                if summary and summary.holds(self.request.today) and self._committee_cached(name, imports):
                    yield name, (summary, None)
                else:
                    yield name, partial(branch.summarize, self.request, self.files[name], self.loaded(name))

        for name, (summary, committee), is_new in self.tasks.run("汇总 支部", tasks(), len(names)):
            self._summaries[name] = summary
            if committee:
                self._committees[name] = committee
            if is_new and self.cache:
                imports = self.imported(name)
                self.cache.put(self.keys.summary(self.files[name], imports), summary)
                if committee:
                    self.cache.put(self.keys.committee(self.files[name], imports), committee)

    def _key(self, of: Callable[[BranchFiles, Imports], str], name: str, imports: Imports) -> str | None:
        return of(self.files[name], imports) if self.cache else None

    def _homes(self, name: str) -> list[str]:
        """The other branches to which a member of this branch ever belonged."""
        return [home for home in self.plan.inputs.roster.homes[name] if home != name]

    def imported(self, name: str) -> Imports:
        """What other branches have of this branch's members, by its digest alone."""
        homes, whole = self._homes(name), self.reports[name].names_who_left
        digests = [self.reports[home].exports[name][whole] for home in homes]
        return Imports(key(str(whole), *digests)) if homes else Imports()

    def loaded(self, name: str) -> Imports:
        """The same with what it stands for."""
        if name not in self._imports:
            self._imports[name] = self._load(name)
        return self._imports[name]

    def _load(self, name: str) -> Imports:
        imports = {home: self._exported(home)[name] for home in self._homes(name)}
        if not self.reports[name].names_who_left:
            members = self.plan.inputs.roster.ever[name]
            imports = {home: branch_scores.while_there(one, home, members, name) for home, one in imports.items()}
        return replace(self.imported(name), scores=imports)

    def _exported(self, name: str) -> Mapping[str, BranchScores]:
        """What other branches need of a branch: computed before, cached or, failing that, computed now."""
        if name not in self._exports:
            files = self.files[name]
            exports: Mapping[str, BranchScores] | None = None
            if self.cache:
                exports = self.cache.get(self.keys.exports(files), dict[str, BranchScores])
            if exports is None:
                surveyed: Surveyed = self.tasks.one(name, partial(branch.survey, self.request, files))
                self._keep_survey(self.keys.report(files) if self.cache else None, name, surveyed)
                exports = surveyed.exports
            self._exports[name] = exports
        return self._exports[name]

    def _get(self, name: str | None, kind: type[T]) -> T | None:
        return self.cache.get(name, kind) if self.cache and name else None

    # --- what pages are made of

    def edition(self, organ: Organ, name: str) -> Edition:
        """What a branch's pages are made of, computed in this process."""
        return branch.edition(self.request, self.files[name], self.loaded(name), organ.facts(name, frozenset()))
