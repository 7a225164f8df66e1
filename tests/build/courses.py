"""A project on its way: edits, and after each a build that goes on from the earlier one and one that begins anew."""

import os
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from generator.build import branch as worker
from generator.build import engine, source_digests
from generator.build.request import BuildRequest
from generator.core.model.settings import Audience
from generator.disk.atomic_files import digest_bytes
from generator.intake.files import ledger_file, roster_file
from generator.loader import input_changes, openssh
from generator.project import Project
from generator.publish.store import Store
from generator.render.site import page_renderer
from tests.site_pages import site_files
from tests.site_project import RULEBOOK, SETTINGS, SiteProject, name_numbered

READERS = "organ,branch,member,committee"
FIRST = date(2027, 1, 4)
MEETING = "2027-01-03"
NAMES = {"jia": ["张三", "李四", "王五"], "yi": ["赵六", "钱七"], "bing": ["孙八"]}  # of who is there from January on
MEMBERS = {
    "zhang": "张三 jia",
    "li": "李四 jia",
    "wang": "王五 jia",
    "zhao": "赵六 yi",
    "qian": "钱七 yi",
    "sun": "孙八 bing",
    "zhou": "周九 yi",
}
LEDGER = "ledgers/2026/jia/12.yaml"
Outcome = dict[str, Any]
OTHER_RULEBOOK = RULEBOOK.replace("title: 机关党员积分制管理办法（试行）", "title: 机关党员积分制管理办法")


def month(number: int) -> str:
    return f"2026-{number:02}"


def lines(number: int, who: str, times: int = 1) -> str:
    return (
        f"activities:\n  - {{item: study, date: {month(number)}-08, title: 学习{number}}}\n"
        f"entries:\n  - {{member: {who}, item: suggestion, date: {month(number)}-09, times: {times}, note: 建议}}\n"
    )


class Course:
    """A project on its way: edits, and after each a build that goes on and one that begins anew."""

    def __init__(self, root: Path) -> None:
        self.branches = {name: f"{name}支部" for name in NAMES}
        self.members = {ident: (*words.split(), [""]) for ident, words in MEMBERS.items()}
        self.changes: dict[str, list[str]] = {"zhou": ["from: 2026-05-10, branch: bing"]}
        self.renamed: dict[str, str] = {}
        self.orders: list[str] = []
        self.organ = SiteProject(root / "warm", self.listed())
        self.fresh = root / "cold"
        self.today = FIRST
        self.settings = dict(line.split(": ", 1) for line in SETTINGS.splitlines())
        self.newest = dict.fromkeys(NAMES, 0)
        self.readers, self.words, self.folder = READERS, set[str](), "site"
        self.previewed: bool | None = None
        self.held: Mapping[str, str] = {}
        self.version = ""
        self.organ.write("ledgers/rulebooks/erqi-2026.yaml", OTHER_RULEBOOK.replace("id: erqi-2021", "id: erqi-2026"))
        self.organ.write("content/pages/about.md", "---\ntitle: 说明\n---\n甲甲甲\n")
        self.approve_up_to(2)

    # --- ledgers, approved and not

    def approve(self, branch: str) -> None:
        """Approve a branch's next month, up to August: others change the roster after that, and write drafts."""
        self._approve([self._written(branch)] if self.newest[branch] < 8 else [])

    def approve_up_to(self, number: int) -> None:
        """Approve every branch's months up to one: up to June, and the half-year's board is complete."""
        self._approve([self._written(branch) for branch in NAMES for _ in range(self.newest[branch], number)])

    def _written(self, branch: str) -> Path:
        self.newest[branch] += 1
        number, names = self.newest[branch], NAMES[branch]
        return self.organ.ledger(
            branch, month(number), lines(number, names[(number - 1) % (3 if branch == "jia" else 1)])
        )

    def _approve(self, files: Sequence[Path], *words: str) -> None:
        if files:
            meeting = ["--meeting", MEETING, "--by", "审核员", "--acting", "代行", *words]
            done = self.organ.run("approve", *files, *meeting, today=self.today)
            assert done.exit_code == 0, done.output

    def draft(self, who: str = "张三", of: str = "2026-12", branch: str = "jia") -> None:
        day = f"{of}-09"
        self.organ.ledger(branch, of, f"entries:\n  - {{member: {who}, item: suggestion, date: {day}, note: 建议}}\n")

    def approve_draft(self, of: str, branch: str = "jia") -> None:
        self._approve([Project(self.organ.root).ledger_path(branch, of)])

    def erase(self, path: str = LEDGER) -> None:
        (self.organ.root / path).unlink(missing_ok=True)

    def move(self, path: str, to: str) -> None:
        (self.organ.root / path).rename(self.organ.root / to)

    def copy(self, path: str = "ledgers/2026/bing/02.yaml", to: str = "ledgers/2026/yi/10.yaml") -> None:
        """Copy a ledger with its approval."""
        shutil.copyfile(self.organ.root / path, self.organ.root / to)

    def correct(self, branch: str, how: str = "add") -> None:
        """Correct a branch's January: add a line, restate one in other words, or strike the first that is an entry."""
        folder = self.organ.root / f"ledgers/2026/{branch}"
        corrections, first, last = sorted(folder.glob("01.c*.yaml")), NAMES[branch][0], NAMES[branch][-1]
        newest = (corrections or [folder / "01.yaml"])[-1].read_text(encoding="utf-8").rpartition("digest: ")[2]
        number = len(corrections) + 1
        line = "{member: %s, item: suggestion, date: 2026-01-09, note: 更正%d}"
        changes = {
            "add": f"kind: 补录\nentries:\n  - {line % (last, number)}\n",
            "restate": f"kind: 误记\nrestate:\n  e1: {line % (first, number)}\n",
            "strike": "kind: 误记\nstrike: [e1]\n",
        }
        head = f"branch: {branch}\nmonth: 2026-01\ncorrects: {newest.strip()}\nrecorder: 登记员\nreason: 漏\n"
        file = self.organ.write(f"ledgers/2026/{branch}/01.c{number}.yaml", head + changes[how])
        filed = (self.organ.root / f"ledgers/2026/filings/2026-Q1.{branch}.yaml").exists()
        self._approve([file], *(["--consent", "同意人"] if filed else []))

    def file(self, branch: str) -> None:
        """File a branch's first quarter with the committee, once it is complete."""
        words = ["2026-Q1", "--on", "2027-01-04", "--by", "备案人", "--acting", "代行", "--branch", branch]
        self.organ.run("file", *words, today=self.today)

    def withdraw(self, branch: str) -> None:
        """Withdraw a branch's newest approval, as if nothing had been published of it."""
        self.unpublish()
        name = f"ledgers/2026/{branch}/{self.newest[branch]:02}.yaml"
        done = self.organ.run("approve", self.organ.root / name, "--withdraw", "--reason", "误审", today=self.today)
        if done.exit_code == 0:
            self.newest[branch] -= 1

    def unpublish(self) -> None:
        """Lose all that is known of what was published, and the sites."""
        for path in (self.organ.root / ".jifenbang").iterdir():
            if path.name not in {"cache", "secret"}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for folder in ("site", "public"):
            shutil.rmtree(self.organ.root / folder, ignore_errors=True)

    def reviews(self, points: int = 90) -> None:
        """Approve the year's reviews; or withdraw them."""
        self._ballot("ledgers/2026/reviews.yaml", f"year: 2026\nscores: {{zhang: {points}, zhao: 80, zhou: 70}}\n")

    def poll(self, votes: int = 5) -> None:
        """Approve a poll; or withdraw it."""
        text = f"award: 优秀\ndate: 2026-12-25\nelectorate: 7\nvotes: {{zhang: {votes}, zhao: 1}}\n"
        self._ballot("ledgers/2026/votes/best.yaml", text)

    def honours(self, number: int = 1) -> None:
        """Approve the year's honours; or withdraw them."""
        honour = f"{{award: 先锋, period: 2026-Q{number}, date: 2026-12-20, members: [zhang, zhao]}}"
        self._ballot("ledgers/2026/honours.yaml", f"year: 2026\nhonours: [{honour}]\n")

    def _ballot(self, name: str, text: str) -> None:
        path = self.organ.root / name
        if path.exists() and "approval" in path.read_text(encoding="utf-8"):
            done = self.organ.run("approve", path, "--withdraw", "--reason", "误审", today=self.today)
            assert done.exit_code == 0, done.output
        else:
            self._approve([self.organ.write(name, text)])

    # --- the roster

    def listed(self) -> str:
        text = ["branches:"]
        for one, name in self.branches.items():
            dated = f", changes: [{{{self.renamed[one]}}}]" if one in self.renamed else ""
            text.append(f"  - {{id: {one}, name: {name}{dated}}}")
        text.append("members:")
        for ident, (name, branch, more) in self.members.items():
            changes = ", ".join(f"{{{one}}}" for one in self.changes.get(ident, ()))
            dated = f", changes: [{changes}]" if changes else ""
            text.append(f"  - {{id: {ident}, name: {name}, branch: {branch}, status: full{more[0]}{dated}}}")
        text += [f"changes: [{', '.join(self.orders)}]"] if self.orders else []
        return "\n".join(text) + "\n"

    def enroll(self) -> None:
        self.organ.write("ledgers/roster.yaml", self.listed())

    def join(self, branch: str, name: str = "", since: str = "2026-12-15") -> None:
        number = len(self.members)
        self.members[f"new{number}"] = name or f"新{name_numbered(number)}", branch, [f", since: {since}"]
        self.enroll()

    def change(self, member: str, words: str) -> None:
        """Let a member move or leave, once."""
        self.changes.setdefault(member, [words])
        self.enroll()

    def tell_apart(self, member: str, aka: str) -> None:
        name, branch, _ = self.members[member]
        self.members[member] = name, branch, [f", aka: {aka}"]
        self.enroll()

    def rename(self, branch: str, name: str) -> None:
        self.branches[branch] = name
        self.enroll()

    def rename_from(self, branch: str, name: str) -> None:
        self.renamed[branch] = f"from: 2026-02-01, name: {name}"
        self.enroll()

    def reorder_from(self) -> None:
        self.orders = [] if self.orders else [f"{{from: 2026-02-01, branches: [{list(self.branches)[-1]}]}}"]
        self.enroll()

    def reorder(self) -> None:
        self.branches = dict(reversed(self.branches.items()))
        self.enroll()

    def add_branches(self) -> None:
        """Two branches that nobody belongs to."""
        self.branches |= {"ding": "丁支部", "wu": "戊支部"}
        self.enroll()

    # --- rules, settings, theme, articles

    def alter(self, path: str, old: str, new: str) -> None:
        """Change a file, or change it back, so that neither its size nor its time tells."""
        file = self.organ.root / path
        before, raw = file.stat(), file.read_text(encoding="utf-8")
        assert (old in raw) != (new in raw)
        file.write_text(raw.replace(old, new) if old in raw else raw.replace(new, old), encoding="utf-8")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    def wording(self) -> None:
        self.alter("ledgers/rulebooks/erqi-2021.yaml", "title: 学习教育", "title: 教育学习")

    def regulation(self) -> None:
        """Let the year rest on another rulebook that scores alike."""
        self.alter("ledgers/2026/cycle.yaml", "erqi-2021", "erqi-2026")

    def dated_rules(self, rounding: str) -> None:
        """Let another rounding, rule and day of approval hold from a day; or no longer."""
        rule = "{id: talk, title: 谈话, clause: 五4, text: 谈, when: [{board: quarter, place: top}], effect: talk}"
        change = f"from: 2026-02-01, reason: 修订, rounding: {rounding}, consequences: [{rule}]"
        dated = f"changes: [{{{change}, bookkeeping: {{clause: 五6, due: 1}}}}]\n"
        self.alter("ledgers/rulebooks/erqi-2021.yaml", "# 五、结果运用\n", dated)

    def next_year(self, rulebook: str = "next") -> None:
        if not (self.organ.root / "ledgers/rulebooks/next.yaml").exists():
            self.organ.write("ledgers/rulebooks/next.yaml", RULEBOOK.replace("id: erqi-2021", "id: next"))
        self.organ.write("ledgers/2027/cycle.yaml", f"year: 2027\nrulebook: {rulebook}\n")

    def figures(self) -> None:
        """Change points of next year's rules, of which nothing is approved."""
        self.next_year()
        self.alter("ledgers/rulebooks/next.yaml", "points: 3\n", "points: 4\n")

    def article(self) -> None:
        self.alter("content/pages/about.md", "甲甲甲", "乙乙乙")

    def retitle(self) -> None:
        self.alter("content/pages/about.md", "说明", "须知")

    def note(self, path: str = "content/notices/hello.md") -> None:
        """Add a notice or a page; or take it away."""
        day = "date: 2026-12-01\n" if "notices" in path else ""
        if (self.organ.root / path).exists():
            self.erase(path)
        else:
            self.organ.write(path, f"---\ntitle: 新文\n{day}---\n见[说明](../pages/about.html)。\n")

    def say(self, word: str, value: str | None) -> None:
        """Change a line of the settings, or leave it out."""
        self.settings = {
            **{key: old for key, old in self.settings.items() if key != word},
            **({word: value} if value else {}),
        }
        self.organ.write("content/site.yaml", "".join(f"{key}: {value}\n" for key, value in self.settings.items()))

    def theme(self, word: str = "名录") -> None:
        self.organ.write("themes/ours/theme.yaml", "parent: default\n")
        self.organ.write(
            "themes/ours/templates/branch.html",
            '{% extends "default/branch.html" %}{% block title %}' + word + "{% endblock %}",
        )
        self.say("theme", "ours")

    def quote(self) -> None:
        """A theme whose pages of branches quote all articles."""
        self.theme()
        quoted = "{% for entry in articles %}{{ entry.text }}{% endfor %}"
        self.organ.write("themes/ours/templates/branch.html", f"<!doctype html><title>名录</title>{quoted}\n")

    def block(self, word: str) -> None:
        """A theme with a block that no page shows."""
        self.theme()
        template = '{% extends "default/board.html" %}{% block ' + word + " %}{% endblock %}"
        self.organ.write("themes/ours/templates/board.html", template)

    def bare(self, *templates: str) -> None:
        """A theme of which these templates have no links."""
        self.theme()
        for name in templates:
            self.organ.write(f"themes/ours/templates/{name}.html", "<!doctype html><title>{{ page.title }}</title>\n")

    def asset(self, word: str) -> None:
        self.theme()
        self.organ.write("themes/ours/assets/member.css", f"/* {word} */\n")

    def approvers(self) -> None:
        """Begin a list of those who may sign; what is approved already isn't signed."""
        self.organ.write("content/approvers", "someone ssh-ed25519 AAAA\n")

    # --- how and when it is built

    def pack(self) -> None:
        self.words ^= {"--gzip"}

    def read_by(self, readers: str) -> None:
        self.readers = readers

    def to(self, folder: str) -> None:
        self.folder = folder

    def days(self, count: int) -> None:
        self.today += timedelta(days=count)

    def preview(self, *, drafts: bool) -> None:
        """From now on look at previews, with drafts or without."""
        self.previewed = drafts

    def program(self, version: str) -> None:
        """Go on with another version of the program, which reads or draws one thing otherwise."""
        self.version = version

    # --- damage

    def entries(self) -> list[Path]:
        return sorted(one for one in (self.organ.root / ".jifenbang/cache").rglob("*") if one.is_file())

    def spoil(self, how: str, draw: random.Random) -> None:
        """Damage what is cached: cut short, with other bytes, gone."""
        paths = self.entries()
        for path in draw.sample(paths, min(len(paths), 5)):
            raw = path.read_bytes()
            at = draw.randrange(max(len(raw), 1))
            path.write_bytes({"cut": raw[:at], "flip": raw[:at] + b"#" + raw[at + 1 :], "empty": b""}.get(how, b""))
            if how == "gone":
                path.unlink()

    def falsify(self) -> None:
        """Put other words, of the same length, wherever the cache has these."""
        for path in self.entries():
            path.write_bytes(path.read_bytes().replace("建议".encode(), "意见".encode()))

    def confuse(self) -> None:
        """Put every entry of the cache in the place of another."""
        paths = self.entries()
        raws = [path.read_bytes() for path in paths]
        for path, raw in zip(paths, raws[1:] + raws[:1], strict=True):
            path.write_bytes(raw)

    def lose(self, path: str) -> None:
        """Lose what lies in a folder of the project, as far as there is one."""
        shutil.rmtree(self.organ.root / path, ignore_errors=True)

    def lose_bytes(self) -> None:
        """Lose the bytes of what was published."""
        for path in (self.organ.root / ".jifenbang").glob("outputs/*/blobs"):
            shutil.rmtree(path)

    def roll_back(self) -> None:
        """Let the site be what it was before, if there is anything before."""
        self.organ.run("rollback", "--output", self.organ.root / self.folder, today=self.today)

    def tamper(self, path: str, raw: bytes | None = b"?") -> None:
        """Change a file of the site itself, or remove it."""
        file = self.organ.root / self.folder / path
        if raw is None:
            file.unlink()
        else:
            file.write_bytes(raw)

    def forge(self, path: str, raw: bytes = b"?") -> None:
        """Change a file of the site itself, and mend the manifest, which anyone can."""
        store = Store.for_output(Project(self.organ.root), (self.organ.root / self.folder).resolve())
        [manifest] = store.read_present_releases()
        self.tamper(path, raw)
        store.write_manifest(replace(manifest, files={**manifest.files, path: digest_bytes(raw)}))

    # --- builds

    def build(self, root: Path, *, warm: bool) -> Outcome:
        """Build with what is cached or without; a process begins with nothing in mind."""
        worker.clear_caches()
        with self._program():
            return self._preview(root, warm=warm) if self.previewed is not None else self._build(root)

    def _build(self, root: Path) -> Outcome:
        words = ["--audience", self.readers, "--output", root / self.folder, "--jobs", "1", *self.words]
        done = SiteProject.at(root).run("build", *words, today=self.today)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        output = [_lasting(line) for line in done.output.replace(str(root), "").splitlines()]
        files = {} if done.exit_code else site_files(root, self.folder)
        return {"exit code": done.exit_code, "output": [line for line in output if line], **files}

    def _preview(self, root: Path, *, warm: bool) -> Outcome:
        readers, store = frozenset(map(Audience, self.readers.split(","))), self.organ.root.parent / "previewed"
        request = BuildRequest(root, self.today, readers, store=store, with_drafts=bool(self.previewed))
        cache_folder, held = (store / "cache", self.held) if warm else (None, None)
        built = engine.build_preview(request, cache_folder, held)
        self.held = built.files.digests
        return {"failed": built.has_errors, "problems": built.problems, **built.files.digests}

    @contextmanager
    def _program(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(openssh, "find_tool_problem", lambda *_: None)
            # Only a build that goes on has a release to compare with; what it refuses is tried elsewhere.
            patch.setattr(input_changes, "find_changed_values", lambda *_: [])
            if self.version:
                program = source_digests.digest_program()
                patch.setattr(source_digests, "digest_program", lambda: program + self.version)
                VERSIONS[self.version](patch)
            yield

    def go_on(self) -> Outcome:
        """Build with what is cached."""
        return self.build(self.organ.root, warm=True)

    def begin_anew(self) -> Outcome:
        """Build with nothing but the sources."""
        shutil.rmtree(self.fresh, ignore_errors=True)
        shutil.copytree(self.organ.root, self.fresh, ignore=shutil.ignore_patterns(".jifenbang", "site", "public"))
        return self.build(self.fresh, warm=False)

    def agree(self) -> None:
        """Both ways come to the same."""
        warm, cold = self.go_on(), self.begin_anew()
        differing = [name for name in sorted({*warm, *cold}) if warm.get(name) != cold.get(name)]
        assert {name: warm.get(name) for name in differing} == {name: cold.get(name) for name in differing}


def _lasting(line: str) -> str:
    """What is said of a site itself, whatever was there before."""
    if any(word in line for word in ("今后只能更正，不能撤回", "与上一次发布相比", "〔build.no-cache〕")):
        return ""
    return line.partition("，更新")[0] if line.startswith("网站已生成") else line


# --- other versions of the program


def _draws_otherwise(patch: pytest.MonkeyPatch) -> None:
    real = page_renderer.render_page
    patch.setattr(page_renderer, "render_page", lambda *arguments: real(*arguments) + "<!-- 新版 -->".encode())


def _reads_rosters_otherwise(patch: pytest.MonkeyPatch) -> None:
    real = roster_file.read_roster

    def read(raw, file, order, *rest):
        roster, problems = real(raw, file, order, *rest)
        return roster and replace(roster, members=tuple(replace(one, aka="新版") for one in roster.members)), problems

    patch.setattr(roster_file, "read_roster", read)


def _reads_ledgers_otherwise(patch: pytest.MonkeyPatch) -> None:
    real = ledger_file.read_ledger

    def read(raw, file, number=0):
        ledger, problems, sealed = real(raw, file, number)
        return ledger and replace(ledger, recorder=f"新版{ledger.recorder}"), problems, sealed

    patch.setattr(ledger_file, "read_ledger", read)


VERSIONS = {
    "draws otherwise": _draws_otherwise,
    "reads rosters otherwise": _reads_rosters_otherwise,
    "reads ledgers otherwise": _reads_ledgers_otherwise,
}
