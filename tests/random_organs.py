"""Organs drawn by chance, each the same from its seed: vetoes, moves, late lines, ceilings, a floor, corrections.

The seed decides the rulebook, who moves when, and what every ledger holds. Seven months of three branches are approved
but for one branch's last, which stays a draft. Corrections are written apart, so that a site may be built before them.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import yaml

from generator.core.model.roster import Roster
from generator.core.model.settings import NameOrder
from generator.intake.files import roster_file
from tests.site_project import RULEBOOK, SETTINGS, SiteProject

TODAY = date(2026, 8, 20)
BRANCHES = ("jia", "yi", "bing")
MONTHS = range(1, 8)
LAST_DRAFT = ("bing", 7)
MEETING, CORRECTING = "2026-08-10", "2026-08-12"
PROOF = "evidence: {sign-in: 签到表, photo: 照片, document: 文件}"
NAMES = (
    *("丁一", "王二", "李静", "赵四", "周五", "吴六", "郑七", "李静"),
    *("孙九", "钱十", "冯冬冬", "陈西", "褚南", "卫北", "蒋中"),
)
ACTIVITIES = ("general-meeting", "dues", "study", "study", "life-meeting", "volunteer")
# Small ceilings, so that they are met.
TIGHT = (
    ("points: 2\n    cap: 40", "points: 2\n    cap: 9"),
    ("points: 2\n    cap: 10", "points: 2\n    cap: 5"),
    ("cap: 100}", "cap: 69}"),
    ("cap: 40}", "cap: 25}"),
)


class RandomOrgan:
    """A site project and what its ledgers hold, by branch and month: the lines by their labels a1, e1, …"""

    def __init__(self, root: Path, seed: int) -> None:
        self.chance = random.Random(f"organ {seed}")
        # A branch with lines of a member who has left it needs all scores of the others: half of the organs have none.
        self.has_late_lines = seed % 4 > 1
        self.organ = SiteProject(root, self._draw_roster(), _rulebook(seed))
        names = "masked" if seed % 3 == 2 else "full"
        self.organ.write("content/site.yaml", f"{SETTINGS}names: {names}\nobjection: {{days: 5, contact: 办公室}}\n")
        roster, problems = roster_file.read_roster(
            (root / "ledgers/roster.yaml").read_bytes(), "ledgers/roster.yaml", NameOrder.PINYIN
        )
        assert roster is not None, problems
        self.roster: Roster = roster
        self.lines = {(branch, number): self._draw_lines(branch, number) for branch in BRANCHES for number in MONTHS}
        # A veto in most organs: in one of these months, so that months before and after it are there, too.
        branch, number = self.chance.choice(BRANCHES), self.chance.randint(2, 5)
        self._add_entry(branch, number, "sanction", self.chance.choice(self._present(branch, date(2026, number, 20))))

    def approve(self) -> None:
        """Write and approve every ledger, the reviews of the year, a poll and an honour."""
        files = {key: self.organ.ledger(key[0], f"2026-{key[1]:02}", self._text(key)) for key in self.lines}
        people = [member.id for member in self.roster.members if member.branch_on(TODAY)]
        scores = ", ".join(f"{member}: {self.chance.randint(60, 99)}" for member in people)
        votes = ", ".join(f"{member}: {self.chance.randint(0, 5)}" for member in self.chance.sample(people, 4))
        ballots = [
            self.organ.write("ledgers/2026/reviews.yaml", f"year: 2026\nscores: {{{scores}}}\n"),
            self.organ.write(
                "ledgers/2026/votes/best.yaml",
                f"award: 优秀共产党员\ndate: 2026-08-11\nelectorate: 20\nvotes: {{{votes}}}\n",
            ),
            self.organ.write(
                "ledgers/2026/honours.yaml",
                f"year: 2026\nhonours: [{{award: 先锋, date: 2026-08-12, members: [{', '.join(people[:2])}]}}]\n",
            ),
        ]
        sealed = [file for key, file in files.items() if key != LAST_DRAFT]
        self.organ.approve(*sealed, meeting=MEETING, today=TODAY)
        self.organ.approve(*ballots, meeting=CORRECTING, today=TODAY)

    def correct(self) -> None:
        """Correct three months, one of them twice: add a line, strike one, restate one; a veto may come or go."""
        keys = self.chance.sample([key for key in self.lines if key != LAST_DRAFT], 3)
        for branch, number in [*keys, keys[0]]:
            folder = self.organ.root / f"ledgers/2026/{branch}"
            earlier = [folder / f"{number:02}.yaml", *sorted(folder.glob(f"{number:02}.c*.yaml"))]
            seal = yaml.load(earlier[-1].read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)["approval"]["digest"]
            head = f"branch: {branch}\nmonth: 2026-{number:02}\ncorrects: {seal}\nrecorder: 登记员\nreason: 核对\n"
            file = folder / f"{number:02}.c{len(earlier)}.yaml"
            file.write_text(head + self._draw_correction(branch, number, len(earlier)), encoding="utf-8")
            self.organ.approve(file, meeting=CORRECTING, today=TODAY)

    # --- people

    def _draw_roster(self) -> str:
        """Fifteen members: two of one name, two who move, one who returns, one who leaves, two who join."""
        day = [f"2026-0{self.chance.randint(2, 6)}-{self.chance.choice(['01', '09', '16', '27'])}" for _ in range(5)]
        there, back = sorted([f"2026-02-{self.chance.randint(2, 27):02}", f"2026-05-{self.chance.randint(2, 27):02}"])
        changes = {
            "m4": f"{{from: {day[0]}, branch: jia}}",
            "m9": f"{{from: {day[1]}, branch: bing}}",
            "m10": f"{{from: {there}, branch: jia}}, {{from: {back}, branch: yi}}",
            "m11": f"{{from: {day[2]}, left: 调离}}",
        }
        since = {"m12": day[3], "m13": day[4]}
        lines = ["branches:", *(f"  - {{id: {branch}, name: {branch}支部}}" for branch in BRANCHES), "members:"]
        for number, name in enumerate(NAMES):
            ident = f"m{number}"
            more = f", since: {since[ident]}" if ident in since else ""
            more += ", aka: 甲室" if ident == "m2" else ", aka: 乙室" if ident == "m7" else ""
            more += f", changes: [{changes[ident]}]" if ident in changes else ""
            status = "probationary" if number % 7 == 3 else "full"
            lines.append(f"  - {{id: {ident}, name: {name}, branch: {BRANCHES[number % 3]}, status: {status}{more}}}")
        return "\n".join([*lines, ""])

    def _present(self, branch: str, day: date) -> list[str]:
        return [member.id for member in self.roster.members_on(branch, day)]

    # --- ledgers

    def _draw_lines(self, branch: str, number: int) -> dict[str, str]:
        activities = [self._draw_activity(branch, number) for _ in range(self.chance.randint(1, 4))]
        entries = [self._draw_entry(branch, number) for _ in range(self.chance.randint(1, 4))]
        entries += self._draw_late_entries(branch, number)
        return {
            **{f"a{position}": line for position, line in enumerate(activities, start=1)},
            **{f"e{position}": line for position, line in enumerate(entries, start=1)},
        }

    def _draw_activity(self, branch: str, number: int) -> str:
        item, day = self.chance.choice(ACTIVITIES), date(2026, number, self.chance.randint(1, 28))
        lists: dict[str, list[str]] = {"present": [], "leave": [], "absent": [], "exempt": []}
        for member in self._present(branch, day):
            lists[self.chance.choices(list(lists), [6, 2, 1, 1])[0]].append(member)
        if item != "volunteer" and self.chance.random() < 0.7:
            del lists["present"]
        if item == "dues":
            del lists["leave"]
        named = "".join(f", {word}: [{', '.join(members)}]" for word, members in lists.items())
        return f"{{item: {item}, date: {day}, title: 活动{self.chance.randint(1, 9)}{named}, {PROOF}}}"

    def _draw_entry(self, branch: str, number: int) -> str:
        day = date(2026, number, self.chance.randint(1, 28))
        item = self.chance.choices(
            ["contest", "suggestion", "late-document", "criticism", "sanction"], [4, 6, 6, 2, 0.3]
        )[0]
        return self._write_entry(item, self.chance.choice(self._present(branch, day)), day)

    def _write_entry(self, item: str, member: str, day: date, more: str = "") -> str:
        level = f", level: {self.chance.choice(['joined', 'placed'])}" if item == "contest" else ""
        times = "" if item == "sanction" else f", times: {self.chance.randint(1, 3)}"
        return f"{{member: {member}, item: {item}, date: {day}{level}{times}{more}, {PROOF}}}"

    def _draw_late_entries(self, branch: str, number: int) -> Iterator[str]:
        """Yield lines of members who have left the branch, about a day when they still belonged to it."""
        for member in self.roster.members_ever_in[branch] if self.has_late_lines else ():
            spans = [span for span in member.spans if span.branch == branch]
            ends = [span.until for span in spans if span.until.year == 2026 and span.until.month <= number]
            if ends and member.branch_on(date(2026, number, 28)) != branch and self.chance.random() < 0.5:
                item = self.chance.choice(["suggestion", "late-document"])
                yield self._write_entry(item, member.id, ends[-1] - timedelta(days=1), ", late: 通知迟到")

    def _add_entry(self, branch: str, number: int, item: str, member: str) -> None:
        lines = self.lines[branch, number]
        position = 1 + sum(label.startswith("e") for label in lines)
        lines[f"e{position}"] = self._write_entry(item, member, date(2026, number, 20))

    def _text(self, key: tuple[str, int]) -> str:
        parts = {"activities": "a", "entries": "e"}
        return "".join(
            f"{word}:\n" + "".join(f"  - {line}\n" for label, line in self.lines[key].items() if label[0] == sign)
            for word, sign in parts.items()
        )

    def _draw_correction(self, branch: str, number: int, order: int) -> str:
        day = date(2026, number, 15)
        label = self.chance.choice([label for label in self.lines[branch, number] if label[0] == "e"])
        entry = self._write_entry(
            self.chance.choice(["suggestion", "criticism", "sanction"]),
            self.chance.choice(self._present(branch, day)),
            day,
        )
        added = f"kind: 补录\nentries:\n  - {entry}\n"
        if order > 1:  # of a line that an earlier correction has struck there is nothing to restate
            return added
        return self.chance.choice(
            [added, f"kind: 剔除\nstrike: [{label}]\n", f"kind: 误记\nrestate:\n  {label}: {entry}\n"]
        )


def _rulebook(seed: int) -> str:
    """Return one of the rulebooks: the seed's figures decide veto, floor, ties and ceilings."""
    text = RULEBOOK
    changes = [("veto: cycle ", "veto: reset ")] if seed % 2 else []
    changes += [("floor: null", f"floor: {(0, -3)[seed % 4 // 2]}")] if seed % 4 else []
    changes += [("ties: competition", "ties: dense")] if seed % 5 == 1 else []
    changes += TIGHT if seed % 3 else ()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text
