"""Cache keys: each is the digest of all inputs of a result, so that no entry ever has to be invalidated."""

from functools import cached_property

from msgspec import Struct
from msgspec.structs import astuple

from generator.build import source_digests
from generator.build.cache import digest_parts, digest_value
from generator.build.messages import BranchFiles, ImportedScores, OrganFacts
from generator.build.plan import BuildPlan
from generator.build.summary import BranchSummary
from generator.core.model.settings import list_top_pages
from generator.render.site.edition import Page


class CacheKeys:
    """The cache keys of one build.

    Keys of pages do not cover the links in them, nor the articles that they may list: before cached files are used, the
    targets that they looked up have to be compared, and the articles if they read them.
    """

    def __init__(self, plan: BuildPlan) -> None:
        self.plan = plan
        self._value_digests: dict[int, tuple[object, str]] = {}

    @cached_property
    def _rules_digest(self) -> str:
        """The digest of all by which branches are checked and scored, and of whether drafts count."""
        digests, request = self.plan.digests, self.plan.request
        rule_files = [name for name in digests if name.endswith("/cycle.yaml") or "/rulebooks/" in name]
        rule_files += [name for name in digests if name.startswith("content/approvers")]
        files = {name: digests.get(name, "") for name in [*rule_files, "content/site.yaml"]}
        # Of the roster only the branches: members are part of the keys of the branches to which they ever belonged.
        inputs = self.plan.inputs
        branches = digest_value((inputs.roster.branches, inputs.roster.orders))
        # Pages of today have what holds today.
        days_in_force = str(sorted(day for day in inputs.change_days if day <= request.today))
        files_digest = source_digests.combine_digests(files)
        return digest_parts(
            source_digests.digest_program(), files_digest, branches, days_in_force, str(request.with_drafts)
        )

    @cached_property
    def _presentation_digest(self) -> str:
        """The digest of all inputs of a page besides its own data."""
        request = self.plan.request
        readers = ",".join(sorted(request.readers))
        parts = (
            source_digests.digest_themes(request.project),
            digest_value(list_top_pages(self.plan.inputs.articles)),
            readers,
            str(request.with_gzip),
        )
        return digest_parts(self._rules_digest, *parts)

    @cached_property
    def articles_digest(self) -> str:
        """The digest of all articles that this build publishes, with their texts."""
        published = {article.file for article in self.plan.inputs.articles}
        return source_digests.combine_digests(
            {name: digest for name, digest in self.plan.digests.items() if name in published}
        )

    def report_key(self, files: BranchFiles) -> str:
        """Return the key of a branch's report."""
        copies, members = str(files.copied_approvals), str(self.plan.member_digests.get(files.branch))
        return digest_parts("report", self._rules_digest, files.branch, files.digest, copies, members)

    def exports_key(self, files: BranchFiles) -> str:
        """Return the key of the scores that other branches need of a branch."""
        return digest_parts("exports", self.report_key(files))

    def summary_key(self, files: BranchFiles, imports: ImportedScores) -> str:
        """Return the key of a branch's summary."""
        return digest_parts("summary", self.report_key(files), imports.digest)

    def committee_key(self, files: BranchFiles, imports: ImportedScores) -> str:
        """Return the key of a branch's summary for the committee."""
        return digest_parts("committee", self.summary_key(files, imports))

    def pages_key(self, files: BranchFiles, imports: ImportedScores, summary: BranchSummary, facts: OrganFacts) -> str:
        """Return the key of a branch's pages."""
        # The years of accounts follow from the scored months and the summary, so that they need no part in the key.
        # ``valid_from`` has one because pages change whenever a summary expires, as at the end of an objection period.
        organ_parts = [summary.valid_from, facts.scored_months, facts.positions_elsewhere, facts.committee_facts]
        return digest_parts(
            "pages", self.summary_key(files, imports), self._presentation_digest, digest_value(organ_parts)
        )

    def page_key(self, page: Page) -> str:
        """Return the key of a page of the organ; title and template follow from its path and data."""
        parts = (f"{name}={self._digest(value)}" for name, value in page.data.items())
        return digest_parts("page", self._presentation_digest, page.path, *parts)

    def value_key(self, name: str, value: object) -> str:
        """Return the key of a result that is computed from a single value."""
        return digest_parts(name, self._presentation_digest, digest_value(value))

    def _digest(self, value: object) -> str:
        """Return the digest of a template's value; a value that many pages show, or part of one, is digested once."""
        if id(value) not in self._value_digests:
            # With the value itself: once it were freed, another could get its id.
            self._value_digests[id(value)] = value, self._compute_digest(value)
        return self._value_digests[id(value)][1]

    def _compute_digest(self, value: object) -> str:
        if isinstance(value, list):
            return digest_parts(*map(self._digest, value))
        if isinstance(value, Struct):
            return digest_parts(type(value).__name__, *map(self._digest, astuple(value)))
        return digest_value(value)
