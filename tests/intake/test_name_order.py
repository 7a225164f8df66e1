"""The table of readings is what pypinyin, of which it was printed, says of each character alone."""

import os
import sys

os.environ["PYPINYIN_NO_PHRASES"] = "true"

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict

from generator.intake.text import name_order
from tests.conftest import PROVE

# What stands in names, and what might: Chinese of all blocks, radicals, other scripts, letters, dots, spaces.
UNASSIGNED = 0x34000  # where planes begin that have no writing
WRITTEN = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.text(st.sampled_from("李单曾丽古·买提〇㐀䶿龦\ue816\ufa18\ufa0e𠀀𨗙𭴓⺁ㄅ 가é-Ab1"), max_size=8),
)


def test_the_table_has_every_reading_of_the_library():
    wanted = {chr(number): lazy_pinyin(chr(number)) for number in pinyin_dict}
    assert len(wanted) > 40_000
    assert {one: [*name_order.text_syllables(one)] for one in wanted} == wanted


@pytest.mark.prove
def test_and_none_that_it_lacks():
    places = [*range(0x80, UNASSIGNED, 3), *range(UNASSIGNED, sys.maxunicode, 1 if PROVE else 101)]
    unread = [chr(one) for one in places if one not in pinyin_dict and not 0xD800 <= one < 0xE000]
    assert [one for one in unread if [*name_order.text_syllables(one)] != [one]] == []


@given(WRITTEN)
def test_texts_are_parted_as_the_library_parts_them(written: str):
    assert [*name_order.text_syllables(written)] == lazy_pinyin(written)


def test_everyday_names_are_plain_and_not_mixed():
    common = [chr(one) for one in range(0x4E00, 0xA000)]
    assert {name_order.is_common_chinese(one) for one in common} == {True}
    assert [
        one for one in common if name_order.normalize_name(one) != one or name_order.has_mixed_scripts(f"李{one}")
    ] == []
    assert [one for one in ("", "李a", "李·", "⼀", "一\u0301") if name_order.is_common_chinese(one)] == []
