"""Start a site project: an empty folder becomes one that builds at once."""

import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from string import Template

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics import privacy
from generator.core.basics.periods import Period
from generator.core.model.settings import NameOrder
from generator.intake.files import roster_file
from generator.intake.imports.member_table import MemberRow
from generator.intake.text import new_ids
from generator.problems import CommandResult, Location, Problem, Severity
from generator.project import Project, find_shipped_path
from generator.workflow import record_text, roster_text

RULEBOOK = "erqi-2021"
_STARTER = Path(__file__).parent / "starter"
WINDOWS_STARTER, LINUX_STARTER = "开始.bat", "开始.sh"


class NewProject(Struct, frozen=True):
    """The content of a new site project: the organ, its committee, the first month and the members with their branches.

    Branches are in the order in which members name them. ``source`` is what messages name as the members' file.
    """

    organ: str
    committee: str
    today: date
    first: Period
    members: Sequence[MemberRow]
    source: str

    @property
    def year(self) -> int:
        """The first year."""
        return self.first.year


def start_project(root: Path, new: NewProject) -> CommandResult[Sequence[str]]:
    """Write a site project into a folder that is empty or doesn't exist, and return the names of its files."""
    if error := find_obstacle(root) or _check_words(new):
        return CommandResult(usage_error=error)
    roster, problems = _compose_roster(new)
    if problems:
        return CommandResult(problems=tuple(problems))
    project = Project(root)
    files = {
        project.roster_path: roster.encode(),
        project.ledgers_folder / "rulebooks" / f"{RULEBOOK}.yaml": _read_shipped_rulebook(),
        **{root / path: _fill_starter(name, _starter_words(new)) for path, name in _list_starter_files(new)},
    }
    record_text.write_files(files)
    (root / LINUX_STARTER).chmod(0o755)
    return CommandResult([project.file_name(path) for path in files])


def find_obstacle(root: Path) -> str:
    """Return why a folder can't become a site project; empty if it can."""
    if root.is_dir():
        return f"“{root}”里已经有文件，没有改动；请换一个空文件夹，名单等放在别处" if any(root.iterdir()) else ""
    return f"“{root}”不是文件夹，请换一个名字" if os.path.lexists(root) else ""


def _check_words(new: NewProject) -> str:
    """Return what is wrong with the names of the organ and its committee; empty if nothing is."""
    for word in (new.organ, new.committee):
        if not word.strip() or not word.isprintable():
            return "机关和机关党委的名称不能空着，也不能有换行"
        if privacy.find_private_number(word):
            return "机关和机关党委的名称会公布，请不要写号码"
    return ""


def _list_starter_files(new: NewProject) -> Iterator[tuple[str, str]]:
    """Yield the path in the project of each file that is filled in, with its name in the starter."""
    yield "content/site.yaml", "site.yaml"
    yield "content/pages/about.md", "about.md"
    yield f"content/notices/{new.year}-begin.md", "notice.md"
    yield f"ledgers/{new.year}/cycle.yaml", "cycle.yaml"
    yield WINDOWS_STARTER, "start.bat"
    yield LINUX_STARTER, "start.sh"


_FIRST_MONTH_NOTE = "# 从这个月起计分，以前的月份不用台账；审核过台账以后不能再改。"


def _starter_words(new: NewProject) -> Mapping[str, str]:
    """Return the words that are filled in, those of people as values of YAML and as text in Markdown."""
    return {
        "organ": record_text.inline_yaml(new.organ),
        "committee": record_text.inline_yaml(new.committee),
        "organ_text": _escape_markdown(new.organ),
        "committee_text": _escape_markdown(new.committee),
        "year": str(new.year),
        "today": new.today.isoformat(),
        "rulebook": RULEBOOK,
        "first_month": "" if new.first.opens_cycle else f"{_FIRST_MONTH_NOTE}\nfrom: {new.first}\n",
        "python": sys.executable,
    }


def _fill_starter(name: str, words: Mapping[str, str]) -> bytes:
    """Return a file of the starter with its words; the starters name this interpreter, as each shell quotes it."""
    python = words["python"]
    if name == "start.bat":  # cmd reads a file in the code page of the machine: ASCII is the same in all of them
        python = python.replace("%", "%%") if python.isascii() else ""
    elif name == "start.sh":
        python = shlex.quote(python)
    text = Template((_STARTER / name).read_bytes().decode())
    return text.substitute({**words, "python": python}).encode()


def _escape_markdown(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>&#!])", r"\\\1", text)


def _read_shipped_rulebook() -> bytes:
    return find_shipped_path(f"ledgers/rulebooks/{RULEBOOK}.yaml").read_bytes()


_ROSTER_HEAD = (
    "# 名册：党支部和党员。",
    "# 以后的变动用 jifenbang roster 登记，或在本人名下加 changes，写明生效日期；旧的不删不改。",
)


def _compose_roster(new: NewProject) -> tuple[str, list[Problem]]:
    """Return the text of the roster, or the problems of its names with the place of each in the table."""
    branch_ids: dict[str, str] = {}
    for row in new.members:
        if row.branch not in branch_ids:
            branch_ids[row.branch] = new_ids.make_branch_id(row.branch, branch_ids.values())
    lines, places = [*_ROSTER_HEAD, "branches:"], dict[int, str]()
    for name, branch_id in branch_ids.items():
        lines.append(f"  - {roster_text.format_entry(roster_text.BRANCHES, {'id': branch_id, 'name': name})}")
        places[len(lines)] = next((row.place for row in new.members if row.branch == name), "")
    lines.append("members:")
    member_ids: set[str] = set()
    for name, branch_id in branch_ids.items():
        rows = [row for row in new.members if row.branch == name]
        if rows:
            lines.append(f"  # {name}")
        for row in rows:
            member_id = new_ids.make_member_id(row.name, None, member_ids)
            member_ids.add(member_id)
            fields = roster_text.list_member_fields(member_id, row, branch_id)
            lines.append(f"  - {roster_text.format_entry(roster_text.MEMBERS, fields)}")
            places[len(lines)] = row.place
    text = "\n".join([*lines, ""])
    _, problems = roster_file.read_roster(text.encode(), "ledgers/roster.yaml", NameOrder.PINYIN)
    return text, list(_locate_in_table(problems, new.source, places))


def _locate_in_table(problems: Iterable[Problem], source: str, places: Mapping[int, str]) -> Iterator[Problem]:
    """Yield problems of the roster's lines as those of the rows that the lines are from."""
    for problem in problems:
        place = places.get(problem.where.line, "")
        message = f"{place}：{problem.message}" if place else problem.message
        # What is a warning to a project that exists is an error here: a new one begins without any.
        yield replace(problem, where=Location(source, 0), message=message, severity=Severity.ERROR)
