"""Tidying: a damaged draft reads as it was meant, a sound one keeps every byte."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from generator.core.model.settings import NameOrder
from generator.intake.files import content_files, ledger_file, roster_file
from generator.intake.text import tidying, yaml_nodes

LEDGER = "ledgers/2026/first/03.yaml"
SOUND = """\
支部: first
月份: 2026-03
登记人: 秦雨
活动:
  - 项目: 支部党员大会
    日期: 2026-03-05
    主题: 学习，讨论：一、二；三（“好”）
    请假: [林远, 赵磊]
  - {项目: 支部党课, 日期: 2026-03-06, 主题: 守住：底线，担当}
  - 项目: 志愿服务
    日期: 2026-03-07
    参加:
      - 林远
      - 秦雨
    佐证: {签到表: 一，二.pdf, 照片: [甲、乙.jpg, 丙.jpg]}
记录:
  - {党员: 林远, 项目: 建言献策, 日期: 2026-03-08, 备注: 一条，两点：好}
"""


def tidy(text: str, file: str = LEDGER) -> str:
    def find_problems(new: str) -> object:
        if file.endswith("roster.yaml"):
            return roster_file.read_roster(new.encode(), file, NameOrder.PINYIN)[1]
        if file.endswith(".md"):
            return content_files.read_article(new.encode(), file)[1]
        return ledger_file.read_ledger(new.encode(), file)[1]

    return tidying.tidy_text(text, file, find_problems)


def plain(text: str) -> object:
    node, problems = yaml_nodes.parse_yaml(text, LEDGER)
    assert node is not None, (text, problems)
    return yaml_nodes.to_plain_data(node)


# Slips that leave one reading only: the pattern of a sound place, and what people write there.
DAMAGES = [
    (r"(?<=[支部月份登记人活动项目日期主题请假参加佐证记录党员备注]): ", ["：", "： ", ":　"]),
    (r"(?m)^(支部|月份|登记人): ", [r"\1:", r"\1： ", r"\1∶"]),
    (r", (?=(日期|主题|备注|项目): )", ["，", "， ", "、", "；"]),
    (r"(?<=林远), (?=赵磊)", ["，", "、", "； "]),
    (r"(?m)^  - (?=\{)", ["  -", "  － ", "  -　", "  – "]),
    (r"(?m)^    (?=日期)", ["\t", "　　", "   ", "     ", "\u00a0\u00a0\u00a0\u00a0"]),
    (r"(?m)^    (?=主题|请假)", ["\t", "　　", "\t\t"]),
    (r"2026-03-05", ["3月5日", "2026/3/5", "2026年3月5日", "46086", "2026-03-05 00:00:00", "２０２６－３－５"]),
    (r"2026-03-08", ["2026.3.8", "20260308", "三月八日", "2026-3-8"]),
    (r"(?m)^月份: 2026-03$", ["月份: 2026年3月", "月份：2026/3"]),
    (r"\}$", ["}，", "｝"]),
    (r"\{(?=党员)", ["｛"]),
    (r"(?<=请假: )\[林远, 赵磊\]", ["［林远，赵磊］", "[林远、赵磊", "[林远，赵磊］"]),
]


CHOICES = st.tuples(st.integers(0, len(DAMAGES) - 1), st.integers(0, 5))


@given(st.lists(CHOICES, min_size=1, max_size=6, unique_by=lambda choice: choice[0]))
@example([(number, 0) for number in range(len(DAMAGES))])
@example([(3, 1)])
def test_a_damaged_ledger_is_mended_to_what_was_meant(choices):
    damaged = SOUND
    for number, choice in choices:
        pattern, options = DAMAGES[number]
        damaged = re.sub(pattern, options[choice % len(options)], damaged, flags=re.MULTILINE)
    mended = tidy(damaged)
    assert plain(mended) == plain(SOUND)
    assert tidy(mended) == mended


@pytest.mark.parametrize(
    "damage",
    [
        {":": "："},  # and the blank behind it
        {": ": "："},
        {": ": ":"},
        {":": "：", ",": "，", "{": "｛", "}": "｝", "[": "［", "]": "］"},
        {" ": "\u3000"},
        {" ": "\u00a0"},
        {" ": ""},
        {"  - ": "\t- "},
    ],
    ids=str,
)
@pytest.mark.parametrize("also_wrong", ["", "次数: 两次"])
def test_a_ledger_written_in_another_punctuation_throughout_is_mended(damage, also_wrong):
    """All such lines together, whatever YAML takes them for, and whatever else is wrong."""
    head = "支部: first\n月份: 2026-03\n登记人: 秦雨\n"
    entry = (
        f"  - {{党员: 林远, 项目: 建言献策, 日期: 2026-03-08,\n     备注: 一条{also_wrong and ', ' + also_wrong}}}\n"
    )
    text = head + "活动:\n  - {项目: 党课, 日期: 2026-03-06, 请假: [林远]}\n记录:\n" + entry
    damaged = text
    for sign, other in damage.items():
        damaged = damaged.replace(sign, other)
    assert plain(tidy(damaged)) == plain(text)


@given(st.lists(st.tuples(st.integers(0, len(SOUND)), st.text("：，、 　-{}[]\t\n#月3日", max_size=2)), max_size=4))
def test_no_damage_is_too_odd_and_nothing_sound_is_changed(places):
    text = SOUND
    for index, addition in places:
        text = text[:index] + addition + text[index:]
    mended = tidy(text)
    assert tidy(mended) == mended
    _, problems, _ = ledger_file.read_ledger(text.encode(), LEDGER)
    if not any(problem.is_error for problem in problems):
        assume("，赵磊" not in text and "、赵磊" not in text)
        assert without_joined_names(plain(mended)) == without_joined_names(plain(text))


def without_joined_names(data: object) -> str:
    """The data as text, in which names that a sign of a Chinese keyboard joined are apart."""
    return re.sub(r"[，、；]\s*", "', '", str(data))


@pytest.mark.parametrize(
    "sound",
    [
        SOUND,
        SOUND.replace("\n", "\r\n"),
        SOUND.replace("主题: 学习", "主题: |\n      日期：三月\n      －一\n    late: 学习"),
        SOUND.replace("备注: 一条", '备注: "日期：三月, 党员：一'.replace(", ", "，") + '", late: 一条'),
        "支部: first\n月份: 2026-03\n登记人: 秦雨  # 日期：三月\n",
    ],
)
def test_what_reads_soundly_keeps_every_byte(sound):
    assert tidy(sound) == sound


@pytest.mark.parametrize(
    ("damaged", "kept"),
    [
        ("    日期: 12月28日", "日期: 12月28日"),  # of which year
        ("    日期: 2026-03-05 09:30", "09:30"),
        ("    日期: 三月初", "三月初"),
        ("    日期: 2026-03-05 主题: 学习", "2026-03-05 主题: 学习"),
    ],
)
def test_what_may_mean_two_things_is_left_to_its_writer(damaged, kept):
    text = SOUND.replace("    日期: 2026-03-05", damaged)
    assert kept in tidy(text)


def test_other_mistakes_are_left_as_they_are():
    text = SOUND.replace("项目: 建言献策, ", "").replace("登记人: ", "登记人：")
    assert tidy(text) == text.replace("登记人：", "登记人: ")


def test_a_roster_is_mended():
    sound = (
        "branches:\n  - {id: first, name: 第一党支部}\nmembers:\n  - {id: a, name: 林远, branch: first, status: full}\n"
    )
    damaged = sound.replace("name: ", "name：").replace(", branch", "，branch")
    assert plain(tidy(damaged, "ledgers/roster.yaml")) == plain(sound)


def test_of_an_article_only_the_front_matter_is_mended():
    text = "---\ntitle：通知: 公示\ndate: 2026年3月5日\n---\n正文：一，二\n\n- 日期：三月\n"
    assert tidy(text, "content/notices/x.md") == text.replace("title：通知: 公示", 'title: "通知: 公示"').replace(
        "2026年3月5日", "2026-03-05"
    )
