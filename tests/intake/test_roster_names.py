"""Names in the roster that can't be right: what is said of them, and what is never recommended."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.basics import characters
from generator.core.model.settings import NameOrder
from generator.intake.files import roster_file
from generator.intake.text import name_order
from generator.problems import Problem

ROSTER = "ledgers/roster.yaml"
# As GB 18030-2005 lists them: what the private characters from U+E815 on stand for.
GBK = {0xE816: "𠂇", 0xE81A: "㑳", 0xE831: "𡗗", 0xE844: "䜣", 0xE84F: "䦆", 0xE85C: "䴓", 0xE863: "䶮", 0xE864: "龻"}


def problems(name: str, aka: str = "", branch: str = "甲") -> list[Problem]:
    beside = f"aka: {quote(aka)}, " if aka else ""
    text = (
        f"branches: [{{id: jia, name: {quote(branch)}}}]\n"
        f"members: [{{id: a, name: {quote(name)}, {beside}branch: jia, status: full}}]\n"
    )
    return roster_file.read_roster(text.encode(), ROSTER, NameOrder.PINYIN)[1]


def quote(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("李 强", "李强"),
        ("李  强", "李强"),
        ("李\u3000强", "李强"),
        ("李\u3000\u3000强", "李强"),
        ("李\u00a0强", "李强"),
        ("李\u2002强", "李强"),
        ("李\u2003强", "李强"),
        ("李\u2009强", "李强"),
        ("李 小 强", "李小强"),
        ("欧阳 娜娜", "欧阳娜娜"),
        ("𠮷 田", "𠮷田"),
        ("李 〇", "李〇"),
        ("阿迪力 吐尔逊", "阿迪力·吐尔逊"),
        ("王\ue863", "王䶮"),
        ("\ue844建国", "䜣建国"),
        ("王 \ue863", "王䶮"),
        ("阿迪力.吐尔逊", "阿迪力·吐尔逊"),
        ("阿迪力。吐尔逊", "阿迪力·吐尔逊"),
        ("阿迪力．吐尔逊", "阿迪力·吐尔逊"),
        ("阿迪力•吐尔逊", "阿迪力·吐尔逊"),
        ("阿迪力･吐尔逊", "阿迪力·吐尔逊"),
        ("古丽\ue863.买买提", "古丽䶮·买买提"),
        *((f"王{chr(code_point)}", f"王{character}") for code_point, character in GBK.items()),
    ],
)
def test_what_it_should_be_is_said(name: str, meant: str):
    (problem,) = problems(name)
    assert problem.code == "roster.look-alike"
    assert problem.is_error
    assert problem.hint.startswith(f"请改写成“{meant}”")
    assert problems(meant) == []


@pytest.mark.parametrize(
    "name",
    [
        "李强\uf123",
        "李\ue000",
        "李\uf8ff",
        "李\U000f0001强",
        "李\U0010fffd",
        "王\ue815",  # a radical, which no name has
        "黄?",
        "黄？",
        "?",
        "李\ufffd",
        "李□",
        "李■明",
        "李▯",
        "李〓",
        "李○",
        "李◯",
        "李●",
        "李*",
        "李＊强",
        "李⿰王炎",
        "李\u2370",
        "黄 ?",
        "王\ue863?",
    ],
)
@pytest.mark.parametrize("place", ["name", "aka", "branch"])
def test_a_character_that_was_lost_is_told_and_none_recommended(name: str, place: str):
    (problem,) = problems(**{"name": "李强", place: name})
    assert problem.code == "roster.lost-character"
    assert problem.is_error
    assert "改写成" not in problem.hint


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("李强1", "李强"),
        ("李强２", "李强"),
        ("李强②", "李强"),
        ("李强²", "李强"),
        ("李强Ⅱ", "李强"),
        ("李　强１", "李强"),
        ("李强-1", "李强"),
        ("01 李强", "李强"),
        ("1、李强", "李强"),
        ("Anna 2", "Anna"),
        ("李强\u0301", "李强"),
        ("李\u0301强", "李强"),
        ("\u0301李强", "李强"),
        ("李强\u20dd", "李强"),
        ("李强\u3099", "李强"),
        ("王\ue863\u0301", "王䶮"),
        ("李强，", "李强"),
        ("李强。", "李强"),
        ("“李强”", "李强"),
        ("（李强）", "李强"),
        ("@李强", "李强"),
        ("李强★", "李强"),
        ("李强🙂", "李强"),
        ("·李强", "李强"),
        ("李强（预备党员）", "李强"),
    ],
)
def test_a_sign_that_no_name_has_is_told_with_the_name_without_it(name: str, meant: str):
    (problem,) = problems(name)
    assert problem.code == "roster.name-sign"
    assert problem.is_error
    assert problem.hint.startswith(f"请改写成“{meant}”")
    assert problems(meant) == []


@pytest.mark.parametrize("name", ["1李强", "1组李强", "李〡", "李强、王芳", "李强/王芳", "李··强"])
def test_where_the_name_is_not_sure_none_is_recommended(name: str):
    (problem,) = problems(name)
    assert problem.code == "roster.name-sign"
    assert problem.is_error
    assert problem.hint.startswith("请照身份证重新输入姓名")


@pytest.mark.parametrize("name", ["Ole´", "李强´"])
def test_no_mark_is_recommended_for_a_sign_that_looks_like_it(name: str):
    (problem,) = problems(name)
    assert (problem.code, problem.hint) == ("roster.look-alike", "请照身份证重新输入")


@pytest.mark.parametrize("name", ["李强（大）", "李强(大)", "李强 （大）", "李强[大]", "李强【大】"])
def test_a_word_that_distinguishes_belongs_beside_the_name(name: str):
    (problem,) = problems(name)
    assert problem.is_error
    assert "“大”是用来区别同名的，名册里写 name: 李强, aka: 大，名单里写 李强（大）" in problem.hint
    assert problems("李强", aka="大") == []


@pytest.mark.parametrize(("name", "is_error"), [("李强A", False), ("李强 b", False), ("李强Ａ", True)])
def test_a_letter_behind_a_name_may_be_part_of_it(name: str, is_error: bool):  # noqa: FBT001
    (problem,) = problems(name)
    assert problem.code == "roster.name-sign"
    assert problem.is_error is is_error
    assert "名册里写 name: 李强, aka: " in problem.hint


@pytest.mark.parametrize("place", ["aka", "branch"])
def test_only_marks_are_out_of_place_in_other_words(place: str):
    assert problems("李强", **{place: "第1组（大）、二楼"}) == []
    (problem,) = problems("李强", **{place: "办公室\u0301"})
    assert problem.hint == "请改写成“办公室”"


@pytest.mark.parametrize(
    "name",
    [
        "李强",
        "赵C",
        "O'Neil",
        "Jean-Luc",
        "Smith, Jr.",
        "J.R.R. Tolkien",
        "Nguyễn Văn",
        "Ñ\u0303andu",
        "ཚེ་རིང",
        "阿卜杜拉·艾力·买买提",
        "王小明·Ali",
        "李〇",
        "欧阳娜娜",
        "𬱖",
        "王䶮",
        "阿迪力·吐尔逊",
        "Anna Müller",
        "J. Smith",
        "古丽 (Güli)",
        "李 A",
        "佐々木",
        "𠮷田",
    ],
)
def test_names_that_people_have_pass(name: str):
    assert problems(name) == []


@pytest.mark.parametrize("word", ["办公室 副主任", "第一党支部 （机关）", "二七区检察院 第一党支部"])
def test_branches_and_words_beside_names_may_have_blanks(word: str):
    assert problems("李强", aka=word, branch=word) == []


def test_all_of_gbks_private_characters_are_standard_ones_or_refused():
    for code_point in range(0xE815, 0xE865):
        character = characters.standardize_characters(chr(code_point))
        if character == chr(code_point):
            assert problems(f"王{character}")[0].code == "roster.lost-character"
        else:
            assert unicodedata.name(character).startswith("CJK UNIFIED IDEOGRAPH")
            assert problems(f"王{character}") == []
            assert GBK.get(code_point, character) == character


@given(st.text(st.sampled_from("李强 \u3000\u00a0.·\ue863\uf123?\ufffd□a䶮〇•1²\u0301，（）"), min_size=1, max_size=6))
def test_whatever_is_recommended_passes(name: str):
    told = problems(name) if name.strip() else []
    for problem in told:
        if problem.hint.startswith("请改写成“"):
            meant = problem.hint.removeprefix("请改写成“").partition("”")[0]
            assert characters.is_sound_name(meant)
            assert [
                one for one in problems(meant) if one.code != "roster.look-alike" or "另一种文字" not in one.message
            ] == []


@given(st.text(max_size=8))
def test_normal_forms_stay(name: str):
    normal = name_order.close_blanks(name_order.normalize_name(name))
    assert name_order.close_blanks(name_order.normalize_name(normal)) == normal
