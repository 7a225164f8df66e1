"""Keys of the cache: each the digest of all that a result rests on, so that nothing has to be called out of date."""

from functools import cached_property

from msgspec import Struct
from msgspec.structs import astuple

from generator.build import source_digests
from generator.build.cache import digest_parts, digest_value
from generator.build.messages import BranchFiles, ImportedScores, OrganFacts
from generator.build.plan import BuildPlan
from generator.build.summary import BranchSummary
from generator.render.site.edition import Page


class CacheKeys:
    """The keys of one build."""

    def __init__(self, plan: BuildPlan) -> None:
        self.plan = plan
        self._digests: dict[int, tuple[object, str]] = {}

    @cached_property
    def _rules_digest(self) -> str:
        """What every branch is judged and scored by, and whether drafts count."""
        digests, request = self.plan.digests, self.plan.request
        near = [name for name in digests if name.endswith("/cycle.yaml") or "/rulebooks/" in name]
        files = {name: digests.get(name, "") for name in [*near, "content/site.yaml", "content/approvers"]}
        branches = digest_value(self.plan.inputs.roster.branches)
        return digest_parts(
            source_digests.digest_program(), source_digests.combine_digests(files), branches, str(request.with_drafts)
        )

    @cached_property
    def _presentation_digest(self) -> str:
        """What every page rests on besides what it shows."""
        request = self.plan.request
        articles = {name: digest for name, digest in self.plan.digests.items() if name.endswith(".md")}
        readers = ",".join(sorted(request.readers))
        parts = (
            source_digests.digest_themes(request.project),
            source_digests.combine_digests(articles),
            readers,
            str(request.with_gzip),
        )
        return digest_parts(self._rules_digest, *parts)

    def report_key(self, files: BranchFiles) -> str:
        """Of a branch's report."""
        copies, members = str(files.copied_approvals), str(self.plan.member_digests.get(files.branch))
        return digest_parts("report", self._rules_digest, files.branch, files.digest, copies, members)

    def exports_key(self, files: BranchFiles) -> str:
        """Of what other branches need of a branch."""
        return digest_parts("exports", self.report_key(files))

    def summary_key(self, files: BranchFiles, imports: ImportedScores) -> str:
        """Of a branch's summary."""
        return digest_parts("summary", self.report_key(files), imports.digest)

    def committee_key(self, files: BranchFiles, imports: ImportedScores) -> str:
        """Of what the committee's pages need of a branch."""
        return digest_parts("committee", self.summary_key(files, imports))

    def pages_key(self, files: BranchFiles, imports: ImportedScores, summary: BranchSummary, facts: OrganFacts) -> str:
        """Of a branch's pages, as far as their links lead where they led."""
        given = digest_value(
            [summary.valid_from, facts.scored_months, facts.positions_elsewhere, facts.committee_facts]
        )  # and so follows who has an account
        return digest_parts("pages", self.summary_key(files, imports), self._presentation_digest, given)

    def page_key(self, page: Page) -> str:
        """Of a page that is no branch's, as far as its links lead where they led; path and data say all the rest."""
        parts = (f"{name}={self._digest(value)}" for name, value in page.data.items())
        return digest_parts("page", self._presentation_digest, page.path, *parts)

    def value_key(self, name: str, value: object) -> str:
        """Of what rests on nothing but a value."""
        return digest_parts(name, self._presentation_digest, digest_value(value))

    def _digest(self, value: object) -> str:
        """The digest of what a template gets; of what many pages show, alone or in something else, it is taken once."""
        if id(value) not in self._digests:
            self._digests[id(value)] = value, self._taken(value)  # the value is kept: another could get its id
        return self._digests[id(value)][1]

    def _taken(self, value: object) -> str:
        if isinstance(value, list):
            return digest_parts(*map(self._digest, value))
        if isinstance(value, Struct):
            return digest_parts(type(value).__name__, *map(self._digest, astuple(value)))
        return digest_value(value)
