"""A site project that ``jifenbang new`` starts: it builds at once, and nothing that exists is touched."""

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.commands import cli, new
from generator.core.model.roster import MembershipStatus
from generator.disk import atomic_files
from generator.project import find_shipped_path
from tests.served import answer
from tests.site_project import REPOSITORY, SiteProject

TODAY = date(2026, 1, 20)  # no month is over
TABLE = """\
姓名,支部,身份,日期,身份证号
周敏,第一党支部,正式,,110101199001011234
李静,第一党支部,预备,2026-01-10,x
李静,第二党支部,正式,,x
"""


def start(folder: Path, *words: str, text: str = TABLE, answers: str | None = None, today: date = TODAY) -> Result:
    table = folder.parent / "名单.csv"
    table.write_text(text, encoding="gb18030")
    members = [] if answers is not None else ["--members", str(table)]
    line = ["new", str(folder), *members, *words, "--today", today.isoformat()]
    return CliRunner().invoke(cli, line, input=answers, prog_name="jifenbang")


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_new_project_builds_at_once_without_a_word(tmp_path: Path):
    done = start(tmp_path / "site", "--organ", "示例机关")
    assert done.exit_code == 0, done.output
    organ = SiteProject.at(tmp_path / "site")
    assert files(organ.root) == {
        line.strip() for line in done.stdout.splitlines() if (organ.root / line.strip()).is_file()
    }
    checked, built = (organ.run(command, today=TODAY) for command in ("check", "build"))
    assert (checked.exit_code, checked.output) == (0, "检查完毕：0 处错误，0 处提醒。\n")
    assert (built.exit_code, built.stderr) == (0, "")
    for page in ("index.html", "pages/about.html", "notices/2026-begin.html", "rules.html", "branches/diyi/index.html"):
        assert "示例机关" in (organ.root / "site" / page).read_text(encoding="utf-8"), page


def test_members_are_those_of_the_table_and_nothing_else_of_it_is_kept(tmp_path: Path):
    assert start(tmp_path / "site", "--organ", "示例机关").exit_code == 0
    roster = SiteProject.at(tmp_path / "site").read(TODAY).roster
    assert [(member.id, member.name, member.home, member.statuses[0]) for member in roster.members] == [
        ("zhou-min", "周敏", "diyi", (date.min, MembershipStatus.FULL)),
        ("li-jing", "李静", "diyi", (date(2026, 1, 10), MembershipStatus.PROBATIONARY)),
        ("li-jing-2", "李静", "dier", (date.min, MembershipStatus.FULL)),
    ]
    for path in (tmp_path / "site").rglob("*"):
        assert not path.is_file() or b"110101199001011234" not in path.read_bytes()


ODD = "示例#局: {甲} [乙](丙) *丁* 'n\" %d $x"


def test_names_of_any_signs_are_the_names(tmp_path: Path):
    text = TABLE.replace("第二党支部", '"第二: {x}，#党支部"').replace("周敏", "周 敏·{a}")
    assert start(tmp_path / "site", "--organ", ODD, "--committee", ODD, text=text).exit_code == 0
    loaded = SiteProject.at(tmp_path / "site").read(TODAY)
    assert (loaded.settings.organ, loaded.settings.committee) == (ODD, ODD)
    assert loaded.settings.objection
    assert loaded.settings.objection.contact == ODD
    assert [branch.name for branch in loaded.roster.branches] == ["第一党支部", "第二: {x}，#党支部"]
    assert SiteProject.at(tmp_path / "site").run("build", today=TODAY).stderr == ""
    about = (tmp_path / "site/site/pages/about.html").read_text(encoding="utf-8")
    assert "示例#局: {甲} [乙](丙) *丁* 'n\" %d $x党员的积分" in about.replace("&quot;", '"').replace("&#39;", "'")


def test_a_dialogue_asks_for_what_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(new, "is_terminal", lambda: True)
    answers = "\n示例机关\n\n没有.xlsx\n\n\n第一党支部\n周敏、李静（预备），李静（办公室）\n第二党支部\n王强\n\n"
    done = start(tmp_path / "site", answers=answers)
    assert done.exit_code == 0, done.output
    loaded = SiteProject.at(tmp_path / "site").read(TODAY)
    assert (loaded.settings.organ, loaded.settings.committee) == ("示例机关", "机关党委")
    assert [(member.id, member.aka, member.statuses[0][1].value, member.home) for member in loaded.roster.members] == [
        ("zhou-min", None, "full", "diyi"),
        ("li-jing", None, "probationary", "diyi"),
        ("li-jing-2", "办公室", "full", "diyi"),
        ("wang-qiang", None, "full", "dier"),
    ]


def test_a_folder_with_anything_in_it_is_left(tmp_path: Path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / ".hidden").write_text("x", encoding="utf-8")
    assert start(folder, "--organ", "示例机关").exit_code == 2
    assert files(folder) == {".hidden"}
    assert start(folder / ".hidden", "--organ", "示例机关", text=TABLE).exit_code == 2


@pytest.mark.parametrize("text", [TABLE.replace("预备", "群众"), TABLE.replace("周敏", "周?"), "姓名\n周敏\n"])
def test_after_a_mistake_nothing_is_written(tmp_path: Path, text: str):
    assert start(tmp_path / "site", "--organ", "示例机关", text=text).exit_code == 1
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("stop", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("count", [0, 3])
def test_a_start_that_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop, count):
    real, committed = atomic_files.commit_durably, []

    def commit(path: Path) -> None:
        if len(committed) == count:
            raise stop
        committed.append(path)
        real(path)

    monkeypatch.setattr(atomic_files, "commit_durably", commit)
    assert start(tmp_path / "site", "--organ", "示例机关").exit_code == 1
    assert not (tmp_path / "site").exists()


def test_the_rulebook_is_the_programs_own(tmp_path: Path):
    assert start(tmp_path / "site", "--organ", "示例机关").exit_code == 0
    path = "ledgers/rulebooks/erqi-2021.yaml"
    assert (tmp_path / "site" / path).read_bytes() == find_shipped_path(path).read_bytes()


# --- the starters ----------------------------------------------------------------------------------------------------


def test_the_starter_for_windows_is_ascii_with_its_own_line_ends(tmp_path: Path):
    assert start(tmp_path / "site", "--organ", "示例机关").exit_code == 0
    raw = (tmp_path / "site/开始.bat").read_bytes()
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") > 10
    assert b"$" not in raw
    labels = [line for line in raw.split(b"\r\n") if line.startswith(b":")]
    assert {b":" + word.split()[0] for word in raw.split(b"goto ")[1:]} == set(labels)
    assert raw.index(b"pause") > raw.index(b":stop") > raw.index(b"%RUN% desk")


@pytest.mark.parametrize("settings", ["", "organ: x\n"], ids=["sound", "broken"])
def test_the_starter_for_linux_opens_the_desk(tmp_path: Path, settings: str):
    folder = tmp_path / "我的 站点"
    assert start(folder, "--organ", "示例机关").exit_code == 0
    if settings:
        (folder / "content/site.yaml").write_text(settings, encoding="utf-8")
    (tmp_path / "run").mkdir()
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(REPOSITORY),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
    }
    with subprocess.Popen([folder / "开始.sh"], cwd="/", env=environment, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout
        address = re.search(r"http://\S+/", desk.stdout.readline())
        assert address
        host, _, path = address[0].removeprefix("http://").partition("/")
        status, _, page = answer(address[0], f"GET /{path} HTTP/1.1\nHost: {host}\n\n")
        assert (status, ("资料里有错误" in page.decode())) == (200, bool(settings))
        close = f"POST /{path}close HTTP/1.1\nHost: {host}\nOrigin: http://{host}\nContent-Length: 0\n\n"
        assert answer(address[0], close)[0] == 200
        assert desk.wait(timeout=60) == 0
    assert not list((tmp_path / "run").rglob("*.desk"))


# --- a year ----------------------------------------------------------------------------------------------------------


def test_a_year_is_opened_once_with_the_rulebook_of_the_newest(tmp_path: Path):
    assert start(tmp_path / "site", "--organ", "示例机关").exit_code == 0
    organ = SiteProject.at(tmp_path / "site")
    done = organ.run("year", "2027", today=TODAY)
    assert done.exit_code == 0, done.output
    path = organ.root / "ledgers/2027/cycle.yaml"
    assert path.read_text(encoding="utf-8") == "year: 2027\nrulebook: erqi-2021\n"
    path.write_text("year: 2027\nrulebook: other\n", encoding="utf-8")
    assert organ.run("year", "2027", today=TODAY).exit_code == 2
    assert path.read_text(encoding="utf-8") == "year: 2027\nrulebook: other\n"
    assert organ.run("year", "2028", "--rulebook", "erqi-2021", today=TODAY).exit_code == 0


def test_a_year_is_opened_in_a_site_only(tmp_path: Path):
    assert SiteProject.at(tmp_path).run("year", "2027").exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "year", "first"),
    [
        ([], 2026, "from: 2026-10\n"),
        (["--from", "2026-03"], 2026, "from: 2026-03\n"),
        (["--from", "2026-01"], 2026, ""),
        (["--year", "2027"], 2027, ""),
        (["--year", "2027", "--from", "2027-10"], 2027, "from: 2027-10\n"),
    ],
)
def test_a_new_site_counts_from_the_month_that_is_running_or_named(
    tmp_path: Path, words: list[str], year: int, first: str
):
    today = date(2026, 10, 12)
    assert start(tmp_path / "site", "--organ", "示例机关", *words, today=today).exit_code == 0
    text = (tmp_path / f"site/ledgers/{year}/cycle.yaml").read_text(encoding="utf-8")
    assert "".join(line for line in text.splitlines(keepends=True) if line.startswith("from")) == first
    done = SiteProject.at(tmp_path / "site").run("check", today=today)
    assert ("ledger.missing" in done.stderr) is (year == today.year and first != "from: 2026-10\n")


def test_a_year_may_begin_in_mid_year(tmp_path: Path):
    assert start(tmp_path / "site", "--organ", "示例机关").exit_code == 0
    organ = SiteProject.at(tmp_path / "site")
    assert organ.run("year", "2027", "--from", "2026-10", today=TODAY).exit_code == 2
    assert organ.run("year", "2027", "--from", "2027-10", today=TODAY).exit_code == 0
    text = (organ.root / "ledgers/2027/cycle.yaml").read_text(encoding="utf-8")
    assert text == "year: 2027\nrulebook: erqi-2021\nfrom: 2027-10\n"
