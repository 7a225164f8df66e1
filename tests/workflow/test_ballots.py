"""Reviews and polls: read in either language, approved like a ledger, withdrawn on record, held fast once published."""

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.ledgers import ballots
from generator.core.model.ledger import BallotKind, Reviews, WrittenName
from generator.core.model.roster import Member, MembershipStatus, Roster, Span
from generator.core.sealing import digests as digests_module
from generator.core.sealing.sealed_files import BallotFile
from generator.intake.files import rulebook_file
from generator.loader import load
from generator.problems import Location
from generator.project import Project
from tests.site_project import RULEBOOK, TODAY, SiteProject, members

ROSTER = members(
    "zhang 张三 jia",
    "li 李四 yi",
    "wang 王五 jia - 2026-03-01",
    "zhao 赵六 yi 2026-07-01",
    "qian 钱七 jia",
    "qian-2 钱七 yi",
    "sun 孙八 jia - 2026-01-01",
)
BOOK = "ledgers/rulebooks/erqi-2021.yaml"
REVIEWS = "ledgers/2026/reviews.yaml"
POLL = "ledgers/2026/votes/youxiu.yaml"
SCORES = "year: 2026\nscores: {张三: 92.5, li: 88}\n"
VOTES = "award: 优秀共产党员\ndate: 2026-06-25\nelectorate: 5\nvotes: {张三: 5, 李四: 0}\n"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path / "organ", ROSTER)


def put(organ: SiteProject, *files: str) -> list[Path]:
    """Sound drafts of reviews, of a poll, or of both."""
    return [organ.write(file, {REVIEWS: SCORES, POLL: VOTES}[file]) for file in files]


@pytest.fixture
def sealed(organ: SiteProject) -> SiteProject:
    """An organ whose reviews and poll are approved."""
    organ.approve(*put(organ, REVIEWS, POLL))
    return organ


def codes(organ: SiteProject, *command: object, today: date = TODAY) -> list[str]:
    """The codes of a command's errors, in order."""
    done = organ.run(*command, today=today)
    found = re.findall(r"错误：.*〔([a-z.-]+)〕", done.stderr)
    assert done.exit_code == (1 if found else 0), done.output
    return found


# --- what is read ----------------------------------------------------------------------------------------------------

CHINESE = {
    REVIEWS: "年度: 2026\n得分: {张三: 92.5, li: 88}\n",
    POLL: "奖项: 优秀共产党员\n日期: 2026-06-25\n应到: 5\n得票: {张三: 5, 李四: 0}\n",
}


@pytest.mark.parametrize("chinese", [False, True])
def test_approved_files_reach_section_five(organ: SiteProject, chinese: bool):  # noqa: FBT001
    files = [organ.write(name, text) for name, text in CHINESE.items()] if chinese else put(organ, REVIEWS, POLL)
    assert (organ.read().reviews, organ.read().polls) == ({}, {})  # drafts decide nothing
    organ.approve(*files)
    found = organ.read()
    assert found.reviews == {2026: {"zhang": Decimal("92.5"), "li": Decimal(88)}}
    [(poll, votes)] = found.polls[2026]
    assert (poll.award, poll.date, poll.electorate, votes) == (
        "优秀共产党员", date(2026, 6, 25), 5, {"zhang": 5, "li": 0}
    )  # fmt: skip


# On the roster on any day of the year, or on the day of the poll (2026-06-25).
WHO = [
    # written        in the reviews            in the poll
    ("张三",         None,                     None),
    ("li",           None,                     None),
    ("王五",         None,                     "ballot.not-on-roster"),
    ("赵六",         None,                     "ballot.not-on-roster"),
    ("sun",          "ballot.not-on-roster",   "ballot.not-on-roster"),
    ("钱七",         "ballot.ambiguous-member", "ballot.ambiguous-member"),
    ("qian-2",       None,                     None),
    ("周九",         "ballot.unknown-member",  "ballot.unknown-member"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "in_reviews", "in_poll"), WHO)
def test_who_may_stand_in_a_file(organ: SiteProject, who: str, in_reviews: str | None, in_poll: str | None):
    organ.write(REVIEWS, f"year: 2026\nscores: {{{who}: 80}}\n")
    assert codes(organ, "check") == ([in_reviews] if in_reviews else [])
    organ.write(REVIEWS, SCORES)
    organ.write(POLL, VOTES.replace("张三: 5, 李四: 0", f"{who}: 1"))
    assert codes(organ, "check") == ([in_poll] if in_poll else [])


BOUNDS = [
    # file    old       new        error
    (REVIEWS, "92.5", "0", None),
    (REVIEWS, "92.5", "100", None),
    (REVIEWS, "92.5", "-0.01", "ballot.score"),
    (REVIEWS, "92.5", "100.01", "ballot.score"),
    (REVIEWS, "92.5", "九十", "field.bad-number"),
    (REVIEWS, "92.5", "", "field.wrong-type"),
    (REVIEWS, "year: 2026", "year: 2025", "ballot.year"),
    (REVIEWS, "li:", "zhang:", "ballot.member-twice"),
    (POLL, "张三: 5", "张三: 6", "ballot.votes"),
    (POLL, "张三: 5", "张三: -1", "field.bad-number"),
    (POLL, "electorate: 5", "electorate: 0", "field.bad-number"),
    (POLL, "date: 2026-06-25", "date: 2025-06-25", "ballot.year"),
]


@pytest.mark.parametrize(("file", "old", "new", "code"), BOUNDS)
def test_what_a_draft_says_is_bounded_and_stops_only_check_and_approve(
    organ: SiteProject, file: str, old: str, new: str, code: str | None
):
    (path,) = put(organ, file)
    organ.write(file, path.read_text(encoding="utf-8").replace(old, new))
    assert codes(organ, "check") == ([code] if code else [])
    assert codes(organ, "approve", path, "--meeting", "2027-01-05", "--by", "审核员", "--acting", "代行") == (
        [code] if code else []
    )
    assert codes(organ, "build") == []


@given(st.dictionaries(st.sampled_from(["zhang", "张三", "li", "李四"]), st.decimals(-5, 105, places=2)))
def test_every_score_counts_once_or_is_told(scores: dict[str, Decimal]):
    people = {"zhang": "张三", "li": "李四"}
    roster = Roster((), tuple(_member(ident, name) for ident, name in people.items()))
    rulebook, _ = rulebook_file.read_rulebook(RULEBOOK.encode(), BOOK)
    assert rulebook is not None
    written = {
        WrittenName(word, Location("f", line)): score for line, (word, score) in enumerate(scores.items(), start=1)
    }
    ballot = Reviews(WrittenName("2026", Location("f")), written, Location("f"))
    file = BallotFile("f", ballot, sealed=False, clean=True, year=2026, kind=BallotKind.REVIEWS)
    told = ballots.evaluate_ballots([file], roster, {2026: rulebook})
    twice = sum(ident in scores and name in scores for ident, name in people.items())
    outside = sum(not 0 <= score <= 100 for score in scores.values())
    found = [problem.code for problem in told.problems]
    assert (found.count("ballot.member-twice"), found.count("ballot.score")) == (twice, outside)
    assert told.reviews == {}


def _member(ident: str, name: str) -> Member:
    return Member(ident, name, (Span("jia", date.min, date.max),), ((date.min, MembershipStatus.FULL),))


# --- sealed ----------------------------------------------------------------------------------------------------------

ALTERATIONS = [
    # file   old                     new                        what stops the build
    (REVIEWS, "92.5", "93.5", ["approval.digest"]),
    (REVIEWS, "by: 审核员", "by: 别人", ["approval.digest"]),
    (REVIEWS, "nonce:", "nonse:", ["approval.incomplete"]),
    (REVIEWS, "scores: {", "scores: ", ["yaml.syntax"]),
    (POLL, "李四: 0", "李四: 1", ["approval.digest"]),
    (POLL, "electorate: 5", "electorate: 50", ["approval.digest"]),
    (BOOK, "weights: {points: 0.7, review: 0.3}", "weights: {points: 0.6, review: 0.4}",
     ["approval.rulebook"]),
    (BOOK, "board: half, order: [votes, rank]", "board: half, order: [rank, votes]",
     ["approval.rulebook"]),
    ("ledgers/roster.yaml", "id: li,", "id: li-si,", ["ballot.unknown-member"]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "told"), ALTERATIONS)
def test_what_is_altered_afterwards_stops_the_build(
    sealed: SiteProject, file: str, old: str, new: str, told: list[str]
):
    text = (sealed.root / file).read_text(encoding="utf-8")
    assert old in text
    sealed.write(file, text.replace(old, new))
    assert codes(sealed, "build") == told


def test_what_need_not_be_there_need_not_be_there(sealed: SiteProject):
    """An approval without the rulebook's digest is read, and then no rulebook is held against it."""
    text = re.sub(r"  rulebook: .*\n", "", (sealed.root / REVIEWS).read_text(encoding="utf-8"))
    sealed.write(REVIEWS, re.sub(r"digest: .*", "digest: none", text))
    reading = load.load_project(Project(sealed.root), TODAY)
    assert reading.loaded is not None
    ballot = reading.loaded.ballot_files.by_name[REVIEWS].document
    assert ballot is not None
    sealed.write(REVIEWS, re.sub(r"digest: .*", f"digest: {ballot.digest}", text))
    sealed.write(BOOK, RULEBOOK.replace("{points: 0.7, review: 0.3}", "{points: 0.6, review: 0.4}"))
    assert codes(sealed, "build") == []


@pytest.mark.parametrize(
    ("old", "new", "appraisal", "awarding"),
    [
        ("{points: 0.7, review: 0.3}", "{points: 0.6, review: 0.4}", True, False),
        ("points_scale: raw", "points_scale: capped", True, False),
        ("{rule: half-up, step: 0.01}", "{rule: half-up, step: 0.1}", True, False),
        ("times: 4, consecutive: true", "times: 3, consecutive: true", True, False),
        ("order: [votes, rank]", "order: [rank, votes]", False, True),
        ("title: 机关党员积分制管理办法", "title: 党员积分制管理办法", False, False),
    ],
)
def test_each_seal_covers_its_own_part_of_the_rulebook(old: str, new: str, *, appraisal: bool, awarding: bool):
    assert old in RULEBOOK
    (one, _), (other, _) = (
        rulebook_file.read_rulebook(text.encode(), BOOK) for text in (RULEBOOK, RULEBOOK.replace(old, new))
    )
    assert one is not None
    assert other is not None
    assert (
        digests_module.digest_appraisal_rules(one, 2026) != digests_module.digest_appraisal_rules(other, 2026)
    ) == appraisal
    assert (digests_module.digest_award_rule(one) != digests_module.digest_award_rule(other)) == awarding


def test_all_files_are_approved_or_none(organ: SiteProject):
    files = [*put(organ, REVIEWS, POLL), organ.ledger("jia", "2026-01", "entries: [{member: 无名}]\n")]
    before = [file.read_bytes() for file in files]
    assert codes(organ, "approve", *files, "--meeting", "2027-01-05", "--by", "审核员", "--acting", "代行")
    assert [file.read_bytes() for file in files] == before
    organ.ledger("jia", "2026-01")
    organ.approve(*files)
    assert all(b"approval:" in file.read_bytes() for file in files)


def test_a_copy_of_last_years_file_is_a_draft(sealed: SiteProject):
    sealed.write("ledgers/2027/cycle.yaml", "year: 2027\nrulebook: erqi-2021\n")
    text = (sealed.root / REVIEWS).read_text(encoding="utf-8")
    sealed.write("ledgers/2027/reviews.yaml", text)
    assert codes(sealed, "check") == ["approval.copied"]
    assert codes(sealed, "build") == []


# --- withdrawn -------------------------------------------------------------------------------------------------------


def withdraw(organ: SiteProject, file: str = REVIEWS) -> list[str]:
    return codes(organ, "approve", organ.root / file, "--withdraw", "--reason", "漏计一人")


def audit(organ: SiteProject) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads((organ.root / "site/audit.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("file", [REVIEWS, POLL])
def test_a_withdrawal_is_allowed_after_publication_and_stays_on_record(sealed: SiteProject, file: str):
    before = {REVIEWS: SCORES, POLL: VOTES}[file]
    assert codes(sealed, "build") == []
    published = audit(sealed)
    old = sealed.write("../audit.json", json.dumps(published))
    assert withdraw(sealed, file) == []
    assert (sealed.root / file).read_text(encoding="utf-8") == before
    record = (sealed.root / file).with_suffix(".w1.yaml")
    assert "reason: 漏计一人\n" in record.read_text(encoding="utf-8")
    assert codes(sealed, "build") == []
    assert len(audit(sealed)["ballots"]) == 1
    [undone] = audit(sealed)["retractions"]
    assert undone["withdraws"] in {one["digest"] for one in published["ballots"]}
    done = sealed.run("verify", "--anchor", old)
    assert (done.exit_code, "提醒：" in done.stderr) == (0, True)  # told, and no error: it is on record
    sealed.approve(sealed.root / file)
    assert codes(sealed, "build") == []
    assert withdraw(sealed, file) == []
    assert (sealed.root / file).with_suffix(".w2.yaml").is_file()


def cut(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").partition("approval:")[0], encoding="utf-8")


LOST: list[tuple[str, Callable[[Path], None]]] = [
    (REVIEWS, cut),
    (REVIEWS, Path.unlink),
    (POLL, cut),
    (POLL, Path.unlink),
]


@pytest.mark.parametrize(("file", "lose"), LOST)
def test_what_was_published_is_not_taken_back_without_a_record(
    sealed: SiteProject, file: str, lose: Callable[[Path], None]
):
    assert codes(sealed, "build") == []
    lose(sealed.root / file)
    assert codes(sealed, "build") == ["release.rests"]
    assert codes(sealed, "verify") == ["release.rests"]


def test_nor_is_the_record_of_a_withdrawal(sealed: SiteProject):
    assert codes(sealed, "build") + withdraw(sealed) + codes(sealed, "build") == []
    (sealed.root / "ledgers/2026/reviews.w1.yaml").unlink()
    assert codes(sealed, "build") == ["release.rests"]


def test_what_the_roster_or_rulebook_made_wrong_can_be_withdrawn(sealed: SiteProject):
    """There is no correction of these files."""
    sealed.write(BOOK, RULEBOOK.replace("{points: 0.7, review: 0.3}", "{points: 0.6, review: 0.4}"))
    sealed.write("ledgers/roster.yaml", ROSTER.replace("id: li,", "id: li-si,"))
    assert codes(sealed, "build") == ["ballot.unknown-member", "approval.rulebook"]
    assert withdraw(sealed) == []
    assert codes(sealed, "build") == []


def test_what_was_altered_can_not_be_withdrawn(sealed: SiteProject):
    text = (sealed.root / REVIEWS).read_text(encoding="utf-8")
    sealed.write(REVIEWS, text.replace("92.5", "93.5"))
    assert withdraw(sealed) == ["approval.digest"]
    assert not list(sealed.root.glob("ledgers/2026/*.w1.yaml"))


# --- who sees what ---------------------------------------------------------------------------------------------------


def test_the_organ_sees_that_something_was_approved_and_not_what(sealed: SiteProject):
    assert withdraw(sealed) == []
    sealed.approve(sealed.root / REVIEWS)
    done = sealed.run("build", "--audience", "organ,branch,member")
    assert done.exit_code == 0, done.output
    pages = "".join(path.read_text("utf-8") for path in (sealed.root / "site").rglob("*.*") if path.suffix != ".woff2")
    digests = re.findall(r"digest: (sha256:\w+)", (sealed.root / POLL).read_text("utf-8"))
    assert [one in pages for one in digests] == [True]
    assert [word for word in ("92.5", "优秀共产党员投票", "漏计一人", "youxiu") if word in pages] == []
    assert [(one["kind"], one["year"], one["date"]) for one in audit(sealed)["ballots"]] == [
        ("poll", 2026, "2026-06-25"),
        ("reviews", 2026, None),
    ]


def test_the_committee_reads_who_approved_and_why_it_was_withdrawn(sealed: SiteProject):
    assert withdraw(sealed) == []
    done = sealed.run("build", "--audience", "committee")
    assert done.exit_code == 0, done.output
    page = (sealed.root / "site/committee/journal.html").read_text("utf-8")
    assert "优秀共产党员投票，2026年6月25日" in page
    assert all(word in page for word in ("漏计一人", "审核员", "ledgers/2026/reviews.yaml"))


def test_a_clock_before_an_approval_or_a_withdrawal_stops_the_build(sealed: SiteProject):
    assert codes(sealed, "build", today=date(2027, 1, 4)) == ["build.clock"]
    assert withdraw(sealed) == []
    assert codes(sealed, "build", today=date(2027, 5, 31)) == ["build.clock"]
