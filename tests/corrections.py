"""An organ with sealed months, and corrections of its January."""

import re
from pathlib import Path

import yaml

from tests.site_project import SiteProject, members, written_once

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 jia", "li 李四 yi")
JANUARY = """\
activities:
  - {item: general-meeting, date: 2026-01-05}
  - {item: study, date: 2026-01-08, leave: [张三]}
entries:
  - {member: 王五, item: suggestion, date: 2026-01-12}
  - {member: 赵六, item: late-document, date: 2026-01-20, times: 2}
"""
SECRET = "核对签到表，张三当日到会"


@written_once
def approved_organ(root: Path) -> SiteProject:
    """An organ whose January and February are approved."""
    organ = SiteProject(root, ROSTER)
    organ.approve(organ.ledger("jia", "2026-01", JANUARY), meeting="2026-02-03")
    organ.approve(organ.ledger("jia", "2026-02", "activities: [{item: dues, date: 2026-02-09}]"), meeting="2026-03-03")
    organ.approve(organ.ledger("yi", "2026-01"), organ.ledger("yi", "2026-02"), meeting="2026-03-04")
    return organ


def digest(path: Path) -> str:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)["approval"]["digest"]


def draft(organ: SiteProject, text: str, *, number: int = 1, kind: str = "误记", reason: str = SECRET) -> Path:
    """A correction of January of 甲支部, the ``number``-th."""
    corrected = "01.yaml" if number == 1 else f"01.c{number - 1}.yaml"
    seal = digest(organ.root / "ledgers/2026/jia" / corrected)
    head = f"branch: jia\nmonth: 2026-01\ncorrects: {seal}\nrecorder: 登记员\nkind: {kind}\nreason: {reason}\n"
    return organ.write(f"ledgers/2026/jia/01.c{number}.yaml", head + text)


def built(organ: SiteProject, *audiences: str) -> Path:
    """The site for these audiences, or for those of the settings."""
    output = organ.root / "-".join(("out", *audiences))
    done = organ.run("build", "--output", output, *(["--audience", ",".join(audiences)] if audiences else []))
    assert done.exit_code == 0, done.output
    return output


def words(page: Path) -> str:
    """A page's text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))


def form(organ: SiteProject, file: Path | str) -> str:
    """The text of the form that is printed of a file."""
    done = organ.run("form", file)
    assert done.exit_code == 0, done.output
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", done.stdout.partition("<body")[2]))
