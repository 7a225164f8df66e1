"""The lines of a sealed file that were changed: all of them, and in words that fit into a hint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.sealing import changed_lines

TEXTS = st.lists(st.sampled_from(["a", "b", "", "  c", "长" * 80]), max_size=12)


@given(TEXTS, TEXTS)
def test_the_changes_turn_what_is_there_into_the_original(original: list[str], current: list[str]):
    restored = list(current)
    for change in reversed(list(changed_lines.find_changed_lines(original, current))):
        start = change.current_start - 1
        assert restored[start : start + len(change.current_lines)] == change.current_lines
        restored[start : start + len(change.current_lines)] = change.original_lines
        begin = change.original_start - 1
        assert original[begin : begin + len(change.original_lines)] == change.original_lines
    assert restored == original


@given(TEXTS, TEXTS)
def test_a_description_is_short(original: list[str], current: list[str]):
    described = changed_lines.describe_changed_lines(original, current)
    assert len(described) < 500
    assert ("文字没有变" in described) == (original == current)


@pytest.mark.parametrize(
    ("original", "current", "described"),
    [
        (["a", "b"], ["a", "c"], "第 2 行原为“b”，现为“c”"),
        (["a", "b"], ["a"], "原第 2 行“b”不见了"),
        (["a"], ["a", "b", "c"], "多出第 2 行“b”等 2 行"),
        (["a", "b", "c"], ["x"], "第 1 行原为“a”等 3 行，现为“x”"),
        (["a"], ["a"], "文字没有变，变的是编码或换行"),
        (
            ["1", "-", "2", "-", "3", "-", "4"],
            ["x", "-", "x", "-", "x", "-", "x"],
            "第 1 行原为“1”，现为“x”；第 3 行原为“2”，现为“x”；第 5 行原为“3”，现为“x”；这样的改动共 4 处",
        ),
        (
            ["  " + "长" * 70 + "1 期"],
            ["  " + "长" * 70 + "2 期"],
            f"第 1 行原为“…{'长' * 30}1 期”，现为“…{'长' * 30}2 期”",
        ),
    ],
)
def test_changes_in_words(original: list[str], current: list[str], described: str):
    assert changed_lines.describe_changed_lines(original, current) == described


def test_two_large_files_are_compared_at_once_and_listed_in_part():
    original, current = [f"{number}" for number in range(20_000)], [f"{number}" for number in range(1, 40_000, 2)]
    assert len(list(changed_lines.find_changed_lines(original, current))) == 1
    listed = changed_lines.list_changed_lines(original, current)
    assert (len(listed), listed[-1]) == (201, "……还有 39801 行")
