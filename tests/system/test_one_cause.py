"""One change in what all ledgers rest on is told once, with how many files it concerns and which."""

import json
import os
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import PROVE
from tests.site_project import REPOSITORY, SiteProject

TODAY = date(2026, 11, 20)
ROSTER, RULES = "ledgers/roster.yaml", "ledgers/rulebooks/erqi-2021.yaml"
TIAN = r"\{id: tian-pei, name: 田沛, branch: first, status: full"
TWIN = "  - {id: tian, name: 田沛, branch: first, status: full, aka: 甲}\\n"
# What was changed: the file, a pattern, what stands in its place, and the code that says so once at the file's place.
CHANGES = {
    "an item has another title": (RULES, "title: 学习教育", "title: 学习与教育", "ledger.unknown-item"),
    "an item has another id": (RULES, "  - id: study", "  - id: learning", "ledger.unknown-item"),
    "a level has another id": (RULES, "placed", "won", "ledger.level-unknown"),
    "a proof has another id": (RULES, "photo", "picture", "ledger.missing-evidence"),
    "nobody is on the roll any more": (RULES, "roll: true", "roll: false", "ledger.present-missing"),
    "a group has another id": (RULES, r"\{id: basic", "{id: base", "rulebook.unknown-group"),
    "a deduction is gone": (RULES, r"  - \{id: leave,.*\n", "", "rulebook.unknown-deduction"),
    "a member is gone": (ROSTER, rf"  - {TIAN}.*\n", "", "ledger.unknown-member"),
    "all members have other names": (ROSTER, "name: ", "name: 新", "ledger.unknown-member"),
    "a member came later": (ROSTER, TIAN, r"\g<0>, since: 2026-06-01", "ledger.not-on-roster"),
    "another member has the name": (ROSTER, rf"  - {TIAN}", rf"{TWIN}\g<0>", "ledger.ambiguous-member"),
    "a branch is gone": (ROSTER, r"  - \{id: first,.*\n", "", "roster.unknown-branch"),
    "a branch came later": (ROSTER, r"\{id: first,", r"\g<0> since: 2026-06-01,", "roster.branch-days"),
    "a key is written otherwise": (ROSTER, "status: ", "state: ", "field.unknown-key"),
}


ROSTER_TEXT = """\
branches: [{id: jia, name: 第一党支部}, {id: yi, name: 第二党支部}]
members:
  - {id: ding-yi, name: 丁一, branch: jia, status: full}
  - {id: wang-fang, name: 王芳, branch: yi, status: full}
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("sample")
    for folder in ("content", "ledgers"):
        shutil.copytree(REPOSITORY / folder, root / folder)
    (root / "ledgers/2026/third/10.yaml").unlink()  # a draft: to mend it is another matter than what is sealed
    return root


def list_errors(root: Path) -> list[dict[str, object]]:
    answer = json.loads(SiteProject.at(root).run("check", "--format", "json", today=TODAY).stdout)
    return [problem for problem in answer if problem["severity"] == "error"]


CHOSEN = list(CHANGES) if PROVE else [*CHANGES][::3]


@pytest.mark.prove
@pytest.mark.parametrize("name", CHOSEN)
def test_a_change_of_roster_or_rulebook_is_told_once(name: str, sample: Path):
    file, pattern, replacement, code = CHANGES[name]
    sound = (sample / file).read_text(encoding="utf-8")
    changed, count = re.subn(pattern, replacement, sound)
    assert count
    try:
        (sample / file).write_text(changed, encoding="utf-8")
        errors = list_errors(sample)
    finally:
        (sample / file).write_text(sound, encoding="utf-8")
    (told,) = [error for error in errors if error["code"] == code]
    assert told["file"] == file
    assert re.search("共 [0-9]+ (处|人|个)：", str(told["message"]))
    assert bool(told["also"]) == code.startswith("ledger.")
    assert len([error for error in errors if str(error["code"]).startswith("ledger.")]) <= 1


def test_a_sealed_ledger_that_was_altered_is_told_once(sample: Path):
    ledger = sample / "ledgers/2026/first/03.yaml"
    sound = ledger.read_text(encoding="utf-8")
    try:
        ledger.write_text(sound.replace("date: 2026-03-09", "date: 2026-03-11"), encoding="utf-8")
        assert [error["code"] for error in list_errors(sample)] == ["approval.digest"]
    finally:
        ledger.write_text(sound, encoding="utf-8")


def test_ledgers_that_are_named_otherwise_are_told_once_with_their_right_names(sample: Path, tmp_path: Path):
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    for month in (1, 2, 3):
        folder = tmp_path / "ledgers/2026/first"
        (folder / f"0{month}.yaml").rename(folder / f"{month}月.yaml")
    (told,) = [error for error in list_errors(tmp_path) if error["code"] == "file.unexpected"]
    assert "1月.yaml → 01.yaml、2月.yaml → 02.yaml、3月.yaml → 03.yaml" in str(told["message"])


@pytest.mark.parametrize(
    "name", ["2026-11.yaml", "2026年11月.yaml", "202611.yaml", "十一月.yaml", "2026年十一月台账.yaml"]
)
def test_a_ledger_that_is_named_by_year_or_in_characters_is_told_its_name(name: str, tmp_path: Path):
    project = SiteProject(tmp_path, ROSTER_TEXT)
    project.write(f"ledgers/2026/jia/{name}", "branch: jia\nmonth: 2026-11\nrecorder: 甲\napproval: {}\n")
    (told,) = [error for error in list_errors(tmp_path) if error["code"] == "file.unexpected"]
    assert "11.yaml" in str(told["hint"])


def test_ledgers_of_another_branch_are_told_by_the_branch_and_not_by_their_people(tmp_path: Path):
    project = SiteProject(tmp_path, ROSTER_TEXT)
    activity = "activities:\n  - {item: study, date: 2026-03-05, title: 学习, leave: [丁一]}\n"
    project.write("ledgers/2026/yi/03.yaml", f"branch: jia\nmonth: 2026-03\nrecorder: 甲\n{activity}")
    assert [error["code"] for error in list_errors(tmp_path)] == ["ledger.path-branch"]


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
@pytest.mark.parametrize("folder", ["ledgers/2026", "content/notices", "themes/own/templates"])
def test_a_name_in_another_encoding_is_told_with_what_it_was(folder: str, tmp_path: Path):
    project = SiteProject(tmp_path, ROSTER_TEXT)
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    if folder.startswith("themes"):
        settings = tmp_path / "content/site.yaml"
        settings.write_text(settings.read_text(encoding="utf-8") + "theme: own\n", encoding="utf-8")
    name = os.fsdecode("公告.html".encode("gb18030"))
    (tmp_path / folder / name).write_text("", encoding="utf-8")
    answer = json.loads(project.run("check", "--format", "json", today=TODAY).stdout)
    assert [problem["code"] for problem in answer if "GBK 编码的“公告.html”" in problem["hint"]] == ["file.unexpected"]
    built = project.run("build", "--jobs", "1", today=TODAY)
    assert built.exit_code == (1 if folder.startswith("themes") else 0), built.output
    assert "Traceback" not in built.output
