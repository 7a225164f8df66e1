"""A project that is loaded again and again is what a first load makes of it, whatever changed in between."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from generator.loader import load
from generator.loader.load import LoadResult
from generator.loader.repeated_loading import ProjectLoader
from generator.project import Project
from tests.site_project import RULEBOOK, SiteProject, members

TODAY = date(2026, 4, 2)
ROSTER = members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 yi", branches="jia yi")
STUDY = "activities:\n  - {item: study, date: 2026-03-05, title: 学习}\n"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """January is approved in both branches, March is a draft in the first."""
    organ = SiteProject(tmp_path / "organ", ROSTER)
    files = [organ.ledger(branch, "2026-01", STUDY.replace("03-05", "01-05")) for branch in ("jia", "yi")]
    organ.approve(*files, meeting="2026-02-03", today=TODAY)
    organ.ledger("jia", "2026-03", STUDY)
    return organ


def facts(result: LoadResult) -> tuple[object, ...]:
    loaded = result.loaded
    if loaded is None:
        return None, result.problems, result.draft_names, result.file_names
    scored = load.score_project(loaded, loaded.draft_ledgers)
    return (
        (loaded.settings, loaded.roster, loaded.ledger_files, loaded.articles, sorted(loaded.rulebooks)),
        (loaded.approved_ledgers, loaded.draft_ledgers, scored.tallies),
        (result.problems, result.draft_names, result.file_names),
    )


def replaced(name: str, before: str, after: str) -> Callable[[SiteProject], object]:
    def change(organ: SiteProject) -> None:
        path = organ.root / name
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")

    return change


CHANGES: dict[str, Callable[[SiteProject], object]] = {
    "a draft": replaced("ledgers/2026/jia/03.yaml", "学习", "改过的"),
    "a draft with an error": replaced("ledgers/2026/jia/03.yaml", "study", "no-such-item"),
    "a sealed ledger": replaced("ledgers/2026/yi/01.yaml", "学习", "改过的"),
    "a new draft": lambda organ: organ.ledger("yi", "2026-03", STUDY),
    "a draft less": lambda organ: (organ.root / "ledgers/2026/jia/03.yaml").unlink(),
    "an approval": lambda organ: organ.approve(
        organ.root / "ledgers/2026/jia/03.yaml", meeting="2026-04-01", today=TODAY
    ),
    "the seal of another branch": lambda organ: shutil.copy(
        organ.root / "ledgers/2026/yi/01.yaml", organ.root / "ledgers/2026/jia/02.yaml"
    ),
    "a name": replaced("ledgers/roster.yaml", "王五", "王伍"),
    "a member who has left": replaced("ledgers/roster.yaml", "zhao, name: 赵六", "zhao, name: 赵六, until: 2026-01-03"),
    "points of the rulebook": replaced("ledgers/rulebooks/erqi-2021.yaml", "points: 2", "points: 3"),
    "a rulebook that can't be read": lambda organ: organ.write("ledgers/rulebooks/erqi-2021.yaml", "id: ["),
    "no year": lambda organ: (organ.root / "ledgers/2026/cycle.yaml").unlink(),
    "settings": replaced("content/site.yaml", "积分榜", "另一个标题"),
    "a file that is no file": lambda organ: (organ.root / "ledgers/2026/jia/02.yaml").mkdir(),
    "a roster that can't be read": lambda organ: organ.write("ledgers/roster.yaml", "members: 3"),
    "nothing": lambda organ: organ,
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_and_so_is_its_end(organ: SiteProject, tmp_path: Path, name: str):
    loader, project = ProjectLoader(), Project(organ.root)
    before = facts(loader.load_project(project, TODAY))
    shutil.copytree(organ.root, tmp_path / "saved")
    CHANGES[name](organ)
    after = facts(loader.load_project(project, TODAY))
    assert after == facts(load.load_project(project, TODAY))
    assert (after != before) == (name != "nothing")
    shutil.rmtree(organ.root)
    shutil.copytree(tmp_path / "saved", organ.root)
    assert facts(loader.load_project(project, TODAY)) == before


def test_another_day_is_another_load(organ: SiteProject):
    loader, project = ProjectLoader(), Project(organ.root)
    loader.load_project(project, TODAY)
    later = date(2026, 8, 1)
    assert facts(loader.load_project(project, later)) == facts(load.load_project(project, later))


def test_only_the_branch_that_changed_is_read_again(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    loader, project = ProjectLoader(), Project(organ.root)
    loader.load_project(project, TODAY)
    read, read_branch = [], load.read_branch
    monkeypatch.setattr(load, "read_branch", lambda *words: read.append(words[1]) or read_branch(*words))
    loader.load_project(project, TODAY)
    organ.ledger("jia", "2026-03", STUDY.replace("学习", "改过的"))
    organ.write("content/notices/a.md", "---\ntitle: 通知\ndate: 2026-04-01\n---\n正文\n")
    loader.load_project(project, TODAY)
    assert read == ["jia"]
    organ.write("ledgers/rulebooks/erqi-2021.yaml", RULEBOOK + "\n# 一句话\n")
    loader.load_project(project, TODAY)
    assert read == ["jia", "jia", "yi"]
