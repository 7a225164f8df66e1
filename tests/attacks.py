"""What somebody can do to a project who has its files: one act each, on a place drawn by chance."""

import hashlib
import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from generator.core.sealing import digests
from generator.intake.files import rulebook_file

Act = Callable[[Path, random.Random], None]
RULEBOOK = "ledgers/rulebooks/erqi-2021.yaml"
ROSTER = "ledgers/roster.yaml"


# --- places ----------------------------------------------------------------------------------------------------------


def ledgers(root: Path, branch: str = "*") -> list[Path]:
    """The approved ledgers, without their corrections."""
    files = sorted(root.glob(f"ledgers/2026/{branch}/??.yaml"))
    return [path for path in files if "approval:" in path.read_text(encoding="utf-8")]


def corrections(root: Path) -> list[Path]:
    return sorted(root.glob("ledgers/2026/*/??.c?.yaml"))


def filings(root: Path) -> list[Path]:
    return sorted(root.glob("ledgers/2026/filings/*.yaml"))


def reviews(root: Path) -> list[Path]:
    return [root / "ledgers/2026/reviews.yaml"]


def honours(root: Path) -> list[Path]:
    return [root / "ledgers/2026/honours.yaml"]


def votes(root: Path) -> list[Path]:
    return sorted(root.glob("ledgers/2026/votes/*.yaml"))


# --- digests made true -----------------------------------------------------------------------------------------------


def recompute(root: Path, *only: Path) -> None:
    """Make every digest true again, and carry it to wherever the old one stands."""
    files = list(only) or sorted(root.glob("ledgers/20*/**/*.yaml"))
    texts, true = {file: file.read_text(encoding="utf-8") for file in files}, False
    while not true:
        true = True
        for file in files:
            whole = yaml.load(texts[file], Loader=yaml.CBaseLoader)
            claimed = whole.get("approval", whole).pop("digest", None)
            plain = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            digest = "sha256:" + hashlib.sha256(plain.encode()).hexdigest()
            if claimed not in {None, digest}:
                texts = {one: text.replace(claimed, digest) for one, text in texts.items()}
                true = False
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")


def leave_out_meaning(root: Path) -> None:
    """Leave out of all approvals what their words came to: an approval may be without."""
    for file in root.glob("ledgers/20*/*/*.yaml"):
        file.write_text(re.sub(r"  counted: .*\n", "", file.read_text(encoding="utf-8")), encoding="utf-8")


def forged(act: Act) -> Act:
    """The act, and every digest of the project made to fit."""

    def forge(root: Path, chance: random.Random) -> None:
        act(root, chance)
        leave_out_meaning(root)
        recompute(root)

    return forge


def unsigned(act: Act) -> Act:
    """The act, as if nothing had ever been signed, and every digest of the project made to fit."""

    def strip(root: Path, chance: random.Random) -> None:
        act(root, chance)
        leave_out_meaning(root)
        for file in root.glob("ledgers/20*/**/*.yaml"):
            text = re.sub(r"(?m)^  (?:signature|approvers|list): .*\n", "", file.read_text(encoding="utf-8"))
            file.write_text(text, encoding="utf-8")
        recompute(root)

    return strip


def with_own_digest(act: Callable[[Path, random.Random], Path]) -> Act:
    """The act on a file, and the digest of this file made true."""
    return lambda root, chance: recompute(root, act(root, chance))


# --- acts on lines ---------------------------------------------------------------------------------------------------


def change_text(path: Path, change: Callable[[str], str]) -> Path:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, path
    path.write_text(after, encoding="utf-8")
    return path


def body(text: str) -> tuple[str, str]:
    """What was approved, and the approval."""
    at = text.index("approval:")
    return text[:at], text[at:]


def change_match(path: Path, chance: random.Random, pattern: str, other: Callable[[re.Match[str]], str]) -> Path:
    """Change one of the places of a pattern in what was approved."""

    def change(text: str) -> str:
        head, seal = body(text)
        match = chance.choice(list(re.finditer(pattern, head)))
        return head[: match.start()] + other(match) + head[match.end() :] + seal

    return change_text(path, change)


def pick(paths: list[Path], chance: random.Random, pattern: str) -> Path:
    return chance.choice([path for path in paths if re.search(pattern, body(path.read_text(encoding="utf-8"))[0])])


LINE = r"(?m)^  - \{(?:member|item):.*\n"
ENTRY = r"(?m)^  - \{member:.*\n"


def edit_times(root: Path, chance: random.Random) -> Path:
    pattern = r"times: (\d)"
    path = pick(ledgers(root), chance, pattern)
    return change_match(path, chance, pattern, lambda match: f"times: {int(match[1]) % 3 + 1}")


def edit_member(root: Path, chance: random.Random) -> Path:
    pattern = r"member: (m\d+)"
    path = pick(ledgers(root), chance, pattern)
    in_branch = sorted(set(re.findall(r"m\d+", path.read_text(encoding="utf-8"))))
    return change_match(
        path,
        chance,
        pattern,
        lambda match: "member: " + next(one for one in [*in_branch, "m0", "m1"] if one != match[1]),
    )


def edit_item(root: Path, chance: random.Random) -> Path:
    pattern = r"item: (suggestion|criticism|late-document)"
    path = pick(ledgers(root), chance, pattern)
    others = {"suggestion": "criticism", "criticism": "late-document", "late-document": "suggestion"}
    return change_match(path, chance, pattern, lambda match: f"item: {others[match[1]]}")


def edit_date(root: Path, chance: random.Random) -> Path:
    path = pick(ledgers(root), chance, LINE)
    return change_match(
        path,
        chance,
        r"date: (2026-\d\d)-(\d\d)",
        lambda match: f"date: {match[1]}-{(int(match[2]) - 1 + chance.randint(1, 26)) % 28 + 1:02}",
    )


def delete_line(root: Path, chance: random.Random) -> Path:
    return change_match(pick(ledgers(root), chance, f"{ENTRY}{ENTRY[4:]}"), chance, ENTRY, lambda _: "")


def repeat_line(root: Path, chance: random.Random) -> Path:
    return change_match(pick(ledgers(root), chance, LINE), chance, LINE, lambda match: match[0] * 2)


def edit_recorder(root: Path, chance: random.Random) -> Path:
    return change_text(
        chance.choice(ledgers(root)), lambda text: text.replace("登记员", chance.choice(["李四", "登记"]))
    )


def edit_approver(root: Path, chance: random.Random) -> Path:
    return change_text(
        chance.choice(ledgers(root)), lambda text: text.replace("by: 审核员", f"by: 张{chance.randint(1, 999)}")
    )


def edit_meeting(root: Path, chance: random.Random) -> Path:
    day = chance.randint(1, 9)
    return change_text(
        chance.choice(ledgers(root)), lambda text: text.replace("meeting: 2026-08-10", f"meeting: 2026-08-0{day}")
    )


def edit_correction(root: Path, chance: random.Random) -> Path:
    return change_match(
        chance.choice(corrections(root)), chance, "reason: (.*)", lambda match: f"{match[0]}{chance.randint(1, 999)}"
    )


# --- acts on whole files ---------------------------------------------------------------------------------------------


def cut_approval(root: Path, chance: random.Random) -> None:
    """Not of a branch's newest: those stand for themselves."""
    change_text(chance.choice(middle(root)), lambda text: body(text)[0])


def middle(root: Path) -> list[Path]:
    return [path for branch in ("jia", "yi", "bing") for path in ledgers(root, branch)[:-1]]


def remove_ledger(root: Path, chance: random.Random) -> None:
    chance.choice(middle(root)).unlink()


def remove_newest(root: Path, chance: random.Random) -> None:
    """Remove all that a branch has from some month on, and what rests on it."""
    branch = chance.choice(["jia", "yi", "bing"])
    files = ledgers(root, branch)
    for path in files[chance.randrange(len(files)) :]:
        for file in path.parent.glob(f"{path.stem}.*"):
            file.unlink()
    for file in root.glob(f"ledgers/2026/filings/*.{branch}.yaml"):
        file.unlink()
    for file in corrections(root):
        if file.parent.name == branch:
            file.unlink()


def swap_approvals(root: Path, chance: random.Random) -> None:
    one, other = chance.sample(ledgers(root), 2)
    (head, seal), (other_head, other_seal) = (body(path.read_text(encoding="utf-8")) for path in (one, other))
    one.write_text(head + other_seal, encoding="utf-8")
    other.write_text(other_head + seal, encoding="utf-8")


def copy_over_month(root: Path, chance: random.Random) -> None:
    branch = chance.choice(["jia", "yi", "bing"])
    target = chance.choice(ledgers(root, branch)[:-1])
    source = chance.choice([path for path in ledgers(root, branch) if path != target])
    shutil.copyfile(source, target)


def copy_over_branch(root: Path, chance: random.Random) -> None:
    source = chance.choice(ledgers(root))
    others = [path for path in ledgers(root) if path.name == source.name and path != source]
    target = chance.choice(others)
    shutil.copyfile(source, target)


def remove_correction(root: Path, chance: random.Random) -> None:
    chance.choice(corrections(root)).unlink()


def remove_filing(root: Path, chance: random.Random) -> None:
    chance.choice(filings(root)).unlink()


def edit_filing(root: Path, chance: random.Random) -> Path:
    return change_text(
        chance.choice(filings(root)), lambda text: text.replace("by: 备案员", f"by: 别人{chance.randint(1, 999)}")
    )


def copy_filing(root: Path, chance: random.Random) -> None:
    source, target = chance.sample(filings(root), 2)
    shutil.copyfile(source, target)


def edit_score(root: Path, chance: random.Random) -> Path:
    return change_match(
        reviews(root)[0], chance, r"(m\d+): (\d+)", lambda match: f"{match[1]}: {int(match[2]) % 40 + 59.5}"
    )


def edit_vote(root: Path, chance: random.Random) -> Path:
    return change_match(
        votes(root)[0], chance, r"(m\d+): (\d)", lambda match: f"{match[1]}: {int(match[2]) + chance.randint(1, 9)}"
    )


def edit_honour(root: Path, chance: random.Random) -> Path:
    return change_match(honours(root)[0], chance, r"date: (2026-08-)\d\d", lambda match: f"date: {match[1]}03")


def remove_ballot(root: Path, chance: random.Random) -> None:
    chance.choice([*reviews(root), *votes(root), *honours(root)]).unlink()


# --- acts on what ledgers rest on ------------------------------------------------------------------------------------


def edit_points(root: Path, chance: random.Random) -> None:
    def change(text: str) -> str:
        match = chance.choice(list(re.finditer(r"(?m)^    points: (-?[\d.]+)$", text)))
        return text[: match.start()] + f"    points: {float(match[1]) * 2:g}" + text[match.end() :]

    change_text(root / RULEBOOK, change)


def edit_cap(root: Path, chance: random.Random) -> None:
    def change(text: str) -> str:
        match = chance.choice(list(re.finditer(r"(?m)cap: (\d+)$", text)))
        return text[: match.start()] + f"cap: {int(match[1]) + chance.randint(1, 5)}" + text[match.end() :]

    change_text(root / RULEBOOK, change)


def reseal_rulebook(root: Path, chance: random.Random) -> None:
    """Change points, and let every approval hold the digest of the other rules."""
    edit_points(root, chance)
    rulebook, _ = rulebook_file.read_rulebook((root / RULEBOOK).read_bytes(), RULEBOOK)
    assert rulebook is not None
    digest = digests.digest_scoring_rules(rulebook)
    for file in root.glob("ledgers/20*/**/*.yaml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"rulebook: sha256:\w+", f"rulebook: {digest}", text), encoding="utf-8")
    leave_out_meaning(root)
    recompute(root)


def edit_status(root: Path, chance: random.Random) -> None:
    def change(text: str) -> str:
        match = chance.choice(list(re.finditer(r"status: (full|probationary)", text)))
        return text[: match.start()] + "status: " + {"full": "probationary"}.get(match[1], "full") + text[match.end() :]

    change_text(root / ROSTER, change)


def edit_move(root: Path, chance: random.Random) -> None:
    def change(text: str) -> str:
        match = chance.choice(list(re.finditer(r"from: (2026-\d\d)-(\d\d)", text)))
        return text[: match.start()] + f"from: 2026-{chance.choice(['01', '07'])}-17" + text[match.end() :]

    change_text(root / ROSTER, change)


def remove_member(root: Path, chance: random.Random) -> None:
    def change(text: str) -> str:
        match = chance.choice(list(re.finditer(r"(?m)^  - \{id: m\d+,.*\n", text)))
        return text[: match.start()] + text[match.end() :]

    change_text(root / ROSTER, change)


def rename_member(root: Path, chance: random.Random) -> None:
    def change(text: str) -> str:
        match = chance.choice(list(re.finditer(r"(id: m\d+), name: \w+", text)))
        return text[: match.start()] + f"{match[1]}, name: 改名" + text[match.end() :]

    change_text(root / ROSTER, change)
