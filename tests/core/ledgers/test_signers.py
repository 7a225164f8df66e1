"""Who signs: on the roster of the day, and never a recorder in any spelling."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.ledgers import signers
from generator.core.ledgers.signers import Signer, SigningRole
from generator.core.model.roster import Roster
from generator.core.model.settings import NameOrder
from generator.intake.files import roster_file
from generator.problems import Location, Problem

TEXT = """
branches: [{id: jia, name: 甲支部}, {id: yi, name: 乙支部}]
members:
  - {id: zhou-min, name: 周敏, branch: jia, status: full}
  - {id: wang-fang, name: 王芳, branch: jia, status: full, changes: [{from: 2026-03-01, name: 王若芳}]}
  - {id: wang-fang-2, name: 王芳芳, branch: jia, status: full}
  - {id: li-jing, name: 李静, branch: jia, status: full, aka: 办公室}
  - {id: li-jing-2, name: 李静, branch: yi, status: full, aka: 案管室}
  - {id: gu-li, name: 古丽·买买提, branch: jia, status: full}
  - {id: zhao-lei, name: 赵磊, branch: yi, status: full, changes: [{from: 2026-02-10, branch: jia}]}
  - {id: sun-qi, name: 孙琦, branch: jia, status: full, changes: [{from: 2026-02-01, left: 退休}]}
"""
DAY = date(2026, 2, 3)
WHERE = Location("ledgers/2026/jia/01.yaml")


def read() -> Roster:
    roster, problems = roster_file.read_roster(TEXT.encode(), "ledgers/roster.yaml", NameOrder.PINYIN)
    assert roster is not None, problems
    return roster


ROSTER = read()


def sign(word: str, branch: str | None = "jia", *, acting: bool = False, day: date = DAY) -> Signer | Problem:
    return signers.find_signer(word, SigningRole("审核人", "--by", day, branch), ROSTER, WHERE, acting=acting)


@pytest.mark.parametrize(
    ("text", "member", "expected"),
    [
        ("若芳", "wang-fang", True),
        ("周敏、若芳", "wang-fang", True),
        ("芳", "wang-fang", True),
        ("芳芳", "wang-fang-2", True),
        ("芳芳", "wang-fang", False),
        ("磊和静", "zhao-lei", True),
        ("磊落", "zhao-lei", False),
        ("登记员", "zhao-lei", False),
        ("买买提", "gu-li", True),
        ("周敏、古丽", "gu-li", True),
        *(
            (text, "zhou-min", True)
            for text in ("zhoumin", "ZHOU MIN", "Zhōu Mǐn", "zm", "王芳、zhoumin", "li jing zhou min")
        ),
        *(
            (text, "zhou-min", True)
            for text in ("小周", "老周", "周书记", "周副书记", "周组织委员", "周同志", "王芳和小周")
        ),
        *((text, "zhou-min", True) for text in ("周ˑ敏", "周○敏", "周~敏", "周’敏", "周\u0301敏", "周＿敏", "周……敏")),
        *((text, "wang-fang", True) for text in ("wangruofang", "wangfang", "王主任")),
        *((text, "zhou-min", False) for text in ("zhoumi", "小王", "书记", "周、静", "组织委员", "zhou")),
    ],
)
def test_a_recorder_without_surname_is_recognised(text: str, member: str, *, expected: bool):
    assert signers.is_same_person(text, Signer("某人", ROSTER.member_by_id[member]), ROSTER) is expected


# --- on the roster of the day ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "branch", "day", "name"),
    [
        ("周敏", "jia", DAY, "周敏"),
        ("zhou-min", "jia", DAY, "周敏"),
        ("李静", "jia", DAY, "李静"),
        ("李静（办公室）", "jia", DAY, "李静"),
        ("li-jing-2", None, DAY, "李静（案管室）"),
        ("王芳", "jia", DAY, "王芳"),
        ("王若芳", "jia", DAY, "王芳"),
        ("王芳", "jia", date(2026, 3, 2), "王若芳"),
        ("赵磊", "yi", DAY, "赵磊"),
        ("赵磊", "jia", date(2026, 2, 10), "赵磊"),
        ("赵磊", None, DAY, "赵磊"),
    ],
)
def test_a_signer_has_the_rosters_name_of_the_day(word: str, branch: str | None, day: date, name: str):
    signer = sign(word, branch, day=day)
    assert isinstance(signer, Signer)
    assert (signer.name, signer.acting, signer.member is not None) == (name, False, True)


@pytest.mark.parametrize(
    ("word", "branch", "code"),
    [
        ("赵磊", "jia", "approve.not-on-roster"),
        ("李静", None, "approve.ambiguous-approver"),
        ("孙琦", "jia", "approve.not-on-roster"),
        ("孙琦", None, "approve.not-on-roster"),
        ("周明", "jia", "approve.unknown-approver"),
        ("周敏同志", "jia", "approve.unknown-approver"),
    ],
)
def test_whoever_is_not_on_the_roster_does_not_sign(word: str, branch: str | None, code: str):
    problem = sign(word, branch)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.is_error, problem.where) == (code, True, WHERE)


@pytest.mark.parametrize(
    ("word", "name", "member"),
    [("zhao-lei", "赵磊", "zhao-lei"), ("孙琦", "孙琦", None), ("徐处长", "徐处长", None), ("李静", "李静", "li-jing")],
)
def test_with_a_reason_anybody_signs(word: str, name: str, member: str | None):
    signer = sign(word, acting=True)
    assert isinstance(signer, Signer)
    assert (signer.name, signer.member and signer.member.id) == (name, member)
    assert signer.acting == (member != "li-jing")


# --- never a recorder ------------------------------------------------------------------------------------------------


def same(text: str, word: str, *, acting: bool = False) -> bool:
    signer = sign(word, acting=acting)
    assert isinstance(signer, Signer)
    return signers.is_same_person(text, signer, ROSTER)


@pytest.mark.parametrize("word", ["王芳", "wang-fang", "王若芳"])
@pytest.mark.parametrize(
    "text",
    [
        "王芳",
        "王　芳",
        "王 芳",
        "周敏 王芳",
        "王芳/周敏",
        "王芳和周敏",
        "周敏与王芳",
        "周敏及王芳",
        "周敏&王芳",
        "周敏+王芳",
        "周敏|王芳",
        "周敏·王芳",
        "周敏王芳",
        "王芳同志",
        "组织委员王芳",
        "王芳、周敏",
        "王芳,周敏",
        "王芳；周敏",
        "王芳（组织委员）",
        "（王芳）",
        "wang-fang",
        "Wang-Fang",
        "WANG FANG",
        "ｗａｎｇ－ｆａｎｇ",
        "王若芳",
        "周敏（代王芳）",
        "王芳芳 王芳",
        "王芳 芳",
    ],
)
def test_an_approver_is_found_among_recorders_in_any_spelling(word: str, text: str):
    assert same(text, word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "王芳"),
        ("周敏", "王芳"),
        ("王芳芳", "王芳"),
        ("王芳芳、周敏", "王芳"),
        ("wang-fang-2", "王芳"),
        ("wang-fangs", "王芳"),
        ("李静（案管室）", "李静"),
        ("登记员", "周敏"),
    ],
)
def test_another_person_is_no_recorder(text: str, word: str):
    assert not same(text, word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("王芳", "王芳同志"),
        ("周敏、王芳", "组织委员王芳"),
        ("徐处长", "徐处长"),
        ("徐 处长", "徐处长"),
        ("徐处长、周敏", "徐处长同志"),
        ("周敏 徐处长", "徐处长同志"),
        ("机关徐处长", "徐处长"),
        ("古丽买买提", "古丽.买买提同志"),
    ],
)
def test_whoever_acts_is_no_recorder_either(text: str, word: str):
    assert same(text, word, acting=True)


@pytest.mark.parametrize(("text", "word"), [("登记员", "审核员"), ("王芳芳", "王若"), ("周敏", "徐处长")])
def test_whoever_acts_may_be_another(text: str, word: str):
    assert not same(text, word, acting=True)


SEPARATORS = st.sampled_from(
    ["", " ", "　", "/", "&", "+", "|", "·", "、", "，", ",", "；", "和", "与", "及", "(", "（"]
)
TITLES = st.sampled_from(["", "同志", "组织委员", "（宣传委员）", "书记"])


@given(
    st.lists(st.tuples(st.sampled_from(["周敏", "李静", "赵磊"]), TITLES), max_size=3), SEPARATORS, TITLES, st.data()
)
def test_a_recorder_among_others_never_approves(
    others: list[tuple[str, str]], separator: str, title: str, data: st.DataObject
):
    spelling = data.draw(st.sampled_from(["王芳", "王 芳", "WANG-FANG", "王若芳"]))
    texts = [name + office for name, office in others]
    texts.insert(data.draw(st.integers(0, len(texts))), spelling + title)
    assert same(separator.join(texts), "王芳")


def test_two_of_one_name_are_two_signers():
    first, second = sign("李静"), sign("li-jing-2", None)
    assert isinstance(first, Signer)
    assert isinstance(second, Signer)
    assert not signers.is_same_signer(first, second, ROSTER)
    assert signers.is_same_signer(first, first, ROSTER)


def test_a_signer_on_the_roster_and_one_who_is_not_may_be_one_person():
    member = ROSTER.member_by_id["gu-li"]
    signer, other = Signer(member.name, member), Signer("古丽", None)
    assert signers.is_same_signer(signer, other, ROSTER)
    assert signers.is_same_signer(other, signer, ROSTER)
    assert not signers.is_same_signer(signer, Signer("周敏", None), ROSTER)
