"""A file that could not be read for a moment is read in the next build."""

from datetime import date
from pathlib import Path

import pytest

from generator.build import branch
from generator.intake.text import reader
from tests.site_project import SiteProject, members

TODAY = date(2026, 4, 2)


def test_what_could_not_be_read_once_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    project = SiteProject(tmp_path, members("m1 丁一 jia", branches="jia"))
    approved = project.ledger("jia", "2026-01", "entries:\n  - {member: m1, item: suggestion, date: 2026-01-08}\n")
    project.approve(approved, meeting="2026-02-03", today=TODAY)
    real_check, real_read = branch.load.check_branch, reader.read_bounded

    def refuse(path: Path, limit: int) -> bytes:
        if path.name == "01.yaml":
            raise PermissionError(13, "in use", str(path))
        return real_read(path, limit)

    def check_while_locked(*words: object, **options: object) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "read_bounded", refuse)
            return real_check(*words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(branch.load, "check_branch", check_while_locked)
    locked = project.run("build", "--jobs", "1", today=TODAY)
    assert "file.unreadable" in locked.output
    monkeypatch.undo()
    branch.clear_caches()
    assert project.run("build", "--jobs", "1", today=TODAY).exit_code == 0
