"""What a sheet of a month calls its members."""

from datetime import date
from types import SimpleNamespace

from generator.core.page_data import month_sheets


def test_a_name_that_several_had_is_written_with_the_id():
    names = {"a": "甲", "b": "乙", "c": "乙"}
    roster = SimpleNamespace(
        member_by_id={member: SimpleNamespace(named_on=lambda _, member=member: called(member)) for member in names},
        members_by_name={name: [member for member in names if names[member] == name] for name in names.values()},
    )
    context = SimpleNamespace(roster=roster, month=SimpleNamespace(last=date(2026, 1, 31)))

    def called(member: str) -> SimpleNamespace:
        return SimpleNamespace(name=names[member])

    assert [month_sheets.label_member(word, context) for word in "abd"] == ["甲", "乙（b）", "d"]
