"""Faults planted in what decides whether something cached is used again: each must make another site, or other words.

Each fault leaves one input out of a key, or one condition of validity, as the cache sees it; the build itself has them
all. Beside it stands the shortest script of edits, with a build after each, whose last build then differs from one that
begins anew. What is no fault:

- the branch in the key of its ledgers: each is under its file and bytes, so that one entry for all would do as well;
- the output folder in a receipt's key: the digest of its files tells one folder from another;
- the words that keys of a kind begin with: what is kept under one key could be read for no other kind;
- the members' accounts, a page's title and template: they follow from what the key has, and it leaves them out.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from generator.build import branch, cache_keys, engine, input_cache, source_digests
from generator.build import cache as cache_module
from generator.build import receipt as receipt_module
from generator.build.cache_keys import CacheKeys
from generator.build.cache_secret import Secret
from generator.build.messages import BranchFiles, ImportedScores
from generator.build.output_check import OutputCheck
from generator.build.output_reader import OutputReader
from generator.build.plan import BuildPlan
from generator.build.receipt import Receipt
from generator.build.summary import BranchReport, BranchSummary
from generator.build.survey import OrganSurvey
from generator.core.page_data.committee import CommitteeFacts
from generator.project import Project
from tests.build.courses import FIRST, READERS, Course, Outcome
from tests.conftest import sample_of

Plant = Callable[[pytest.MonkeyPatch], None]
NOWHERE = Path("/nowhere")


# --- how faults are planted


def seen(alter: Callable[[BuildPlan], BuildPlan]) -> Plant:
    """Let keys see another plan than the build has."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = CacheKeys.__init__
        patch.setattr(CacheKeys, "__init__", lambda keys, plan: real(keys, alter(plan)))

    return plant


def rules_unseen(patch: pytest.MonkeyPatch) -> None:
    """Let pages rest on what they look like alone."""
    real = CacheKeys._presentation_digest.func  # noqa: SLF001
    patch.setattr(
        CacheKeys,
        "_presentation_digest",
        property(lambda keys: real(SimpleNamespace(plan=keys.plan, _rules_digest=""))),
    )


def unread(*parts: str) -> Plant:
    """Let keys see nothing of files whose names have these in them."""
    return seen(
        lambda plan: replace(
            plan,
            digests={name: one for name, one in plan.digests.items() if not any(part in name for part in parts)},
        )
    )


def requested(**values: object) -> Plant:
    """Let keys see another request than the build has."""
    return seen(lambda plan: replace(plan, request=replace(plan.request, **values)))


def keyed(kind: str, alter: Callable[..., tuple[Any, ...]]) -> Plant:
    """Let the keys of a kind see other arguments."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = getattr(CacheKeys, f"{kind}_key")
        patch.setattr(CacheKeys, f"{kind}_key", lambda keys, *arguments: real(keys, *alter(*arguments)))

    return plant


def without_files(files: BranchFiles, *rest: object) -> tuple[object, ...]:
    return replace(files, digest=""), *rest


def without_imports(files: BranchFiles, _: ImportedScores, *rest: object) -> tuple[object, ...]:
    return files, ImportedScores(), *rest


def facts(**values: object) -> Plant:
    """Let the keys of a branch's pages see other facts."""
    return keyed("pages", lambda files, imports, summary, facts: (files, imports, summary, replace(facts, **values)))


def dropped(module: object, first: str, place: int) -> Plant:
    """Leave a part out of those keys of a module whose first part is this word, or a path in this folder."""

    def digest_parts(*parts: str) -> str:
        if parts and (parts[0] == first or (first.endswith("/") and parts[0].startswith(first))):
            return cache_module.digest_parts(*(part for part in parts if part is not parts[place]))
        return cache_module.digest_parts(*parts)

    return put(module, "digest_parts", digest_parts)


def receipt(alter: Callable[..., tuple[Any, ...]]) -> Plant:
    """Let the key of a receipt see other arguments."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = receipt_module.receipt_key
        patch.setattr(receipt_module, "receipt_key", lambda *arguments: real(*alter(*arguments)))

    return plant


def always(owner: object, name: str) -> Plant:
    """Let a condition always hold."""
    return put(owner, name, lambda *_: True)


def put(owner: object, name: str, function: Callable[..., object]) -> Plant:
    return lambda patch: patch.setattr(owner, name, function)


def never_over(one: BranchReport | BranchSummary, today: date, *_: object) -> bool:
    return one.valid_from <= today


def never_before(one: BranchReport | BranchSummary, today: date, *shared: str) -> bool:
    current = one.valid_until is None or today < one.valid_until
    return current and (not shared or not one.errors or one.shared_digest == shared[0])


def whatever_is_shared(one: BranchReport, today: date, _: str) -> bool:
    return one.valid_from <= today and (one.valid_until is None or today < one.valid_until)


def recalled(**values: object) -> Plant:
    """Let a receipt hold on other days."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = cache_module.Cache.get

        def get(cache, name, kind):
            entry = real(cache, name, kind)
            return replace(entry, **values) if isinstance(entry, Receipt) else entry

        patch.setattr(cache_module.Cache, "get", get)

    return plant


def any_manifest(patch: pytest.MonkeyPatch) -> None:
    """Believe whatever manifest there is under a release's number."""
    real = OutputReader.matches_release
    patch.setattr(
        OutputReader,
        "matches_release",
        lambda reread, number, _: (
            bool(reread.release) and real(reread, number, cache_module.digest_value(reread.release.files))
        ),
    )


def under_one_name(patch: pytest.MonkeyPatch) -> None:
    """Leave the key out of what authenticates an entry."""
    real = Secret.authenticate
    patch.setattr(Secret, "authenticate", lambda secret, _, raw: real(secret, "", raw))


def until(alter: Callable[..., object]) -> Plant:
    """Let the end of a summary be reckoned from other facts."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = branch._summary_valid_until  # noqa: SLF001
        patch.setattr(branch, "_summary_valid_until", lambda ground: real(alter(ground)))

    return plant


# --- what is edited


class Do(Struct, frozen=True):
    """An edit of a course, by its name."""

    name: str
    words: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()

    def __call__(self, course: Course) -> None:
        getattr(course, self.name)(*self.words, **dict(self.named))


class Together(Struct, frozen=True):
    """Several edits with no build between them."""

    steps: tuple[Do, ...]

    def __call__(self, course: Course) -> None:
        for step in self.steps:
            step(course)


def do(name: str, *words: object, **named: object) -> Do:
    return Do(name, words, tuple(named.items()))


def both(*steps: Do | Together) -> Together:
    return Together(tuple(each for one in steps for each in (one.steps if isinstance(one, Together) else [one])))


Step = Do | Together
OBJECTION = do("say", "objection", "{days: 5, contact: 机关党委}")
QUARTER, HALF = do("approve_up_to", 3), do("approve_up_to", 6)
APPROVE_JIA, APPROVE_YI = do("approve", "jia"), do("approve", "yi")
UNAPPROVE_YI = both(do("unpublish"), do("erase", "ledgers/2026/yi/03.yaml"))
EARLY = both(do("next_year"), do("draft", of="2027-02", branch="yi"))
TO_PUBLIC = do("to", "public")

FAULTS: dict[str, tuple[Plant, Sequence[Step]]] = {
    # A branch's report, and all that rests on its key
    "report: program": (
        put(cache_keys, "source_digests", SimpleNamespace(**{**vars(source_digests), "digest_program": str})),
        [do("program", "draws otherwise")],
    ),
    "report: files": (keyed("report", without_files), [APPROVE_JIA]),
    "report: branch": (keyed("report", lambda files: [replace(files, branch="")]), [do("add_branches")]),
    "report: copies": (keyed("report", lambda files: [replace(files, copied_approvals=())]), [do("copy")]),
    "report: members": (seen(lambda plan: replace(plan, member_digests={})), [do("tell_apart", "zhang", "甲室")]),
    "report: rulebooks": (unread("/rulebooks/"), [do("wording")]),
    "report: cycles": (unread("/cycle.yaml"), [do("next_year", "erqi-2021"), do("regulation")]),
    "report: settings": (unread("content/site.yaml"), [do("say", "title", "光荣榜")]),
    "report: approvers": (unread("content/approvers"), [do("approvers")]),
    "report: branches": (
        seen(lambda plan: replace(plan, inputs=replace(plan.inputs, roster=replace(plan.inputs.roster, branches=())))),
        [do("rename", "jia", "甲支部")],
    ),
    "report: drafts": (
        requested(with_drafts=False),
        [both(do("draft"), do("preview", drafts=False)), do("preview", drafts=True)],
    ),
    "report: until": (put(BranchReport, "is_valid", never_over), [EARLY, do("days", 40)]),
    "report: since": (put(BranchReport, "is_valid", never_before), [both(EARLY, do("days", 40)), do("days", -40)]),
    "report: shared inputs of errors": (
        put(BranchReport, "is_valid", whatever_is_shared),
        [do("draft", "新人"), do("join", "yi", "新人")],
    ),
    # What other branches need of it
    "exports: report": (
        keyed("exports", without_files),
        [APPROVE_YI, both(UNAPPROVE_YI, do("draft", "孙八", branch="bing"))],
    ),
    # A branch's summary
    "summary: report": (keyed("summary", without_files), [APPROVE_YI]),
    "summary: imports": (keyed("summary", without_imports), [APPROVE_YI]),
    "summary: until": (put(BranchSummary, "is_valid", never_over), [both(OBJECTION, QUARTER), do("days", 9)]),
    "summary: since": (
        put(BranchSummary, "is_valid", never_before),
        [both(OBJECTION, QUARTER, do("days", 9)), do("days", -9)],
    ),
    "summary: until, objections": (
        until(lambda ground: replace(ground, objection_periods={})),
        [both(OBJECTION, QUARTER), do("days", 9)],
    ),
    "summary: until, members who leave": (
        until(lambda ground: replace(ground, members=[])),
        [do("change", "wang", "from: 2027-01-08, left: 退休"), do("days", 9)],
    ),
    "summary: readers": (
        always(OrganSurvey, "_find_committee_summary"),
        [do("read_by", "organ,branch"), do("read_by", READERS)],
    ),
    # What the committee needs of it
    "committee: report": (keyed("committee", without_files), [do("draft"), do("erase")]),
    "committee: imports": (
        keyed("committee", without_imports),
        [both(do("reviews"), APPROVE_YI), UNAPPROVE_YI],
    ),
    # A branch's pages
    "pages: report": (keyed("pages", without_files), [do("correct", "jia", "restate")]),
    "pages: imports": (keyed("pages", without_imports), [do("correct", "yi", "restate")]),
    "pages: since": (
        keyed(
            "pages", lambda files, imports, summary, facts: (files, imports, replace(summary, valid_from=FIRST), facts)
        ),
        [both(OBJECTION, QUARTER), do("days", 9)],
    ),
    "pages: begun": (facts(scored_months=()), [APPROVE_JIA]),
    "pages: places": (facts(positions_elsewhere={}), [HALF, do("correct", "jia", "strike")]),
    "pages: papers": (facts(committee_facts=CommitteeFacts()), [do("next_year"), do("days", 100)]),
    "pages: links": (always(engine, "has_unchanged_links"), [HALF]),
    "looks: rules": (rules_unseen, [do("say", "title", "光荣榜")]),
    "looks: theme": (requested(root=NOWHERE), [do("theme", "名录"), do("theme", "总览")]),
    "looks: articles": (unread(".md"), [do("quote"), do("article")]),
    "looks: pages of the foot": (put(cache_keys, "list_top_pages", lambda _: ()), [do("retitle")]),
    "looks: readers": (
        requested(audiences=frozenset()),
        [both(do("bare", "board", "branch"), do("read_by", "branch")), do("read_by", "branch,member")],
    ),
    "looks: gzip": (requested(with_gzip=False), [do("pack")]),
    "theme: blocks": (requested(root=NOWHERE), [do("block", "up"), do("block", "down")]),
    # Other pages and files
    "page: path": (keyed("page", lambda page: [replace(page, path="")]), [do("tamper", "404.html")]),
    "page: data": (keyed("page", lambda page: [replace(page, data={})]), [APPROVE_JIA]),
    "search: index": (keyed("value", lambda name, _: (name, None)), [do("tell_apart", "zhang", "甲室")]),
    "output: files": (always(OutputCheck, "has_intact"), [do("tamper", "branches/jia/index.html")]),
    "output: another folder": (always(OutputCheck, "has_intact"), [TO_PUBLIC]),
    # The receipt of a build
    "receipt: readers": (
        receipt(lambda project, output, wanted, digests: (project, output, wanted[1:], digests)),
        [do("read_by", "organ,branch")],
    ),
    "receipt: gzip": (
        receipt(lambda project, output, wanted, digests: (project, output, wanted[:1], digests)),
        [do("pack")],
    ),
    "receipt: files": (receipt(lambda *arguments: (*arguments[:3], {})), [do("article")]),
    "receipt: theme": (
        receipt(lambda _, *rest: (Project(NOWHERE), *rest)),
        [do("theme", "名录"), do("theme", "总览")],
    ),
    "receipt: program": (dropped(receipt_module, "receipt", -1), [do("program", "draws otherwise")]),
    "receipt: until": (recalled(valid_until=None), [do("days", 1)]),
    "receipt: since": (recalled(valid_from=date.min), [do("days", 9), do("days", -9)]),
    "receipt: site": (
        put(OutputReader, "matches_release", lambda it, number, _: bool(it.release) and it.release.number == number),
        [do("tamper", "index.html")],
    ),
    "receipt: manifest": (any_manifest, [do("forge", "index.html")]),
    # The roster as read
    "roster: program": (dropped(input_cache, "roster", 1), [do("program", "reads rosters otherwise")]),
    "roster: order": (dropped(input_cache, "roster", 2), [do("say", "order", "stroke")]),
    "roster: bytes": (dropped(input_cache, "roster", 3), [do("tell_apart", "zhang", "甲室")]),
    # A branch's ledgers as read
    "ledgers: program": (dropped(input_cache, "ledgers", 1), [do("program", "reads ledgers otherwise")]),
    "ledgers: file": (
        dropped(input_cache, "ledgers/", 0),
        [do("draft"), do("move", "ledgers/2026/jia/12.yaml", "ledgers/2026/jia/11.yaml")],
    ),
    "ledgers: bytes": (dropped(input_cache, "ledgers/", 1), [do("draft"), do("approve_draft", "2026-12")]),
    # An entry
    "entry: bytes": (always(Secret, "is_authentic"), [both(do("falsify"), do("draft"))]),
    "entry: key": (under_one_name, [both(do("confuse"), do("draft"))]),
}

# Digests of the program decide which entry takes whose place: a branch may even get one that lacks what it looks for.
MAY_CRASH = {"entry: key"}


def course_of(root: Path, script: Sequence[Step], plant: Plant) -> tuple[Outcome, Outcome]:
    """What the last build comes to with a planted fault, and without anything cached."""
    course = Course(root)
    for step in (do("days", 0), *script):
        step(course)
        with pytest.MonkeyPatch.context() as patch:
            plant(patch)
            warm = course.go_on()
    return warm, course.begin_anew()


# Everyday one of each kind, and some of all; to prove it, all.
OF_EACH_KIND = {name.partition(":")[0]: name for name in FAULTS}
PLANTED = {*OF_EACH_KIND.values(), *sample_of([*FAULTS], 3)}


@pytest.mark.prove
@pytest.mark.parametrize("name", [name for name in FAULTS if name in PLANTED])
def test_a_planted_fault_makes_another_site(tmp_path: Path, name: str):
    plant, script = FAULTS[name]
    try:
        warm, cold = course_of(tmp_path, script, plant)
    except LookupError:
        if name not in MAY_CRASH:
            raise
    else:
        assert warm != cold


SCRIPTS = {tuple(script): name for name, (_, script) in FAULTS.items()}


@pytest.mark.parametrize("name", sample_of(list(SCRIPTS.values()), 2))
@pytest.mark.prove
def test_without_a_fault_the_same_edits_make_the_same_site(tmp_path: Path, name: str):
    warm, cold = course_of(tmp_path, FAULTS[name][1], lambda _: None)
    assert warm == cold
