"""Keys of the cache: each the digest of all that a result rests on, so that nothing has to be called out of date."""

from functools import cached_property

from msgspec import Struct
from msgspec.structs import astuple

from generator.build import source_digests
from generator.build.cache import key, told
from generator.build.messages import BranchFiles, Imports, OrganFacts
from generator.build.plan import BuildPlan
from generator.build.summary import BranchSummary
from generator.render.site.edition import Page


class CacheKeys:
    """The keys of one build."""

    def __init__(self, plan: BuildPlan) -> None:
        self.plan = plan
        self._digests: dict[int, tuple[object, str]] = {}

    @cached_property
    def _rules(self) -> str:
        """What every branch is judged and scored by, and whether drafts count."""
        digests, request = self.plan.digests, self.plan.request
        near = [name for name in digests if name.endswith("/cycle.yaml") or "/rulebooks/" in name]
        files = {name: digests.get(name, "") for name in [*near, "content/site.yaml", "content/approvers"]}
        branches = told(self.plan.inputs.roster.branches)
        return key(source_digests.program(), source_digests.joined(files), branches, str(request.drafts))

    @cached_property
    def _looks(self) -> str:
        """What every page rests on besides what it shows."""
        request = self.plan.request
        articles = {name: digest for name, digest in self.plan.digests.items() if name.endswith(".md")}
        readers = ",".join(sorted(request.readers))
        parts = source_digests.looks(request.project), source_digests.joined(articles), readers, str(request.packed)
        return key(self._rules, *parts)

    def report(self, files: BranchFiles) -> str:
        """Of a branch's report."""
        copies, members = str(files.copies), str(self.plan.members.get(files.branch))
        return key("report", self._rules, files.branch, files.digest, copies, members)

    def exports(self, files: BranchFiles) -> str:
        """Of what other branches need of a branch."""
        return key("exports", self.report(files))

    def summary(self, files: BranchFiles, imports: Imports) -> str:
        """Of a branch's summary."""
        return key("summary", self.report(files), imports.digest)

    def committee(self, files: BranchFiles, imports: Imports) -> str:
        """Of what the committee's pages need of a branch."""
        return key("committee", self.summary(files, imports))

    def pages(self, files: BranchFiles, imports: Imports, summary: BranchSummary, facts: OrganFacts) -> str:
        """Of a branch's pages, as far as their links lead where they led."""
        given = told([summary.since, facts.begun, facts.places, facts.papers])  # and so follows who has an account
        return key("pages", self.summary(files, imports), self._looks, given)

    def page(self, page: Page) -> str:
        """Of a page that is no branch's, as far as its links lead where they led; path and data say all the rest."""
        parts = (f"{name}={self._digest(value)}" for name, value in page.data.items())
        return key("page", self._looks, page.path, *parts)

    def value(self, name: str, value: object) -> str:
        """Of what rests on nothing but a value."""
        return key(name, self._looks, told(value))

    def _digest(self, value: object) -> str:
        """The digest of what a template gets; of what many pages show, alone or in something else, it is taken once."""
        if id(value) not in self._digests:
            self._digests[id(value)] = value, self._taken(value)  # the value is kept: another could get its id
        return self._digests[id(value)][1]

    def _taken(self, value: object) -> str:
        if isinstance(value, list):
            return key(*map(self._digest, value))
        if isinstance(value, Struct):
            return key(type(value).__name__, *map(self._digest, astuple(value)))
        return told(value)
