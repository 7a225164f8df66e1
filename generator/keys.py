"""Keys of the memo: each the digest of all that a result rests on, so that nothing has to be called out of date."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import astuple

from generator import inventory
from generator.memo import key, told
from generator.render.editions import Page
from generator.shards import Beyond, Frame, Home, Job
from generator.summaries import Summary


class Keys:
    """The keys of one build; ``digests`` are those of all files of the project by name, ``slices`` the roster's."""

    def __init__(self, job: Job, frame: Frame, digests: Mapping[str, str], slices: Mapping[str, str]) -> None:
        self.job = job
        self.frame = frame
        self.digests = digests
        self.slices = slices
        self._seen: dict[int, tuple[object, str]] = {}

    @cached_property
    def _rules(self) -> str:
        """What every branch is judged and scored by."""
        near = [name for name in self.digests if name.endswith("/cycle.yaml") or "/rulebooks/" in name]
        files = [*near, "content/site.yaml", "content/approvers"]
        found = {name: self.digests.get(name, "") for name in files}
        return key(inventory.program(), inventory.joined(found), told(self.frame.roster.branches))

    @cached_property
    def _looks(self) -> str:
        """What every page rests on besides what it shows."""
        articles = {name: digest for name, digest in self.digests.items() if name.endswith(".md")}
        readers = ",".join(sorted(self.job.audiences))
        parts = inventory.looks(self.job.project), inventory.joined(articles), readers, str(self.job.packed)
        return key(self._rules, *parts)

    def branch(self, branch: str, near: Sequence[Home]) -> str:
        """Of what a branch comes to; ``near`` are it and all that share members with it."""
        parts = [f"{one.branch} {one.digest} {one.copies} {self.slices.get(one.branch)}" for one in near]
        return key("branch", branch, self._rules, *parts)

    def pages(self, near: Sequence[Home], one: Summary, beyond: Beyond) -> str:
        """Of a branch's pages, as far as their links lead where they led."""
        given = told([one.since, beyond.begun, beyond.places])
        return key("pages", self.branch(one.branch, near), self._looks, given)

    def page(self, page: Page) -> str:
        """Of a page that is no branch's, as far as its links lead where they led."""
        parts = (f"{name}={self._shown(value)}" for name, value in page.data.items())
        return key("page", self._looks, page.path, page.title, page.template, *page.styles, *parts)

    def value(self, name: str, value: object) -> str:
        """Of what rests on nothing but a value."""
        return key(name, self._looks, told(value))

    def everything(self, name: str) -> str:
        """Of what may rest on anything in the project, and on the day."""
        return key(name, self._looks, inventory.joined(self.digests), self.job.today.isoformat())

    def _shown(self, value: object) -> str:
        """The digest of what a template gets; of what many pages show, alone or in something else, it is taken once."""
        if id(value) not in self._seen:
            self._seen[id(value)] = value, self._said(value)  # the value is kept: another could get its id
        return self._seen[id(value)][1]

    def _said(self, value: object) -> str:
        if isinstance(value, list):
            return key(*map(self._shown, value))
        if isinstance(value, Struct):
            return key(type(value).__name__, *map(self._shown, astuple(value)))
        return told(value)
