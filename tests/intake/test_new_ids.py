"""Ids from names: surnames read as surnames, each id once, and only what a file name can have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.intake.text import fields, new_ids


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("李静", "li-jing"),
        ("单丽", "shan-li"),
        ("查玉琴", "zha-yuqin"),
        ("解放", "xie-fang"),
        ("曾凡玲", "zeng-fanling"),
        ("仇刚", "qiu-gang"),
        ("区伯", "ou-bo"),
        ("欧阳修", "ouyang-xiu"),
        ("单于敏", "chanyu-min"),
        ("尉迟恭", "yuchi-gong"),
        ("长孙无忌", "zhangsun-wuji"),
        ("司马", "si-ma"),  # two characters: a surname and a name
        ("吕布", "lv-bu"),
        ("古丽·买买提", "guli-maimaiti"),
        ("王", "wang"),
        ("𠮷", "x"),  # no reading is known
    ],
)
def test_a_member_is_named_by_surname_and_name(name: str, expected: str):
    assert new_ids.make_member_id(name, None, ()) == expected


def test_the_reading_that_is_given_decides():
    assert new_ids.make_member_id("覃丽", "tan li", ()) == "tan-li"


def test_namesakes_are_told_apart_by_numbers():
    assert new_ids.make_member_id("李静", None, {"li-jing"}) == "li-jing-2"
    assert new_ids.make_member_id("李晶", None, {"li-jing", "li-jing-2"}) == "li-jing-3"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("第一党支部", "diyi"),
        ("办公室支部", "bangongshi"),
        ("中共示例区委老干部局第二党支部委员会", "shiliquweilaoganbujudier"),
        ("党支部", "dangzhibu"),
        ("Index", "index-2"),  # a reserved word
    ],
)
def test_a_branch_is_named_by_what_distinguishes_it(name: str, expected: str):
    assert new_ids.make_branch_id(name, ()) == expected


@given(st.lists(st.text(min_size=1, max_size=70), max_size=12))
def test_every_id_is_usable_and_new(names: list[str]):
    used: set[str] = set()
    for name in names:
        for ident in (new_ids.make_member_id(name, None, used), new_ids.make_branch_id(name, used)):
            assert fields.is_usable_id(ident)
            assert ident not in used
        used.add(new_ids.make_member_id(name, None, used))
