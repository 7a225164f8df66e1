"""Slips in YAML: what is recognized, where, and what mends it; texts stay as they are."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.intake.files import ledger_file
from generator.intake.text import slips, yaml_nodes


def mend(text: str) -> str:
    return slips.apply_edits(text, [edit for slip in slips.find_slips(text) for edit in slip.edits])


# A slip is marked by the signs at its caret.
LINE = "  - {党员: 林远, 项目: 建言献策, 日期: 2026-03-05, 备注: 一条，两点：好}\n"


@pytest.mark.parametrize(
    ("written", "caret", "meant"),
    [
        ("- {项目: 党课, 日期：2026-03-05}", "：", "- {项目: 党课, 日期: 2026-03-05}"),
        ("请假: 【李强、周敏】", "【", "请假: [李强, 周敏]"),
        ("缺席: （王芳）", "（", "缺席: [王芳]"),
        ("参加: (李强，周敏)", "(", "参加: [李强, 周敏]"),
        ("- {请假: 〔李强〕, 日期: 2026-03-05}", "〔", "- {请假: [李强], 日期: 2026-03-05}"),
        ("- {项目: 党课, 日期:2026-03-05}", ":2", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- {项目: 党课, 日期﹕2026-03-05}", "﹕", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- {项目: 党课，日期: 2026-03-05}", "，", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- {项目: 党课、日期: 2026-03-05}", "、", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- {项目: 党课；日期: 2026-03-05}", "；", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- {项目: 党课; 日期: 2026-03-05}", "; ", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- {项目: 党课 日期: 2026-03-05}", "日", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- {项目: 党课,, 日期: 2026-03-05}", ", 日", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- {项目: 党课,　日期: 2026-03-05}", "　", "- {项目: 党课, 日期: 2026-03-05}"),
        ("- ｛项目: 党课｝", "｛", "- {项目: 党课}"),
        ("- {项目: 党课", "{", "- {项目: 党课}"),
        ("-{项目: 党课}", "-", "- {项目: 党课}"),
        ("－ {项目: 党课}", "－", "- {项目: 党课}"),
        ("-　项目: 党课", "　", "- 项目: 党课"),
        ("-项目: 党课", "-", "- 项目: 党课"),
        ("- {项目: 党课, 主题: 大会: 学习}", ": 学", '- {项目: 党课, 主题: "大会: 学习"}'),
        ("- {项目: 党课, 主题: 学习 #1}", "#", '- {项目: 党课, 主题: "学习 #1"}'),
        ("- {项目: 党课, 主题: 学习,讨论}", ",讨", '- {项目: 党课, 主题: "学习,讨论"}'),
        ("- {项目: 党课, 主题: 学习[一]}", "[", '- {项目: 党课, 主题: "学习[一]"}'),
        ('- {项目: 党课, 主题: "大会"学习}', '"', "- {项目: 党课, 主题: '\"大会\"学习'}"),
        ("- {项目: 党课, 主题: [一]学习}", "[", '- {项目: 党课, 主题: "[一]学习"}'),
        ("- {项目: 党课, 主题: - 学习, 日期: 2026-03-05}", "- 学", '- {项目: 党课, 主题: "- 学习", 日期: 2026-03-05}'),
        ("- {项目: 党课, 主题: 学习, 请假[林远]}", "请", "- {项目: 党课, 主题: 学习, 请假: [林远]}"),
        ("主题: 大会: 学习", ": 学", '主题: "大会: 学习"'),
        ('主题: "大会" 学习', " 学", "主题: '\"大会\" 学习'"),
        ("主题: @全体", "@", '主题: "@全体"'),
        ("请假:[林远]", ":[", "请假: [林远]"),
        ("请假: ［林远］", "［", "请假: [林远]"),
        ("请假: [林远、秦雨]", "、", "请假: [林远, 秦雨]"),
        ("请假: [林远，秦雨", "[", "请假: [林远, 秦雨]"),
        ("请假: [林远],", ",", "请假: [林远]"),
        ("请假: [林远}", "}", "请假: [林远]"),
        ("支部： 第一党支部", "：", "支部: 第一党支部"),
        ("支部:　第一党支部", "　", "支部: 第一党支部"),
        ("活动：", "：", "活动:"),
        ("支部: “第一党支部”", "“", '支部: "第一党支部"'),
    ],
)
def test_a_slip_is_named_at_its_place_and_mended(written, caret, meant):
    first = slips.find_slips(written)[0]
    assert written[first.index :].startswith(caret)
    assert mend(written) == meant
    assert slips.find_slips(meant) == []


@pytest.mark.parametrize(
    "sound",
    [
        "主题: 学习，讨论：一、二；三",
        "主题: ［重要］学习",
        "主题: 【重要】学习（一）",
        "- {主题: 【重要】, 佐证: {签到表: 【一】.pdf}}",
        "主题: “学习”",
        "主题: 12:30开会",
        "备注: 一\n  日期不详，另记\n",
        "备注: |\n  日期：三月\n  - 一\n",
        "备注: '引号：里，面 #1'",
        "- {备注: 一，二：三, 日期: 2026-03-05}",
        "- {佐证: {签到表: 一，二.pdf, 照片: [甲、乙.jpg]}, 日期: 2026-03-05}",
        "支部: first  # 说明：一，二",
        "# 日期：三月\n支部: first",
        "{支部: first,\n  月份: 2026-03}\n",
        "---\n支部: first",
    ],
)
def test_what_is_sound_has_no_slips(sound):
    assert slips.find_slips(sound) == []
    assert yaml_nodes.parse_yaml(sound, "x.yaml")[1] == []


@pytest.mark.parametrize(
    "two_readings",
    [
        "- {项目: 学习, 主题: 一, 二, 次数 2}",  # a text with commas, or a key without its colon
        "- {备注: 心得, 次数2, 日期: 2026-03-05}",
        "主题: 大会 日期: 2026-03-05",
        "请假: （李强）周敏",
        "缺席: （王芳（办）、周敏）",
        "- {项目: 党课, 佐证: {照片: a, 甲，乙: b}}",
        "活动\n",
        "\t日期: 2026-03-05",
    ],
)
def test_what_may_mean_two_things_is_left_alone(two_readings):
    assert mend(two_readings) == two_readings


TEXT = st.text(alphabet="学习会，：、；“”（）!?. 一1", min_size=1, max_size=12).map(str.strip).filter(bool)
SLIPS = {": ": ("：", "： ", ":"), ", ": ("，", "， ", "；"), "- ": ("-", "－ ", "-　"), "[": ("［",), "]": ("］",)}


@given(title=TEXT, note=TEXT, choices=st.lists(st.integers(0, 3), min_size=40, max_size=40))
@example(title="一：二，三", note="日期，党员", choices=[1] * 40)
def test_a_damaged_ledger_reads_as_before(title, note, choices):
    """Signs of YAML are exchanged for those of a Chinese keyboard; texts keep theirs."""
    pieces = [
        "支部",
        ": ",
        "first\n月份",
        ": ",
        "2026-03\n登记人",
        ": ",
        "秦雨\n活动:\n  ",
        "- ",
        "{项目",
        ": ",
        "党课",
    ]
    pieces += [", ", "日期", ": ", "2026-03-05", ", ", "请假", ": ", "[", "林远", ", ", "赵磊", "]", ", ", "主题", ": "]
    pieces += [title, "}\n记录:\n  ", "- ", "{党员", ": ", "林远", ", ", "项目", ": ", "建言", ", ", "日期", ": "]
    pieces += ["2026-03-06", ", ", "备注", ": ", note, "}\n"]
    damaged, choice = [], iter(choices)
    for number, piece in enumerate(pieces):
        options = SLIPS.get(piece, ()) if number not in {26, 45} else ()
        index = next(choice, 0) if options else 0
        damaged.append(options[index - 1] if 0 < index <= len(options) else piece)
    sound, broken = "".join(pieces), "".join(damaged)
    expected = ledger_file.read_ledger(sound.encode(), "ledgers/2026/first/03.yaml")
    if expected[0] is None or expected[0].entries[0].note != note or expected[0].activities[0].title != title:
        return  # a text that needs quotation marks
    assert without_places(mend(broken)) == without_places(sound)
    assert mend(sound) == sound


def without_places(text: str) -> object:
    node, problems = yaml_nodes.parse_yaml(text, "x.yaml")
    assert node is not None, problems
    return yaml_nodes.to_plain_data(node)


@given(st.text(alphabet="项目日期: ：，、-{}[]［］“”\"'#\n\t　|>&!@ab1,;", max_size=60))
def test_no_text_is_too_odd(text):
    """Neither the scan nor its edits fail, and mending twice is mending once."""
    marked = slips.find_slips(text)
    assert all(0 <= slip.index <= len(text) for slip in marked)
    mend(mend(text))


def test_deep_brackets_end():
    assert slips.find_slips("[" * 100_000) == []
