"""Inputs that decide without being sealed: changes without a date are refused, those with one leave the past alone."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.core.model.decisive_inputs import INPUT_KINDS, Protection
from generator.core.model.rulebook import Rulebook
from generator.intake.files import rulebook_file
from generator.project import Project
from generator.publish.store import Store
from tests.conftest import PROVE, sample_of
from tests.site_project import REPOSITORY, RULEBOOK, SiteProject, accounts, conclude, members, survey

TODAY, LATER = date(2026, 4, 20), date(2026, 8, 1)
SITE, ROSTER_FILE, BOOK = "content/site.yaml", "ledgers/roster.yaml", "ledgers/rulebooks/erqi-2021.yaml"
ROSTER = """
branches:
  - {id: jia, name: 第一党支部, secretary: zhou}
  - {id: yi, name: 第二党支部}
members:
  - {id: zhou, name: 周敏, branch: jia, status: full, since: 2025-11-05}
  - {id: li, name: 李强, branch: jia, status: full, aka: 信访室}
  - {id: wang, name: 王芳, branch: jia, status: full}
  - {id: zhao, name: 赵雷, branch: jia, status: full}
  - {id: qian, name: 钱进, branch: jia, status: full}
  - {id: xu, name: 徐明, branch: jia, status: full}
  - {id: wu, name: 吴晶, branch: yi, status: full}
  - {id: sun, name: 孙立, branch: yi, status: full}
"""
SETTINGS = """organ: 示例机关
committee: 机关党委
title: 积分榜
objection: {days: 5, contact: 机关党委办公室}
posted: {2026-Q1: 2026-04-08}
calendar: {off: [2026-06-01]}
publish: [organ, branch, member, committee]
"""
BRANCHES = "  - {id: jia, name: 第一党支部, secretary: zhou}\n  - {id: yi, name: 第二党支部}\n"
MONTH_BOARD = "  - {id: month, period: month, scope: branch, title: 月度积分榜, clause: 四1}\n"
YEAR_BOARD = "  - {id: year, period: year, scope: organ, title: 年度积分榜, clause: 三}\n"
KEEPING = "bookkeeping: {clause: 五6, due: 10}"
TALK = "when: [{board: quarter, place: last}]"
PAST = re.compile(r"branches/[a-z]+/2026-(0[1-3]|Q1)\.html")


class Organ(SiteProject):
    """An organ of two branches whose first quarter is published, and which goes on to the half-year."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, ROSTER)
        self.write(SITE, SETTINGS)
        self.seal(1, 2, 3)

    def seal(self, *months: int) -> None:
        for number in months:
            month, files = f"2026-{number:02}", []
            for branch, absent, earning in (("jia", "李强, 王芳", "周敏"), ("yi", "孙立", "吴晶")):
                held = f"activities: [{{item: general-meeting, date: {month}-05, title: 会, absent: [{absent}]}}]\n"
                held += f"entries: [{{member: {earning}, item: suggestion, date: {month}-06, note: 建议}}]\n"
                files.append(self.ledger(branch, month, held))
            self.approve(*files, meeting=f"2026-{number + 1:02}-02", today=date(2026, 12, 1))

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def build(self, today: date = TODAY) -> dict[str, bytes]:
        done = self.run("build", today=today)
        assert done.exit_code == 0, done.output
        return self.files()

    def files(self) -> dict[str, bytes]:
        site = self.root / "site"
        return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}

    def page(self, path: str) -> str:
        return (self.root / "site" / path).read_text(encoding="utf-8")

    def past(self) -> dict[str, bytes]:
        return {path: raw for path, raw in self.files().items() if PAST.fullmatch(path)}

    def means(self, *months: int) -> list[str]:
        """What the branch's page says of the mean of its months."""
        rows = re.findall(
            r"2026年(\d+)月</a></th><td[^>]*>\d+</td><td[^>]*>([^<]*)<", self.page("branches/jia/index.html")
        )
        return [dict(rows)[str(month)] for month in months]

    def talks(self, period: str) -> set[str]:
        suggested = conclude(survey(self.root, LATER), 2026).suggested
        return {
            place.standing.member.id
            for outcome in suggested
            if outcome.rule.id == "talk"
            for place in outcome.places
            if str(place.period) == period and place.standing.branch == "jia"
        }

    def late(self) -> list[str]:
        keeping = conclude(survey(self.root, LATER), 2026).keeping[0]
        return [str(month.month) for month in keeping.late if month.approved]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    organ = Organ(tmp_path_factory.mktemp("organ"))
    organ.build()
    return organ.root


@pytest.fixture
def organ(published: Path, tmp_path: Path) -> Organ:
    return Organ.at(shutil.copytree(published, tmp_path / "organ"))


class Input(NamedTuple):
    """An input: the change without a date, and with it as the hint says; then what the second quarter has of it."""

    key: str
    file: str
    old: str
    undated: str
    typed: str
    hint: str
    shown: Callable[[Organ], object]
    expected: object


def has(word: str, *paths: str) -> Callable[[Organ], list[bool]]:
    return lambda organ: [word in organ.page(path) for path in paths]


def exist(*paths: str) -> Callable[[Organ], list[bool]]:
    return lambda organ: [(organ.root / "site" / path).exists() for path in paths]


Q1, Q2 = "branches/jia/2026-Q1.html", "branches/jia/2026-Q2.html"
PROVISIONAL = '<span class="state open">暂计</span>'
MARCH, APRIL = "branches/jia/2026-03.html", "branches/jia/2026-04.html"
BOTTOM_TWO = "when: [{board: quarter, place: bottom, among: 3}]"
TALK_ENTRY = (
    "{id: talk, title: 谈话, clause: 五4, text: 排名靠后的，由支部书记及时谈话，加强教育引导。, "
    "when: [{board: quarter, place: bottom, among: 3}], effect: talk}"
)
INPUTS = [
    Input(
        "organ",
        SITE,
        "organ: 示例机关\n",
        "organ: 新机关\n",
        "organ: 示例机关\nchanges: [{from: 2026-04-01, reason: …, organ: 新机关}]\n",
        "把 organ 写回 示例机关，另写 changes: [{from: 2026-04-01, reason: …, organ: 新机关}]",
        has("新机关第一党支部", MARCH, Q1, APRIL, Q2),
        [False, False, True, True],
    ),
    Input(
        "committee",
        SITE,
        "committee: 机关党委\n",
        "committee: 直属党委\n",
        "committee: 机关党委\nchanges: [{from: 2026-04-01, reason: …, committee: 直属党委}]\n",
        "把 committee 写回 机关党委，另写 changes: [{from: 2026-04-01, reason: …, committee: 直属党委}]",
        has("直属党委", "committee/filings/2026-Q1.jia.html", "committee/filings/2026-Q2.jia.html"),
        [False, True],
    ),
    Input(
        "objection.days",
        SITE,
        "objection: {days: 5, contact: 机关党委办公室}",
        "objection: {days: 7, contact: 机关党委办公室, phone: 0371-1234567}",
        "objection: {days: 5, contact: 机关党委办公室, phone: 0371-1234567, "
        "changes: [{from: 2026-04-01, reason: …, days: 7}]}",
        "{days: 5, contact: 机关党委办公室, phone: 0371-1234567, changes: [{from: 2026-04-01, reason: …, days: 7}]}",
        has("7 个工作日", Q1, Q2),
        [False, True],
    ),
    Input(
        "objection.days",
        SITE,
        "objection: {days: 5, contact: 机关党委办公室}\n",
        "",
        "objection: {days: 5, contact: 机关党委办公室, changes: [{from: 2026-04-01, reason: …, days: 0}]}\n",
        "{days: 5, contact: …, changes: [{from: 2026-04-01, reason: …, days: 0}]}",
        has("公示：", Q1, Q2),
        [True, False],
    ),
    Input(
        "calendar",
        SITE,
        "calendar: {off: [2026-06-01]}",
        "calendar: {off: [2026-06-01, 2026-04-10, 2026-07-06]}",
        "calendar: {off: [2026-06-01], "
        "changes: [{from: 2026-04-01, reason: …, off: [2026-04-10, 2026-06-01, 2026-07-06]}]}",
        "{off: [2026-06-01], changes: [{from: 2026-04-01, reason: …, off: [2026-04-10, 2026-06-01, 2026-07-06]}]}",
        has("至7月10日", Q2),
        [True],
    ),
    Input(
        "boards",
        BOOK,
        f"boards:\n{MONTH_BOARD}",
        "boards:\n",
        f"changes: [{{from: 2026-04-01, reason: …, boards: [{{id: month}}]}}]\nboards:\n{MONTH_BOARD}",
        "在 boards 里写回 {id: month, period: month, scope: branch}，"
        "另写 changes: [{from: 2026-04-01, reason: …, boards: [{id: month}]}]",
        exist(MARCH, APRIL),
        [True, False],
    ),
    Input(
        "boards",
        BOOK,
        YEAR_BOARD,
        YEAR_BOARD + "  - {id: organ-quarter, period: quarter, scope: organ}\n",
        YEAR_BOARD
        + "changes: [{from: 2026-04-01, reason: …, boards: [{id: organ-quarter, period: quarter, scope: organ}]}]\n",
        "从 boards 里删去 organ-quarter，另写 "
        "changes: [{from: 2026-04-01, reason: …, boards: [{id: organ-quarter, period: quarter, scope: organ}]}]",
        exist("boards/2026-Q1.html", "boards/2026-Q2.html"),
        [False, True],
    ),
    Input(
        "rounding",
        BOOK,
        "rounding: {rule: half-up, step: 0.01}   #",
        "rounding: {rule: up, step: 1}   #",
        "changes: [{from: 2026-04-01, reason: …, rounding: {rule: up, step: 1}}]\n"
        "rounding: {rule: half-up, step: 0.01}   #",
        "写回 rounding: {rule: half-up, step: 0.01}，"
        "另写 changes: [{from: 2026-04-01, reason: …, rounding: {rule: up, step: 1}}]",
        lambda organ: organ.means(3, 4),
        ["0.67", "1"],
    ),
    Input(
        "consequences",
        BOOK,
        f"    {TALK}\n    effect: talk",
        f"    {BOTTOM_TWO}\n    effect: talk",
        f"    {TALK}\n    effect: talk",
        f"把 talk 写回 {{{TALK}, effect: talk}}，"
        f"另写 changes: [{{from: 2026-04-01, reason: …, consequences: [{TALK_ENTRY}]}}]",
        lambda organ: [organ.talks("2026-Q1"), organ.talks("2026-Q2")],
        [{"li", "wang"}, {"li", "qian", "wang", "xu", "zhao"}],
    ),
    Input(
        "bookkeeping",
        BOOK,
        KEEPING,
        "bookkeeping: {clause: 五6, due: 1}",
        f"{KEEPING}\nchanges: [{{from: 2026-04-01, reason: …, bookkeeping: {{clause: 五6, due: 1}}}}]",
        f"写回 {KEEPING}，另写 changes: [{{from: 2026-04-01, reason: …, bookkeeping: {{clause: 五6, due: 1}}}}]",
        lambda organ: organ.late(),
        ["2026-04", "2026-05", "2026-06"],
    ),
    Input(
        "bookkeeping",
        BOOK,
        KEEPING,
        "",
        "bookkeeping: {clause: …, due: 10}\nchanges: [{from: 2026-04-01, reason: …, bookkeeping: none}]",
        "写回 bookkeeping: {clause: …, due: 10}，另写 changes: [{from: 2026-04-01, reason: …, bookkeeping: none}]",
        lambda organ: organ.late(),
        [],
    ),
    Input(
        "branches.name",
        ROSTER_FILE,
        "name: 第一党支部",
        "name: 综合党支部",
        "name: 第一党支部, changes: [{from: 2026-04-01, name: 综合党支部}]",
        "把 name 写回 第一党支部，另写 changes: [{from: 2026-04-01, name: 综合党支部}]",
        has("综合党支部", MARCH, Q1, APRIL, Q2),
        [False, False, True, True],
    ),
    Input(
        "branches",
        ROSTER_FILE,
        BRANCHES,
        "".join(reversed(BRANCHES.splitlines(keepends=True))),
        f"{BRANCHES}changes: [{{from: 2026-04-01, branches: [yi, jia]}}]\n",
        "把 branches 排回 jia、yi，另在最外一层写 changes: [{from: 2026-04-01, branches: [yi, jia]}]",
        lambda organ: re.findall(r"第.党支部(?=</a></th>)", organ.page("boards/2026-H1.html")),
        ["第二党支部", "第一党支部"],
    ),
    Input(
        "members.aka",
        ROSTER_FILE,
        "aka: 信访室",
        "aka: 督查室",
        "aka: 信访室, changes: [{from: 2026-04-01, aka: 督查室}]",
        "把 aka 写回 信访室，另写 changes: [{from: 2026-04-01, aka: 督查室}]",
        has("督查室", MARCH, Q1, APRIL, Q2),
        [False, False, True, True],
    ),
    Input(
        "members.aka",
        ROSTER_FILE,
        ", aka: 信访室",
        "",
        ", aka: 信访室, changes: [{from: 2026-04-01, aka: none}]",
        "把 aka 写回 信访室，另写 changes: [{from: 2026-04-01, aka: none}]",
        has("信访室", MARCH, Q1, APRIL, Q2),
        [True, True, False, False],
    ),
    Input(
        "members.aka",
        ROSTER_FILE,
        "name: 王芳, branch: jia, status: full",
        "name: 王芳, branch: jia, status: full, aka: 甲室",
        "name: 王芳, branch: jia, status: full, changes: [{from: 2026-04-01, aka: 甲室}]",
        "删去 aka，另写 changes: [{from: 2026-04-01, aka: 甲室}]",
        has("（甲室）", MARCH, Q1, APRIL, Q2),
        [False, False, True, True],
    ),
    Input(
        "members.since",
        ROSTER_FILE,
        "since: 2025-11-05",
        "since: 2025-10-05",
        "since: {day: 2025-10-05, was: 2025-11-05}",
        "since: {day: 2025-10-05, was: 2025-11-05}",
        has("周敏", MARCH, APRIL),
        [True, True],
    ),
    Input(
        "members.since",
        ROSTER_FILE,
        "name: 王芳, branch: jia, status: full",
        "name: 王芳, branch: jia, status: full, since: 2025-10-01",
        "name: 王芳, branch: jia, status: full, since: {day: 2025-10-01, was: none}",
        "since: {day: 2025-10-01, was: none}",
        has("王芳", MARCH, APRIL),
        [True, True],
    ),
]
KEYS = [f"{number} {one.key}" for number, one in enumerate(INPUTS)]
# Where no more than the key counts, or the file: everyday one of each.
OF_EACH_KEY = INPUTS if PROVE else [*{one.key: one for one in INPUTS}.values()]
OF_EACH_FILE = INPUTS if PROVE else [*{one.file: one for one in INPUTS}.values()]


def refusals(organ: Organ, today: date = TODAY) -> list[str]:
    done = organ.run("build", today=today)
    assert done.exit_code == 1, done.output
    return re.findall(r"^(\S+?):\d+:\d+: 错误：.*〔build\.undated〕$", done.stderr, re.MULTILINE)


def test_every_dated_input_is_tried():
    dated = {kind.key for kind in INPUT_KINDS if kind.protection in {Protection.DATED, Protection.MENDED}}
    assert {one.key for one in INPUTS} | {"posted"} == dated


@pytest.mark.parametrize("one", INPUTS, ids=KEYS)
def test_a_change_without_a_date_is_refused_with_the_form_to_type(organ: Organ, one: Input):
    before = organ.files()
    organ.edit(one.file, one.old, one.undated)
    done = organ.run("build", today=TODAY)
    assert (done.exit_code, "〔build.undated〕" in done.stderr) == (1, True), done.output
    assert one.file in done.stderr
    assert one.hint in done.stderr
    assert organ.files() == before


@pytest.mark.prove
@pytest.mark.parametrize("key", sample_of(KEYS, 5))
def test_the_form_to_type_leaves_the_past_alone_and_holds_from_then_on(organ: Organ, key: str):
    one = INPUTS[KEYS.index(key)]
    past = organ.past()
    assert len(past) == 8
    organ.edit(one.file, one.old, one.typed)
    if one.key == "consequences":
        changes = re.search(r"changes: .*", one.hint)
        assert changes
        organ.edit(BOOK, KEEPING, f"{KEEPING}\n{changes[0]}")
    done = organ.run("build", today=TODAY)
    assert done.exit_code == 0, done.output
    assert "〔release.value-changed〕" in done.stderr
    assert organ.past() == past
    organ.seal(4, 5, 6)
    organ.build(LATER)
    assert one.shown(organ) == one.expected


@pytest.mark.prove
@pytest.mark.parametrize("one", OF_EACH_KEY, ids=lambda one: one.key)
def test_diff_and_verify_tell_a_change_without_a_date(organ: Organ, one: Input):
    anchor = shutil.copy(organ.root / "site/audit.json", organ.root.parent / "audit.json")
    organ.edit(one.file, one.old, one.undated)
    assert "〔build.undated〕" in organ.run("diff", today=TODAY).stderr
    verified = organ.run("verify", "--quick", today=TODAY)
    assert (verified.exit_code, "〔build.undated〕" in verified.stderr) == (0, True), verified.output
    anchored = organ.run("verify", "--quick", "--anchor", anchor, today=TODAY)
    assert (anchored.exit_code, "〔anchor.value〕" in anchored.stderr) == (1, True), anchored.output


@pytest.mark.parametrize("one", INPUTS, ids=KEYS)
def test_an_anchor_accepts_the_form_to_type(organ: Organ, one: Input):
    anchor = shutil.copy(organ.root / "site/audit.json", organ.root.parent / "audit.json")
    organ.edit(one.file, one.old, one.typed)
    anchored = organ.run("verify", "--quick", "--anchor", anchor, today=TODAY)
    assert anchored.exit_code == 0, anchored.output


@pytest.mark.prove
@pytest.mark.parametrize("one", OF_EACH_FILE, ids=lambda one: one.key)
def test_a_release_without_values_refuses_nothing(organ: Organ, one: Input):
    store = Store.for_output(Project(organ.root), (organ.root / "site").resolve())
    [manifest] = store.read_present_releases()
    store.write_manifest(replace(manifest, record=None))
    organ.edit(one.file, one.old, one.undated)
    done = organ.run("build", today=TODAY)
    assert "〔build.undated〕" not in done.stderr


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_a_state_is_that_of_all_changes_up_to_its_day(first: date, day: date):
    second = first + timedelta(days=30)
    rulebook = read_rulebook(
        f"[{{from: {first}, reason: 一, rounding: {{rule: up, step: 1}}}}, "
        f"{{from: {second}, reason: 二, bookkeeping: none, consequences: [{{id: talk}}]}}]"
    )
    state = rulebook.state_on(day)
    assert (state.rounding.step == 1) == (day >= first)
    assert (state.bookkeeping is None) == (day >= second)
    assert ("talk" in {rule.id for rule in state.consequences}) == (day < second)
    assert state is rulebook.state_on(day)
    [talk] = [version for version in rulebook.rule_versions if version.rule.id == "talk"]
    assert talk.is_in_force(day) == (day < second)


@pytest.mark.parametrize("day", ["2026-01-01", "2026-01-31", "2026-03-31"])
def test_a_date_in_the_published_past_is_refused(organ: Organ, day: str):
    organ.edit(SITE, "title: 积分榜", f"title: 积分榜\nchanges: [{{from: {day}, reason: 更名, organ: 新机关}}]")
    assert refusals(organ) == [SITE]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SITE, "title: 积分榜", "title: 光荣榜"),
        (SITE, "contact: 机关党委办公室", "contact: 组织科"),
        (SITE, "title: 积分榜", "title: 积分榜\nnames: masked"),
        (SITE, "title: 积分榜", "title: 积分榜\norder: stroke"),
        (BOOK, "title: 谈话", "title: 提醒谈话"),
        (ROSTER_FILE, "name: 王芳,", "name: 王芳, pinyin: wang fang,"),
        (ROSTER_FILE, ", secretary: zhou", ", secretary: wang"),
    ],
)
def test_what_is_free_changes_at_once_and_is_reported(organ: Organ, file: str, old: str, new: str):
    organ.edit(file, old, new)
    done = organ.run("build", today=TODAY)
    assert done.exit_code == 0, done.output
    assert f"改动过的资料（台账除外）：{file}" in done.stdout
    again = organ.run("build", today=TODAY)
    assert "改动过的资料" not in again.stdout
    assert "〔release.value-changed〕" not in again.stderr


def test_no_setting_is_shown_before_its_day(organ: Organ):
    before = organ.files()
    changes = "changes: [{from: 2026-05-01, reason: 更名, organ: 新机关}]"
    organ.edit(SITE, "title: 积分榜", f"title: 积分榜\n{changes}")
    assert organ.build() == before
    organ.build(date(2026, 5, 1))
    assert ["新机关" in organ.page(path) for path in ("index.html", MARCH)] == [True, False]


@pytest.mark.parametrize(("day", "counting"), [("2026-04-01", "yi"), ("2026-05-01", "jia")])
def test_lines_of_one_month_count_in_the_order_of_their_time(tmp_path: Path, day: str, counting: str):
    roster = ROSTER.replace("status: full, aka: 信访室", "status: full, changes: [{from: 2026-04-15, branch: yi}]")
    organ = SiteProject(tmp_path, f"{roster}changes: [{{from: {day}, branches: [yi]}}]\n")
    entry = "entries: [{{member: 李强, item: suggestion, date: 2026-{}, note: 建议, times: {}}}]\n"
    organ.ledger("jia", "2026-01", entry.format("01-05", 4))
    organ.ledger("jia", "2026-04", entry.format("04-05", 1))
    organ.ledger("yi", "2026-04", entry.format("04-20", 1))
    assert {line.branch: str(line.points) for line in organ.lines("li", "2026-04")} == {
        "jia": "2" if counting == "jia" else "0",
        "yi": "2" if counting == "yi" else "0",
    }


def test_medians_are_rounded_by_the_rule_of_their_time(organ: Organ):
    organ.edit(
        BOOK, KEEPING, f"{KEEPING}\nchanges: [{{from: 2026-03-01, reason: 修订, rounding: {{rule: up, step: 0.7}}}}]"
    )
    [year] = accounts(survey(organ.root, TODAY))["zhou"].years
    medians = {str(month.month): str(month.place.median) for month in year.months if month.place}
    assert medians == {"2026-01": "1.00", "2026-02": "1.00", "2026-03": "1.4"}


# --- days ------------------------------------------------------------------------------------------------------------


def test_naming_a_day_of_posting_for_the_first_time_is_no_such_change(organ: Organ):
    organ.edit(SITE, "{2026-Q1: 2026-04-08}", "{2026-Q1: 2026-04-08, 2026-03: 2026-04-03}")
    organ.build()
    assert "2026年4月3日" in organ.page(MARCH)
    organ.edit(SITE, "2026-03: 2026-04-03", "2026-03: 2026-04-07")
    assert refusals(organ) == [SITE]


def test_a_mended_day_of_posting_makes_a_revision(organ: Organ):
    before = organ.page(Q1)
    organ.edit(SITE, "2026-Q1: 2026-04-08", "2026-Q1: 2026-04-09")
    assert "2026-Q1: {day: 2026-04-09, was: 2026-04-08, reason: …}" in organ.run("build", today=TODAY).stderr
    organ.edit(SITE, "2026-Q1: 2026-04-09", "2026-Q1: {day: 2026-04-09, was: 2026-04-08, reason: 笔误}")
    organ.build()
    first, second = organ.page(Q1.replace(".html", ".r1.html")), organ.page(Q1)
    assert ["4月8日至4月14日" in page for page in (before, first, second)] == [True, True, False]
    assert "4月9日至4月15日" in second
    assert ("现行为第 2 版" in second, "已被更正取代" in first) == (True, True)
    notice = organ.page(Q1.replace(".html", ".c1.html"))
    assert [word in notice for word in ("2026年4月8日", "2026年4月9日", "笔误")] == [True] * 3
    assert organ.run("verify", today=TODAY).exit_code == 0


def test_a_day_of_posting_mended_twice_keeps_all_that_was_published(organ: Organ):
    once = "{day: 2026-04-09, was: 2026-04-08, reason: 笔误}"
    organ.edit(SITE, "2026-Q1: 2026-04-08", f"2026-Q1: {once}")
    organ.build()
    organ.edit(SITE, f"2026-Q1: {once}", "2026-Q1: 2026-04-10")
    hint = "2026-Q1: {day: 2026-04-10, was: {day: 2026-04-09, was: 2026-04-08, reason: …}, reason: …}"
    assert hint in organ.run("build", today=TODAY).stderr
    organ.edit(SITE, "2026-Q1: 2026-04-10", hint)
    organ.build()
    pages = [organ.page(Q1.replace(".html", f"{part}.html")) for part in (".r1", ".r2", "")]
    assert [re.findall(r"<dd>在本支部公示：2026年4月(\d+)日", page) for page in pages] == [["8"], ["9"], ["10"]]


def test_what_a_mended_day_was_is_not_left_out_again(organ: Organ):
    once = "{day: 2026-04-09, was: 2026-04-08, reason: 笔误}"
    organ.edit(SITE, "2026-Q1: 2026-04-08", f"2026-Q1: {once}")
    organ.build()
    organ.edit(SITE, f"2026-Q1: {once}", "2026-Q1: 2026-04-09")
    done = organ.run("build", today=TODAY)
    assert (done.exit_code, f"请写成 2026-Q1: {once.replace('笔误', '…')}" in done.stderr) == (1, True), done.output


MENDED = "{day: 2026-04-09, was: 2026-04-08, reason: 笔误}"


@pytest.mark.parametrize("mended_first", [True, False])
def test_a_mended_day_has_its_place_among_corrections(organ: Organ, *, mended_first: bool):
    if mended_first:
        organ.edit(SITE, "2026-Q1: 2026-04-08", f"2026-Q1: {MENDED}")
        organ.build()
    correct_february(organ)
    organ.build()
    if not mended_first:
        organ.edit(SITE, "2026-Q1: 2026-04-08", f"2026-Q1: {MENDED.replace('}', ', on: 2026-04-18}')}")
        organ.build()
    pages = [organ.page(Q1.replace(".html", f"{part}.html")) for part in (".r1", ".r2", "")]
    days = ["8", "9", "9"] if mended_first else ["8", "8", "9"]
    assert [re.findall(r"状态</dt><dd>在本支部公示：2026年4月(\d+)日", page)[0] for page in pages] == days
    notices = [organ.page(Q1.replace(".html", f".c{number}.html")) for number in (1, 2)]
    assert ["<dd>公布日期</dd>" in page for page in notices] == [mended_first, not mended_first]


@pytest.mark.parametrize("mended", ["2026-04-09", MENDED, MENDED.replace("}", ", on: 2026-04-17}")])
def test_a_mended_day_takes_no_place_of_a_published_correction(organ: Organ, mended: str):
    correct_february(organ)
    organ.build()
    anchor = shutil.copy(organ.root / "site/audit.json", organ.root.parent / "audit.json")
    organ.edit(SITE, "2026-Q1: 2026-04-08", f"2026-Q1: {mended}")
    hint = MENDED.replace("笔误}", "…, on: 2026-04-20}")
    done = organ.run("build", today=TODAY)
    assert (done.exit_code, f"请写成 2026-Q1: {hint}" in done.stderr) == (1, True), done.output
    assert "〔anchor.value〕" in organ.run("verify", "--quick", "--anchor", anchor, today=TODAY).stderr
    organ.edit(SITE, f"2026-Q1: {mended}", f"2026-Q1: {hint}")
    organ.build()
    assert organ.run("verify", "--quick", "--anchor", anchor, today=TODAY).exit_code == 0


SINCE_MENDED = "since: {day: 2025-11-06, was: 2025-11-05}"


def test_a_mended_day_of_joining_is_no_day_of_posting(organ: Organ):
    organ.edit(ROSTER_FILE, "since: 2025-11-05", SINCE_MENDED)
    correct_february(organ)
    organ.build()
    assert "状态</dt><dd>在本支部公示：2026年4月8日" in organ.page(Q1.replace(".html", ".r1.html"))


@pytest.mark.parametrize(
    "mended",
    [(SITE, "2026-Q1: 2026-04-08", f"2026-Q1: {MENDED}"), (ROSTER_FILE, "since: 2025-11-05", SINCE_MENDED)],
    ids=["posted", "since"],
)
@pytest.mark.parametrize(
    ("was", "is_now", "hint"),
    [
        (", on: 2026-04-18}", "}", "写回 on: 2026-04-18"),
        (", on: 2026-04-18}", ", on: 2026-04-16}", "写回 on: 2026-04-18"),
        ("}", ", on: 2026-04-18}", "去掉 on"),
    ],
)
def test_the_day_on_which_a_day_was_mended_stays(
    organ: Organ, mended: tuple[str, str, str], was: str, is_now: str, hint: str
):
    file, old, new = mended
    written, changed = (new.replace("}", end) for end in (was, is_now))
    organ.edit(file, old, written)
    organ.build()
    anchor = shutil.copy(organ.root / "site/audit.json", organ.root.parent / "audit.json")
    organ.edit(file, written, changed)
    done = organ.run("build", today=TODAY)
    assert (done.exit_code, hint in done.stderr, refusals(organ)) == (1, True, [file]), done.output
    told = organ.run("verify", "--quick", "--anchor", anchor, today=TODAY).stderr
    assert ("〔anchor.value〕" in told) == (file == SITE)
    forget_mending_days(organ)
    organ.build()


def forget_mending_days(organ: Organ) -> None:
    """Leave out of the newest release what earlier versions did not record."""
    store = Store.for_output(Project(organ.root), organ.root / "site")
    release = store.read_present_releases()[0]
    assert release.record is not None
    values = {key: value for key, value in (release.record.values or {}).items() if not key.endswith("_mended")}
    store.write_manifest(replace(release, record=replace(release.record, values=values)))


def test_an_anchor_from_before_a_mended_day_accepts_a_later_correction(organ: Organ):
    anchor = shutil.copy(organ.root / "site/audit.json", organ.root.parent / "audit.json")
    organ.edit(SITE, "2026-Q1: 2026-04-08", f"2026-Q1: {MENDED}")
    organ.build()
    correct_february(organ)
    organ.build()
    assert organ.run("verify", "--quick", "--anchor", anchor, today=TODAY).exit_code == 0


@pytest.fixture
def late_branch(tmp_path: Path) -> Organ:
    """An organ that began in February, with a member who joined then."""
    organ = Organ.__new__(Organ)
    organ.root = tmp_path / "late"
    SiteProject.__init__(
        organ,
        organ.root,
        re.sub(
            r"status: full(, since: \S+)?\}", "status: full, since: 2026-02-01}", ROSTER.replace(", aka: 信访室", "")
        ),
    )
    organ.write(SITE, SETTINGS)
    organ.seal(2, 3)
    organ.build()
    return organ


def test_a_mended_first_day_that_makes_a_board_incomplete_makes_a_revision(late_branch: Organ):
    organ, entry = late_branch, "name: 王芳, branch: jia, status: full, since: "
    before = organ.page(Q1)
    assert "暂计" not in before
    organ.edit(ROSTER_FILE, f"{entry}2026-02-01", f"{entry}2026-01-20")
    assert "since: {day: 2026-01-20, was: 2026-02-01}" in organ.run("build", today=TODAY).stderr
    organ.edit(ROSTER_FILE, f"{entry}2026-01-20", f"{entry}{{day: 2026-01-20, was: 2026-02-01}}")
    organ.build()
    first, second = organ.page(Q1.replace(".html", ".r1.html")), organ.page(Q1)
    assert (PROVISIONAL in first, PROVISIONAL in second) == (False, True)
    assert ("4月8日至4月14日" in first, "现行为第 2 版" in second) == (True, True)
    assert "王芳" not in organ.page(Q1.replace(".html", ".c1.html")).split("</header>")[1].split("<table")[0]


def correct_february(organ: Organ) -> None:
    assert organ.run("correct", "ledgers/2026/jia/02.yaml", "e1", "--recorder", "登记员", today=TODAY).exit_code == 0
    path = organ.root / "ledgers/2026/jia/02.c1.yaml"
    text = path.read_text(encoding="utf-8").replace("note: 建议", "note: 建议, times: 2")
    path.write_text(text.replace("reason:  ", "reason: 漏记"), encoding="utf-8")
    organ.approve(path, meeting="2026-04-18", today=TODAY)


def test_a_first_day_mended_after_a_correction_leaves_its_revision(late_branch: Organ):
    organ, entry = late_branch, "name: 王芳, branch: jia, status: full, since: "
    correct_february(organ)
    organ.build()
    organ.edit(ROSTER_FILE, f"{entry}2026-02-01", f"{entry}{{day: 2026-01-20, was: 2026-02-01}}")
    assert "since: {day: 2026-01-20, was: 2026-02-01, on: 2026-04-20}" in organ.run("build", today=TODAY).stderr
    organ.edit(ROSTER_FILE, "was: 2026-02-01}", "was: 2026-02-01, on: 2026-04-18}")
    organ.build()
    pages = [organ.page(Q1.replace(".html", f"{part}.html")) for part in (".r1", ".r2", "")]
    assert [PROVISIONAL in page for page in pages] == [False, False, True]
    assert "现行为第 3 版" in pages[2]
    assert "性质" in organ.page(Q1.replace(".html", ".c1.html"))


def test_a_month_that_had_no_members_gets_none_unseen(late_branch: Organ):
    late_branch.edit(
        ROSTER_FILE,
        "members:\n",
        "members:\n  - {id: xin, name: 新人, branch: jia, status: full, since: 2026-01-10, "
        "changes: [{from: 2026-01-20, left: 调离}]}\n",
    )
    assert refusals(late_branch) == [ROSTER_FILE]
    told = late_branch.run("verify", "--quick", "--anchor", late_branch.root / "site/audit.json", today=TODAY)
    assert re.search(r"新人（xin）.*〔anchor.value〕", told.stderr), told.stderr


def test_a_new_member_and_a_new_branch_are_no_changes(organ: Organ):
    organ.edit(ROSTER_FILE, "members:\n", "  - {id: bing, name: 第三党支部, since: 2026-04-01}\nmembers:\n")
    organ.edit(
        ROSTER_FILE,
        "members:\n",
        "members:\n  - {id: xin, name: 新人, branch: bing, status: full, since: 2026-04-10, aka: 信访室}\n",
    )
    organ.build()


def test_the_holidays_of_a_year_that_was_not_known_may_be_added(organ: Organ):
    days = "2099-Q4: 2099-12-31"
    organ.edit(SITE, "2026-Q1: 2026-04-08", f"2026-Q1: 2026-04-08, {days}")
    organ.build()
    organ.edit(SITE, "calendar: {off: [2026-06-01]}", "calendar: {off: [2026-06-01, 2100-01-01], years: [2100]}")
    organ.build()


# --- rulebooks -------------------------------------------------------------------------------------------------------


def read_rulebook(changes: str) -> Rulebook:
    rulebook, problems = rulebook_file.read_rulebook(f"{RULEBOOK}\nchanges: {changes}\n".encode(), BOOK)
    assert rulebook is not None, problems
    return rulebook


def test_the_rules_page_has_what_holds_today_and_what_changed(organ: Organ):
    organ.edit(
        BOOK,
        KEEPING,
        f"{KEEPING}\nchanges:\n"
        "  - {from: 2026-04-01, reason: 修订, rounding: {rule: up, step: 1}, boards: [{id: month}]}\n"
        f"  - {{from: 2026-04-10, reason: 再次修订, consequences: [{TALK_ENTRY}, {{id: vanguard}}]}}\n"
        "  - {from: 2026-05-01, reason: 以后的, bookkeeping: none}\n",
    )
    organ.build()
    page = organ.page("rules.html")
    assert all(
        word in page for word in ("2026年4月1日起", "修订", "再次修订", "不再有：月度积分榜", "不再有：纪检先锋党员")
    )
    assert "以后的" not in page
    assert "每月台账在次月" in page
    organ.build(date(2026, 5, 2))
    assert "每月台账在次月" not in organ.page("rules.html")


def test_a_year_that_goes_by_another_rulebook_that_says_the_same_is_no_change(organ: Organ):
    organ.write("ledgers/rulebooks/other.yaml", RULEBOOK.replace("id: erqi-2021", "id: other"))
    organ.write("ledgers/2026/cycle.yaml", "year: 2026\nrulebook: other\n")
    organ.build()
    organ.edit("ledgers/rulebooks/other.yaml", "due: 10", "due: 5")
    assert refusals(organ) == ["ledgers/rulebooks/other.yaml"]


@pytest.mark.parametrize(("times", "counted"), [(1, ["2026-Q2"]), (2, ["2026-Q1", "2026-Q2"])])
def test_a_later_version_of_a_rule_counts_earlier_places_only_if_it_needs_several(
    organ: Organ, times: int, counted: list[str]
):
    organ.seal(4, 5, 6)
    when = f"[{{board: quarter, place: last, times: {times}}}]"
    rule = f"{{id: talk, title: 谈话, clause: 五4, text: 谈, when: {when}, effect: talk}}"
    organ.edit(BOOK, KEEPING, f"{KEEPING}\nchanges: [{{from: 2026-04-01, reason: 修订, consequences: [{rule}]}}]")
    suggested = [
        (outcome.rule.text == "谈", [str(place.period) for place in outcome.places])
        for outcome in conclude(survey(organ.root, LATER), 2026).suggested
        if outcome.rule.id == "talk" and outcome.member.id == "li"
    ]
    assert suggested == [(False, ["2026-Q1"]), (True, counted)]


def test_reviews_seal_the_rules_of_their_year(organ: Organ):
    file = organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {李强: 90, 王芳: 80}\n")
    organ.approve(file, meeting="2026-12-28", today=date(2027, 1, 10))
    words = "id: bar-from-awards, title: 不评优秀, clause: 五5, text: 同上"
    bar = f"{{{words}, when: [{{board: half, place: last}}], effect: bar, grade: 优秀}}"
    for day, code in (("2027-01-01", 0), ("2026-12-01", 1)):
        organ.write(BOOK, f"{RULEBOOK}\nchanges: [{{from: {day}, reason: 修订, consequences: [{bar}]}}]\n")
        checked = organ.run("check", "--format", "json", today=date(2027, 1, 10))
        assert ("approval.rulebook" in {one["code"] for one in json.loads(checked.stdout)}) == bool(code)


ENDED = "{from: 2026-04-01, reason: 一, boards: [{id: month}]}"
BEGUN = "{from: 2026-07-01, reason: 二, boards: [{id: month, period: month, scope: branch, title: 月榜}]}"


@pytest.mark.parametrize(
    ("changes", "day", "boards"),
    [
        (f"[{ENDED}]", date(2026, 3, 31), 4),
        (f"[{ENDED}]", date(2026, 4, 1), 3),
        (f"[{ENDED}, {BEGUN}]", date(2026, 6, 30), 3),
        (f"[{ENDED}, {BEGUN}]", date(2026, 7, 31), 4),
    ],
)
def test_boards_end_and_begin_again(changes: str, day: date, boards: int):
    rulebook = read_rulebook(changes)
    assert len(rulebook.state_on(day).boards) == boards
    assert len(rulebook.all_boards) == 4
    assert rulebook.state_on(day).board.keys() == rulebook.board.keys()


# --- the months of a cycle -------------------------------------------------------------------------------------------

CYCLE = "ledgers/2026/cycle.yaml"
PLAIN = "year: 2026\nrulebook: erqi-2021\n"


def end(month: str, on: str = "2026-04-10") -> str:
    return f"until: {{month: {month}, on: {on}, reason: 机构改革}}\n"


@pytest.mark.parametrize(
    ("before", "now", "refused"),
    [
        ("", "from: 2026-01\n", False),
        ("from: 2026-01\n", "", False),
        ("", end("2026-03"), False),
        (end("2026-06"), end("2026-05"), False),
        (end("2026-06"), "", False),
        (end("2026-12"), "", False),
        (end("2026-03"), "", True),
        (end("2026-03"), end("2026-04"), True),
        (end("2026-03"), end("2026-03", "2026-04-11"), True),
        (end("2026-06"), end("2026-06", "2026-04-11"), False),
    ],
)
def test_an_end_may_be_set_until_its_month_is_published(organ: Organ, before: str, now: str, *, refused: bool):
    organ.write(CYCLE, PLAIN + before)
    organ.build()
    organ.write(CYCLE, PLAIN + now)
    if refused:
        assert refusals(organ) == [CYCLE]
    else:
        organ.build()


def test_the_beginning_stays_once_a_month_of_the_year_is_published(tmp_path: Path):
    organ = SiteProject(tmp_path, members("zhang 张三 jia", "li 李四 jia", branches="jia"))
    organ.write(CYCLE, f"{PLAIN}from: 2026-10\n")
    organ.approve(organ.ledger("jia", "2026-11"), meeting="2026-12-02", today=date(2026, 12, 3))
    assert organ.run("build", today=date(2026, 12, 3)).exit_code == 0
    audit = json.loads((organ.root / "site/audit.json").read_text(encoding="utf-8"))
    assert audit["values"]["terms"] == {"2026": ["2026-10", "", ""]}
    for text in (PLAIN, f"{PLAIN}from: 2026-11\n"):
        organ.write(CYCLE, text)
        done = organ.run("build", today=date(2026, 12, 3))
        assert (done.exit_code, "请写回 from: 2026-10。〔build.undated〕" in done.stderr) == (1, True), done.output


# --- documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", ["SECURITY.md", "content/pages/clerk.md"])
@pytest.mark.parametrize("protection", Protection)
def test_both_documents_have_the_table_of_inputs(document: str, protection: Protection):
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    words = {
        Protection.SEALED: ("sealed", "封存"),
        Protection.DATED: ("dated", "注明日期"),
        Protection.MENDED: ("mended", "注明更正"),
        Protection.FIXED: ("fixed", "公布后不变"),
        Protection.FREE: ("free", "随时可改"),
    }[protection]
    word = words[document.startswith("content")]
    rows = [line for line in text.splitlines() if re.match(rf"\| \**{word}\** \| ", line)]
    listed = {
        (file.strip("` "), key)
        for row in rows
        for file, keys in [row.split(" | ")[1:3]]
        for key in re.findall(r"`([a-z_.]+)`", keys)
    }
    assert listed == {(kind.file, kind.key) for kind in INPUT_KINDS if kind.protection is protection}
