"""What a sheet of a month calls its members."""

from datetime import date
from types import SimpleNamespace

from generator.core.page_data import month_sheets


def test_a_name_that_several_had_is_written_with_the_aka_or_the_id():
    names = {"a": ("甲", None), "b": ("乙", None), "c": ("乙", "大"), "e": ("乙", "小"), "f": ("乙", "小")}
    labels = {member: {name, f"{name}（{aka}）"} for member, (name, aka) in names.items()}
    roster = SimpleNamespace(
        member_by_id={member: SimpleNamespace(named_on=lambda _, member=member: called(member)) for member in names},
        members_by_name={
            label: [member for member in names if label in labels[member]] for label in set().union(*labels.values())
        },
    )
    context = SimpleNamespace(roster=roster, month=SimpleNamespace(last=date(2026, 1, 31)))

    def called(member: str) -> SimpleNamespace:
        name, aka = names[member]
        return SimpleNamespace(name=name, aka=aka)

    assert [month_sheets.label_member(word, context) for word in "abcdef"] == [
        *("甲", "乙（b）", "乙（大）", "d", "乙（e）", "乙（f）")
    ]
