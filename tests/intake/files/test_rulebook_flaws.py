"""Keys of a rulebook that have no effect or mislead: each is told, with its figures, and nothing honest is."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.outcomes import rulebook_flaws, rulebook_wording
from generator.core.sealing.digests import digest_scoring_rules
from generator.intake.files import rulebook_file
from generator.problems import Problem, Severity
from tests.site_project import REPOSITORY, RULEBOOK, SiteProject, members, organ_edition, survey

FIXTURE = REPOSITORY / "tests/files/sealed-flaws"
TODAY = date(2026, 2, 20)


def problems_of(text: str, *, sealed: bool = False) -> list[Problem]:
    return rulebook_file.read_rulebook(text.encode(), "ledgers/rulebooks/erqi-2021.yaml", lambda _rulebook: sealed)[1]


def change(old: str, new: str, text: str = RULEBOOK) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


MEETING = "points: 1\n    cap: 12\n    roll: true"
CONTEST = "levels: {joined: 参加, placed: 取得名次}"


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("title: 扣分}", "title: 扣分, cap: 6}", "rulebook.no-effect", ["全年 6 分", "3 次 -5 分就是 -15 分"]),
        ("points: -5", "points: -5\n    cap: {month: 6}", "rulebook.no-effect", ["每月 6 分", "-15 分"]),
        ("veto: cycle ", "cap: {half: 3}\n    veto: cycle ", "rulebook.no-effect", ["半年 3 分"]),
        (MEETING, MEETING.replace("12", "{day: 0, cycle: 12}"), "rulebook.misleading", ["每日 0 分"]),
        ("title: 特色积分, cap: 40", "title: 特色积分, cap: 0", "rulebook.misleading", ["全年 0 分"]),
        (MEETING, MEETING.replace("12", "{month: 13, cycle: 12}"), "rulebook.no-effect", ["每月 13 分", "全年 12 分"]),
        (MEETING, MEETING.replace("12", "{month: 1, cycle: 20}"), "rulebook.no-effect", ["最多 12 分", "改成 12"]),
        ("名次}\n    cap: 10", "名次}\n    cap: {day: 1, cycle: 10}", "rulebook.misleading", ["每日 1 分", "计不满"]),
        ("cap: 40}", "cap: 41}", "rulebook.no-effect", ["全年 41 分", "最多 40 分"]),
        ("cap: 100}", "cap: {quarter: 150, cycle: 100}}", "rulebook.no-effect", ["每季度 150 分"]),
        ("points: 2\n    cap: 40", "points: 2\n    cap: 101", "rulebook.no-effect", ["全年 101 分", "100 分封顶"]),
        ("photo: 活动照片, ", "", "rulebook.misleading", ["“photo”在 proofs 里没有名称"]),
        ("title: 收缴党费", "title: study", "rulebook.misleading", ["学习教育", "记 2 分，不是记 1 分"]),
        (CONTEST, "levels: {joined: placed, placed: 名次}", "rulebook.misleading", ["记 2 分，不是 1 分"]),
        (CONTEST, "levels: {joined: 参加, placed: 参加}", "rulebook.misleading", ["1 分、2 分", "只认最后一个"]),
        (CONTEST, CONTEST + "\n    expect: {per: half, times: 2}", "rulebook.no-effect", ["半年 2 次", "差 2 次"]),
        ("points: -5", "points: -5\n    leave: leave", "rulebook.no-effect", ["leave: leave 没有作用"]),
        ("title: 特色积分, cap: 40", "title: 特色积分, cap: 30", "", []),
        ("group: deduction\n    title: 通报", "group: feature\n    title: 通报", "rulebook.misleading", ["计 35 分"]),
        ("{joined: 1, placed: 2}", "{joined: -1, placed: 2}", "rulebook.misleading", ["计 9 分"]),
        ("place: top}]", "place: top, times: 5}]", "rulebook.no-effect", ["要 5 次", "只有 4 期"]),
        ("title: 七一表彰,", "title: 七一表彰, members: full,", "rulebook.no-effect", ["members 没有作用"]),
    ],
)
def test_a_key_without_effect_is_told_with_its_figures(old: str, new: str, code: str, words: list[str]):
    found = problems_of(change(old, new))
    assert {problem.code for problem in found} == ({code} if code else set()), found
    said = " ".join(f"{problem.message} {problem.hint}" for problem in found)
    assert all(word in said for word in words), found


READING = "  - {title: 精确, clause: 四1, text: 积分一律按精确小数计算，不作四舍五入；显示时省去末尾的零。}"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("请假的每次扣 1 分。", "points 是 -0.5"),
        ("志愿服务每次记三分。", "points 是 2"),
        ("组织生活会全年最多 9 分。", "cap 是全年 6 分"),
        ("建言献策每月最多 2 分。", "没有写这样的 cap"),
        ("扣分每月不超过 6 分。", "没有写这样的 cap"),
        ("支部党课每季度一次。", "expect 是每月 1 次"),
        ("同分的并列，例如 1、2、2、3。", "ties 是 competition"),
        ("名次相同的，下一名次不空缺。", "ties 是 competition"),
        ("总分不低于0分。", "floor 是 null"),
        ("受处分的，积分清零，次月起重新计分。", "veto: cycle"),
        ("台账次月 15 日以前审核的为按时。", "due 是 10"),
        ("评议得分占四十%。", "review 是 0.3"),
        ("支部党课每次记 1 分，全年最多 10 分。", "cap 是全年 12 分"),
        ("无故缺席的每次扣 0.5 分。", "points 是 -1"),
        ("支部党课不设上限。", "cap 是全年 12 分"),
        ("特色积分上不封顶。", "cap 是全年 40 分"),
        ("志愿服务全年只加一次。", "cap 是"),
        ("参加比赛表演不重复加分。", "可以多次加分"),
        ("建言献策按次扣分。", "points 是"),
        ("通报批评的酌情加分。", "points 是 -5"),
        ("请假的不扣分。", "points 是 -0.5"),
        ("支部党课请假的不扣分。", "leave 是 leave"),
        ("党员活动日无故缺席的一律不扣分。", "absent 是 absence"),
        ("收缴党费无故缺席的照样扣分。", "没有写 leave"),
        ("志愿服务全体党员都参加。", "没有写 roll"),
        ("学习教育自愿参加。", "roll 是 true"),
        ("比赛表演无须佐证。", "evidence 是 photo、sign-in"),
        ("建言献策须附活动照片。", "evidence 里没有活动照片"),
        ("建言献策应当有佐证。", "没有写 evidence"),
        ("通报批评的一票否决。", "没有写 veto"),
        ("党政纪处分不清零。", "写着 veto"),
        ("上年没有用完的积分结转下一年度。", "cycle 是 year"),
        ("积分跨年累计。", "cycle 是 year"),
        ("每季度重新计分。", "cycle 是 year"),
        ("综合得分里，积分先折算成百分。", "points_scale 是 raw"),
        ("民主评议时积分超过一百分的按一百分计。", "points_scale 是 raw"),
        ("季度榜在全机关排名。", "scope 是 branch"),
        ("半年积分榜以党支部为单位。", "scope 是 organ"),
        ("表彰先看积分名次，再看票数。", "order 是 votes、rank"),
        ("支部平均分保留一位小数。", "step 是 0.01"),
        ("综合得分只舍不入。", "rule 是 half-up"),
    ],
)
def test_a_reading_that_contradicts_a_field_is_told(text: str, field: str):
    found = problems_of(change(READING, f"{READING}\n  - {{title: 说明, text: {text}}}"))
    assert [problem.code for problem in found] == ["rulebook.contradiction"], found
    assert field in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "请假的每次扣 0.5 分，无故缺席的每次扣1分。",
        "参加比赛表演的记 1 分，取得名次的记 2 分，全年最多 10 分。",
        "支部党课每月一次，全年最多 12 分；特色积分全年封顶 40 分。",
        "组织生活会每年两次，半年一次。",
        "同分的并列，例如 1、2、2、4，不是 1、2、2、3。",
        "不设下限，积分可以是负数。",
        "一票否决的，到年底都为 0 分。",
        "积分占 70%，民主评议得分占 30%。",
        "学习教育每年不少于二十次。",
        "通报批评的扣 5 分，受到上级表扬的加 3 分。",
        "支部党课每月一次，全年最多 12 分。组织生活会全年最多 6 分。",
        "支部党课全年最多十二分，请假的按规定扣分。",
        "通报批评的扣分不设上限。",
        "建言献策不另扣分。",
        "参加比赛表演只计一项。",
        "扣分不受上限影响，总分不设下限。",
        "建言献策加分，通报批评扣分。",
        "支部党课请假的按规定扣分，收缴党费请假的不扣分。",
        "因公请假、经批准的不扣分。",
        "志愿服务自愿参加，学习教育全员参加。",
        "志愿服务须附签到表、活动照片，建言献策无须佐证。",
        "受党政纪处分的一票否决，通报批评不适用一票否决。",
        "积分不跨年累计，不结转下年。",
        "每月重新排名，每年重新计分。",
        "基础积分超过100分的按100分计。",
        "季度榜在党支部内排名，半年榜在全机关排名，年度榜按年度累计排名。",
        "表彰先看票数，再看积分名次。",
        "支部平均分保留两位小数，四舍五入；积分不作四舍五入。",
        "综合得分按原分计算。",
    ],
)
def test_a_reading_that_agrees_is_left_alone(text: str):
    assert problems_of(change(READING, f"{READING}\n  - {{title: 说明, text: {text}}}")) == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("连续四次最后一名", "连续三次最后一名", "times）是 4"),
        ("排名靠前的优先推荐", "排名前五名的优先推荐", "among 是 3"),
        ("积分占 70%", "积分占 60%", "points 是 0.7"),
        ("note: 每年两次", "note: 每年三次", "expect 是全年 2 次"),
        ("预备党员在支部季度排名", "正式党员在支部季度排名", "members 是 probationary"),
        ("在支部季度排名中连续四次", "在支部月度排名中连续四次", "board 是 quarter"),
        ("排名靠前的优先推荐", "排名最后一名的优先推荐", "没有 place: last"),
    ],
)
def test_other_words_of_the_rules_page_are_compared_too(old: str, new: str, field: str):
    found = problems_of(change(old, new))
    assert [problem.code for problem in found] == ["rulebook.contradiction"], found
    assert field in found[0].message


def test_of_a_sealed_rulebook_it_is_a_warning_that_names_the_next_one():
    (sealed,) = problems_of(change("title: 扣分}", "title: 扣分, cap: 6}"), sealed=True)
    (free,) = problems_of(change("photo: 活动照片, ", ""), sealed=True)
    assert {sealed.severity, free.severity} == {Severity.WARNING}
    assert "下一周期另写一份规则" in sealed.hint
    assert "没有封存，现在就可以改" in free.hint


def test_the_same_bytes_are_read_once_and_judged_each_time():
    text = change("title: 扣分}", "title: 扣分, cap: 6}")
    told = [problems_of(text, sealed=sealed)[0].severity for sealed in (True, False, True)]
    assert told == [Severity.WARNING, Severity.ERROR, Severity.WARNING]
    first, again, other = (
        rulebook_file.read_rulebook(raw.encode(), "erqi-2021.yaml")[0]
        for raw in (RULEBOOK, RULEBOOK, change("title: 学习教育", "title: 教育学习"))
    )
    assert first is again
    assert other is not None
    assert other is not first


def test_the_sample_has_no_flaw_and_is_printed_as_it_is():
    rulebook, problems = rulebook_file.read_rulebook(RULEBOOK.encode(), "erqi-2021.yaml")
    assert problems == []
    assert rulebook is not None
    assert rulebook_flaws.select_applied(rulebook) is rulebook


# --- sealed: every flaw at once --------------------------------------------------------------------------------------


@pytest.fixture
def sealed_project(tmp_path: Path) -> SiteProject:
    shutil.copytree(FIXTURE, tmp_path / "project")
    return SiteProject.at(tmp_path / "project")


def test_sealed_flaws_are_warnings_and_the_score_stays(sealed_project: SiteProject):
    found = sealed_project.run("check", today=TODAY)
    assert found.exit_code == 0, found.output
    assert "0 处错误，27 处提醒" in found.output
    assert {code for code in ("no-effect", "misleading", "contradiction") if f"rulebook.{code}" in found.output} == {
        "no-effect",
        "misleading",
        "contradiction",
    }
    assert "-15" in sealed_project.run("score", "2026-01", "--branch", "jia", today=TODAY).output


def test_without_the_seal_they_are_errors(sealed_project: SiteProject):
    draft = sealed_project.root / "ledgers/2026/jia/01.yaml"
    draft.write_text(draft.read_text(encoding="utf-8").partition("approval:")[0], encoding="utf-8")
    found = sealed_project.run("check", today=TODAY)
    assert found.exit_code == 1
    assert "25 处错误，2 处提醒" in found.output


def test_the_rules_page_prints_nothing_that_is_not_applied(sealed_project: SiteProject):
    edition = organ_edition(survey(sealed_project.root, TODAY))
    applied = rulebook_flaws.select_applied(edition.rulebooks[2026])
    assert [dict(group.cap) for group in applied.groups] == [{}, {"cycle": 20}, {}]
    assert {item.id: dict(item.cap) for item in applied.items if item.cap} == {
        "meeting": {"cycle": 12},
        "study": {"quarter": 3},
        "volunteer": {"day": 0, "cycle": 100},
    }
    assert [item.id for item in applied.items if item.expect] == ["meeting"]
    assert [item.id for item in applied.items if item.leave] == ["meeting"]
    assert [reading.title for reading in applied.readings] == ["补登"]
    assert [item.id for item in applied.items if item.note] == []


def test_the_built_page_has_no_ceiling_of_deductions(sealed_project: SiteProject, tmp_path: Path):
    built = sealed_project.run("build", "--output", tmp_path / "site", today=TODAY)
    assert built.exit_code == 0, built.output
    page = (tmp_path / "site/rules.html").read_text(encoding="utf-8")
    assert "每月 6 分" not in page
    assert "全年 300 分" not in page
    assert "每次扣 1 分" not in page
    assert '得分<span class="nb">全年 20 分' in page


# --- other names -----------------------------------------------------------------------------------------------------

ALSO = change("title: 党员活动日", "title: 党员活动日\n    also: [主题党日, 党日活动]")


def test_a_ledger_may_write_another_name_of_an_item_and_no_seal_changes(tmp_path: Path):
    rulebooks = [rulebook_file.read_rulebook(text.encode(), "erqi-2021.yaml")[0] for text in (RULEBOOK, ALSO)]
    before, after = (rulebook for rulebook in rulebooks if rulebook)
    assert digest_scoring_rules(before) == digest_scoring_rules(after)
    organ = SiteProject(tmp_path, members("wang 王一 jia"), ALSO)
    organ.ledger("jia", "2026-03", "activities:\n  - {item: 主题党日, date: 2026-03-05}\n")
    assert organ.points("wang", "2026-03") == ["1"]


def test_another_name_in_a_rulebook_in_use_alters_no_seal_and_no_page(sealed_project: SiteProject, tmp_path: Path):
    pages = []
    for number in range(2):
        site = tmp_path / f"site-{number}"
        built = sealed_project.run("build", "--output", site, today=TODAY)
        assert built.exit_code == 0, built.output
        pages.append({page.relative_to(site): page.read_bytes() for page in site.rglob("*") if page.is_file()})
        book = sealed_project.root / "ledgers/rulebooks/xiugai.yaml"
        text = book.read_text(encoding="utf-8")
        book.write_text(change("title: 支部党员大会", "title: 支部党员大会\n    also: [月会]", text), encoding="utf-8")
    before, after = pages
    assert [page for page in before if before[page] != after.get(page)] == []


@pytest.mark.parametrize("word", ["支部党课", "lecture", "党员活动日", "activity-day"])
def test_another_name_that_is_already_a_word_for_an_item_is_an_error(word: str):
    for sealed in (False, True):
        found = problems_of(change("also: [主题党日, 党日活动]", f"also: [主题党日, {word}]", ALSO), sealed=sealed)
        assert [(problem.code, problem.is_error) for problem in found] == [("rulebook.same-word", True)], found


def test_two_items_do_not_share_another_name():
    found = problems_of(change("title: 支部党课", "title: 支部党课\n    also: [主题党日]", ALSO))
    assert [problem.code for problem in found] == ["rulebook.same-word"]


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_text_of_a_reading_breaks_the_comparison(text: str, title: str):
    rulebook, _ = rulebook_file.read_rulebook(RULEBOOK.encode(), "erqi-2021.yaml")
    assert rulebook is not None
    rulebook_wording.find_in_reading(title, text, "", rulebook)
