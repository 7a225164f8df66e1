"""A small organ for a test, written as its recorders would write it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Self

from click.testing import CliRunner, Result

from generator.build import survey as surveys
from generator.build.request import BuildRequest
from generator.build.survey import OrganView
from generator.commands import cli
from generator.core.basics.periods import Period
from generator.core.model.settings import Audience
from generator.core.model.tally import Ranking, ScoreLine, Standing
from generator.core.outcomes import consequences, year_results
from generator.core.outcomes.year_results import YearResults
from generator.core.page_data.member_history import MemberAccount
from generator.core.scoring import results
from generator.core.scoring.results import Results
from generator.intake.files import content_files
from generator.loader import load
from generator.project import Project
from generator.render.html.theme import Theme
from generator.render.site import committee_pages, pages
from generator.render.site.edition import Edition, PageSpec

period = Period.from_name
REPOSITORY = Path(__file__).parent.parent
RULEBOOK = (REPOSITORY / "ledgers/rulebooks/erqi-2021.yaml").read_text(encoding="utf-8")
SETTINGS = "organ: 示例机关\ncommittee: 机关党委\ntitle: 积分榜\nbanner: 全部为虚构\n"
TODAY = date(2027, 6, 1)


def name_numbered(number: int) -> str:
    """A name of its own for each number, without figures: no name has any."""
    return "党员" + str(number).translate(str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸"))


class SiteProject:
    """A site project in a folder; ``roster`` lines are ``id name branch since until``, the last two optional.

    Approvals are signed with the ``signing_key`` if there is one: its owner must be on the list of signers.
    """

    signing_key: Path | None = None

    def __init__(self, root: Path, roster: str, rulebook: str = RULEBOOK, years: tuple[int, ...] = (2026,)) -> None:
        self.root = root
        self.write("content/site.yaml", SETTINGS)
        self.write("ledgers/rulebooks/erqi-2021.yaml", rulebook)
        for year in years:
            self.write(f"ledgers/{year}/cycle.yaml", f"year: {year}\nrulebook: erqi-2021\n")
        self.write("ledgers/roster.yaml", dedent(roster))

    @classmethod
    def at(cls, root: Path) -> Self:
        """A site project that is already written."""
        project = cls.__new__(cls)
        project.root = root
        return project

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def ledger(self, branch: str, month: str, text: str = "") -> Path:
        """Write a draft; ``text`` holds activities and entries."""
        year, number = month.split("-")
        head = f"branch: {branch}\nmonth: {month}\nrecorder: 登记员\n"
        return self.write(f"ledgers/{year}/{branch}/{number}.yaml", head + dedent(text))

    def run(self, *words: object, today: date = TODAY) -> Result:
        """Run a command; with ``today`` the day is the same whenever the test runs."""
        line = ["-C", str(self.root), *map(str, words), "--today", today.isoformat()]
        return CliRunner().invoke(cli, line, prog_name="jifenbang")

    def approve(self, *files: Path, meeting: str = "2027-01-05", today: date = TODAY) -> None:
        words = ["--meeting", meeting, "--by", "审核员", "--acting", "代行"]
        words += ["--key", str(self.signing_key)] if self.signing_key else []
        done = self.run("approve", *files, *words, today=today)
        assert done.exit_code == 0, done.output

    def read(self, today: date = TODAY) -> load.LoadedProject:
        reading = load.load_project(Project(self.root), today)
        errors = [problem for problem in reading.problems if problem.is_error]
        assert reading.loaded is not None
        assert not errors, errors
        return reading.loaded

    def results(self, *, drafts: bool = True) -> Results:
        """All ledgers scored, drafts too."""
        found = self.read()
        return load.score_project(found, found.draft_ledgers if drafts else {})

    def ranking(self, name: str, branch: str | None = None) -> Ranking:
        return results.rank_board(self.results(), period(name), branch)

    def board(self, name: str, branch: str | None = None) -> dict[str, Standing]:
        """Standings by name."""
        return {one.member.name: one for one in self.ranking(name, branch).standings}

    def points(self, member: str, *names: str) -> list[str]:
        """A member's points in each period, as text."""
        scored = self.results()
        return [str(results.score_member(scored, member, period(name)).points) for name in names]

    def lines(self, member: str, name: str) -> tuple[ScoreLine, ...]:
        return results.explain_score(self.results(), member, period(name))


def written_once(write: Callable[[Path], SiteProject]) -> Callable[[Path], SiteProject]:
    """What writes an organ into a folder, done once in a process: each caller gets a copy."""
    made = cache(lambda: _write_pattern(write))

    @wraps(write)
    def copied(tmp_path: Path) -> SiteProject:
        folder, root = made()
        shutil.copytree(folder.name, tmp_path, symlinks=True, dirs_exist_ok=True)
        return SiteProject.at(tmp_path / root)

    return copied


def _write_pattern(write: Callable[[Path], SiteProject]) -> tuple[TemporaryDirectory[str], Path]:
    """The folder, gone with the process, and where in it the organ is."""
    folder = TemporaryDirectory()
    return folder, write(Path(folder.name)).root.relative_to(folder.name)


# --- the whole organ, computed without its pages ---------------------------------------------------------------------


def survey(root: Path, today: date = TODAY, *, drafts: bool = False) -> OrganView:
    """An organ for all readers; ``drafts`` counts drafts, too."""
    answer = surveys.survey_organ(BuildRequest(root, today, frozenset(Audience), with_drafts=drafts))
    assert answer.value is not None, answer.problems
    return answer.value


def organ_edition(view: OrganView) -> Edition:
    """What the pages that are no branch's are made of."""
    return view.organ.make_edition(preview=view.site.preview)


def branch_editions(view: OrganView) -> dict[str, Edition]:
    """What each branch's pages are made of, by branch in roster order."""
    return {branch: view.make_branch_edition(branch) for branch in view.organ.roster.branch_by_id}


def branch_pages(view: OrganView) -> Iterator[tuple[Edition, PageSpec]]:
    """The pages of every branch, of its members, and the committee's of it, each with what it is made of."""
    for branch, made in branch_editions(view).items():
        for listed in (
            pages.list_branch_pages(made, branch),
            pages.list_member_pages(made, view.organ.account_years[branch]),
            committee_pages.list_branch_committee_pages(made, branch),
        ):
            yield from ((made, spec) for spec in listed)


def accounts(view: OrganView) -> dict[str, MemberAccount]:
    """What members may see of themselves, by member."""
    return {one.member.id: one for made in branch_editions(view).values() for one in made.accounts}


def conclude(view: OrganView, year: int) -> YearResults:
    """What a year's results decide."""
    inputs = view.organ.decision_inputs
    history = consequences.build_history(inputs.rankings, inputs.results.rulebooks)
    return year_results.compute_year_results(inputs, history, year)


def theme_of(root: Path) -> Theme:
    """The theme that a project's settings name."""
    settings = content_files.read_settings((root / "content/site.yaml").read_bytes(), "content/site.yaml")[0]
    assert settings is not None
    layers, problems = load.load_theme_layers(Project(root), settings)
    assert layers, problems
    return Theme(layers)


def members(*lines: str, branches: str = "jia yi") -> str:
    """A roster from lines ``id name branch [since [until]]``; all full members."""
    text = ["branches:", *(f"  - {{id: {branch}, name: {branch}支部}}" for branch in branches.split()), "members:"]
    for line in lines:
        ident, name, branch, *days = line.split()
        since = f", since: {days[0]}" if days and days[0] != "-" else ""
        left = f", changes: [{{from: {days[1]}, left: 离开}}]" if len(days) > 1 else ""
        text.append(f"  - {{id: {ident}, name: {name}, branch: {branch}, status: full{since}{left}}}")
    return "\n".join(text) + "\n"


def copy_sample(target: Path) -> Path:
    """The sample organ, to be changed at will."""
    for name in ("content", "ledgers"):
        shutil.copytree(REPOSITORY / name, target / name)
    return target
