"""Workbooks: what is exported comes back as it was, what is changed becomes a draft, and nothing is lost or guessed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from generator.core.ledgers import plain_lines
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.ledgers.plain_lines import PlacedLine
from generator.core.model import corrections
from generator.core.model.ledger import Ledger, ValidLedger
from generator.core.page_data import month_sheets
from generator.intake.files import ledger_file
from generator.problems import Location
from generator.project import Project
from generator.queries import sheet
from generator.queries.sheet import SheetRequest
from generator.render.export import month_workbook
from generator.workflow import import_workbooks
from generator.workflow.import_tables import TableOptions
from tests.conftest import few_examples
from tests.site_project import REPOSITORY, SiteProject, copy_sample, period
from tests.workbook_strategies import ACTIVITIES, ENTRIES, ROSTER, TEXTS, ledger_text
from tests.workbooks import TODAY, FilledWorkbook, bring_in, export, meaning

MARCH = period("2026-03")
LEDGER = "ledgers/2026/jia/03.yaml"


@contextmanager
def new_organ() -> Iterator[SiteProject]:
    with tempfile.TemporaryDirectory() as folder:
        yield SiteProject(Path(folder), ROSTER)


def draft(organ: SiteProject) -> ValidLedger:
    return organ.read(TODAY).draft_ledgers["jia", MARCH]


def exported(organ: SiteProject, *, corrects: bool = False) -> Path:
    result = sheet.make_month_files(Project(organ.root), TODAY, SheetRequest(MARCH, "jia", corrects=corrects))
    assert result.value, result
    file = organ.root / "a.xlsx"
    file.write_bytes(result.value[0].raw)
    return file


def imported(organ: SiteProject, file: Path, *, update: bool = False) -> Any:
    options = TableOptions(None, "", update)
    return import_workbooks.import_files(Project(organ.root), TODAY, {file: file.name}, options, lambda _: True)


def written(organ: SiteProject, file: Path, *, update: bool = False) -> Any:
    result = imported(organ, file, update=update)
    assert [problem for problem in result.problems if problem.is_error] == []
    return result.value.imported[0]


def differences(*sides: list[object]) -> list[tuple[object, ...]]:
    return [pair for pair in zip(*sides, strict=True) if pair[0] != pair[1]]


# --- there and back --------------------------------------------------------------------------------------------------


@settings(few_examples, phases=[Phase.generate])
@given(TEXTS, ACTIVITIES, ENTRIES)
def test_a_ledger_comes_back_as_it_was(recorder: str, held: list[dict[str, Any]], credited: list[dict[str, Any]]):
    with new_organ() as organ:
        ledger = organ.write(LEDGER, ledger_text(recorder, held, credited))
        before = meaning(draft(organ))
        file = exported(organ)
        assert written(organ, file).is_written is False  # made of this very draft, and unchanged
        ledger.unlink()
        assert written(organ, file).is_written
        assert differences(meaning(draft(organ)), before) == []


@settings(few_examples, phases=[Phase.generate])
@given(ACTIVITIES, ENTRIES, ACTIVITIES, ENTRIES)
def test_another_workbook_takes_nothing_from_a_draft(
    held: list[dict[str, Any]], credited: list[dict[str, Any]], more: list[dict[str, Any]], others: list[dict[str, Any]]
):
    with new_organ() as organ:
        organ.write(LEDGER, ledger_text("甲", more, others))
        file = exported(organ)
        organ.write(LEDGER, ledger_text("乙", held, credited))
        before = draft(organ)
        result = imported(organ, file, update=True)
        codes = {problem.code for problem in result.problems if problem.is_error}
        # What was merged may be wrong: a member who is marked may not have belonged to the branch on another day.
        assert codes <= {"workbook.ambiguous-line"}
        after = draft(organ)
        if codes:
            assert after == before
            return
        named = {(line["item"], line["date"], line.get("member")) for line in (*more, *others)}
        titles = {"study": "学习教育"}
        untouched = [
            said
            for part, said in zip(before.parts, meaning(before)[3:], strict=True)
            if (titles.get(part.item.id, part.item.id), str(part.date), getattr(part, "member", None)) not in named
        ]
        remaining = meaning(after)[3:]
        assert all(said in remaining for said in untouched)
        assert len(after.parts) >= len(before.parts)
        again = draft(organ)
        written(organ, file, update=True)
        assert meaning(draft(organ)) == meaning(again)


CHANGES = st.sampled_from(["keep", "drop", "replace"])


@settings(few_examples, phases=[Phase.generate])
@given(ACTIVITIES, ENTRIES, st.data())
def test_a_correction_makes_of_a_sealed_month_what_its_workbook_says(
    held: list[dict[str, Any]], credited: list[dict[str, Any]], data: st.DataObject
):
    fates = [data.draw(CHANGES) for _ in (*held, *credited)]
    other_held, other_credited, new_held, new_credited = (
        data.draw(strategy) for strategy in (ACTIVITIES, ENTRIES, ACTIVITIES, ENTRIES)
    )
    with new_organ() as organ:
        organ.approve(organ.write(LEDGER, ledger_text("甲", held, credited)), meeting="2026-04-02", today=TODAY)
        loaded = organ.read(TODAY)
        labels = [f"a{n}" for n in range(1, len(held) + 1)] + [f"e{n}" for n in range(1, len(credited) + 1)]
        replacements = {"a": other_held, "e": other_credited}
        target: list[tuple[str, dict[str, Any]]] = []
        for label, line, fate in zip(labels, [*held, *credited], fates, strict=True):
            others = replacements[label[0]]
            if fate == "keep" or (fate == "replace" and not others):
                target.append((label, line))
            elif fate == "replace":
                target.append((label, others.pop()))
        target += [("", line) for line in (*new_held, *new_credited)]
        parts = [[line for _, line in target if ("member" in line) is is_entry] for is_entry in (False, True)]
        wanted, problems, _ = ledger_file.read_ledger(ledger_text("甲", *parts).encode(), LEDGER)
        assert isinstance(wanted, Ledger), problems
        context = CheckContext(loaded.roster, loaded.rulebooks[2026], "jia", MARCH, TODAY)
        marks = [label for is_entry in (False, True) for label, line in target if ("member" in line) is is_entry]
        lines = [
            PlacedLine(label, plain_lines.plain_line(line, context), {"": Location("")})
            for label, line in zip(marks, corrections.label_lines(wanted).by_label.values(), strict=True)
            if line
        ]
        seal = loaded.ledger_files.by_name[LEDGER].approval
        assert seal
        origin = month_sheets.make_origin(context, "示例机关", seal.digest, corrects=True)
        cover = {"recorder": "乙", "kind": "误记", "reason": "核对"}
        book = month_sheets.build_month_sheet(context, origin, cover, lines, {})
        file = organ.root / "a.xlsx"
        file.write_bytes(month_workbook.month_sheet_to_xlsx(book))
        done = written(organ, file)
        correction = organ.root / "ledgers/2026/jia/03.c1.yaml"
        after = organ.read(TODAY).effective_ledgers
        assert correction.exists() is done.is_written
        result = (
            after.if_approved[LEDGER.replace(".yaml", ".c1.yaml")] if done.is_written else after.approved["jia", MARCH]
        )
        organ.write(LEDGER, ledger_text("甲", *parts))
        correction.unlink(missing_ok=True)
        assert meaning(result) == meaning(draft(organ))


WRITTEN = """\
# 三月
branch: jia      # 甲支部
month: 2026-03
recorder: 登记员
activities:
# 大会
- {item: general-meeting, date: 2026-03-05, leave: [周敏]}   # 请假条在档案柜
- item: dues
  date: 2026-03-09
entries:
    - {member: 王五, item: suggestion, date: 2026-03-12, note: 窗口}
"""
FILLED = """\
# 三月
branch: jia      # 甲支部
month: 2026-03
recorder: 登记员
activities:
# 大会
- {item: general-meeting, date: 2026-03-05, leave: [周敏]}   # 请假条在档案柜
- item: dues
  date: 2026-03-10
- item: study
  date: 2026-03-20
  title: 学习
entries:
    - {member: 王五, item: suggestion, date: 2026-03-12, note: 窗口}
    - member: 赵六
      item: suggestion
      date: 2026-03-13
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_stays_the_same_keeps_its_text_and_comments(newline: str):
    with new_organ() as organ:
        file = organ.write(LEDGER, "")
        file.write_bytes(WRITTEN.replace("\n", newline).encode())
        (book,) = export(organ, "2026-03", "--branch", "jia")
        filled = FilledWorkbook(book)
        filled.mark(4, {"date": "10日"})
        filled.mark(12, {"item": "学习教育", "date": "2026-03-20", "title": "学习"})
        filled.enter(9, {"member": "赵六", "item": "建言献策", "date": "3月13日"})
        filled.save()
        refused = organ.run("import", book, today=TODAY)
        assert (refused.exit_code, "workbook.draft-exists" in refused.output) == (1, True)
        assert file.read_bytes() == WRITTEN.replace("\n", newline).encode()
        done = bring_in(organ, book, "--update")
        assert file.read_bytes() == FILLED.replace("\n", newline).encode()
        assert "-   date: 2026-03-09" in done.output
        assert "请假条" not in done.output


def test_a_line_that_was_deleted_from_the_workbook_of_this_very_draft_is_deleted_and_from_another_it_is_kept():
    with new_organ() as organ:
        organ.ledger("jia", "2026-03", "entries: [{member: 王五, item: suggestion, date: 2026-03-12}]")
        (book,) = export(organ, "2026-03", "--branch", "jia")
        filled = FilledWorkbook(book)
        filled.sheet(month_sheets.ENTRIES).delete_rows(3)
        filled.save()
        file = organ.ledger(
            "jia", "2026-03", "entries: [{member: 王五, item: suggestion, date: 2026-03-12, note: 改了}]"
        )
        bring_in(organ, book, "--update")
        assert "改了" in file.read_text("utf-8")
        organ.ledger("jia", "2026-03", "entries: [{member: 王五, item: suggestion, date: 2026-03-12}]")
        bring_in(organ, book, "--update")
        assert "entries" not in file.read_text("utf-8")


def test_a_sealed_file_is_never_touched():
    with new_organ() as organ:
        file = organ.ledger("jia", "2026-03", "activities: [{item: dues, date: 2026-03-09}]")
        (book,) = export(organ, "2026-03", "--branch", "jia")
        organ.approve(file, meeting="2026-04-02", today=TODAY)
        sealed = file.read_bytes()
        filled = FilledWorkbook(book)
        filled.mark(3, {"title": "改了"})
        filled.save()
        done = organ.run("import", book, "--update", today=TODAY)
        assert (done.exit_code, "workbook.sealed" in done.output) == (1, True)
        (correcting,) = export(organ, "2026-03", "--branch", "jia", "--correct")
        unchanged = bring_in(organ, correcting)
        assert "没有改动" in unchanged.output
        filled = FilledWorkbook(correcting)
        filled.mark(3, {"title": "改了"})
        filled.cover("recorder", "登记员")
        filled.cover("reason", "核对")
        filled.save()
        bring_in(organ, correcting)
        draft = (organ.root / "ledgers/2026/jia/03.c1.yaml").read_text("utf-8")
        assert "restate:\n  a1:\n    item: dues\n    date: 2026-03-09\n    title: 改了\n" in draft
        assert file.read_bytes() == sealed
        assert organ.run("check", today=TODAY).exit_code == 0


def test_the_workbook_that_is_kept_makes_the_samples_ledger(tmp_path: Path):
    """Filled as a recorder fills it, and saved by LibreOffice."""
    organ = SiteProject.at(copy_sample(tmp_path / "sample"))
    day, key = date(2026, 11, 22), ("third", period("2026-10"))
    written = meaning(organ.read(day).draft_ledgers[key])
    (organ.root / "ledgers/2026/third/10.yaml").unlink()
    done = bring_in(organ, REPOSITORY / "tests/files/workbooks/2026-10-third.xlsx", today=day)
    assert meaning(organ.read(day).draft_ledgers[key]) == written
    assert "提醒" not in done.output
