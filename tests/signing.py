"""An organ whose approvals are signed with OpenSSH keys, and what an attacker does to its files."""

import hashlib
import json
import re
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml

from generator.core.sealing import digests
from generator.loader import openssh
from generator.workflow import record_text
from tests.site_project import TODAY, SiteProject, members

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi")
JANUARY = "entries: [{member: 张三, item: suggestion, date: 2026-01-05}]\n"
FEBRUARY = "entries: [{member: 王五, item: suggestion, date: 2026-02-05}]\n"
FIRST, SECOND = "ledgers/2026/jia/01.yaml", "ledgers/2026/jia/02.yaml"
LIST = "content/approvers"


def key(organ: SiteProject, name: str) -> Path:
    """A new key, kept outside the site project."""
    path = organ.root.parent / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return path


def signer(key: Path, options: str = 'namespaces="jifenbang"') -> str:
    """The key's line in the list of allowed signers."""
    return f"{key.name} {options} {key.with_suffix('.pub').read_text(encoding='utf-8').strip()}\n"


def enlist(organ: SiteProject, *lines: str) -> None:
    organ.write(LIST, "".join(lines))


def sign(organ: SiteProject, key: Path, *files: Path, meeting: str = "2026-03-03") -> None:
    done = organ.run("approve", *files, "--meeting", meeting, "--by", "审核员", "--acting", "代行", "--key", key)
    assert done.exit_code == 0, done.stderr


def seal(organ: SiteProject, number: int, *words: object, text: str, today: date = TODAY) -> None:
    """Write the list of that number, and seal it; ``words`` are keys and options."""
    organ.write(f"{LIST}.{number}", text)
    done = organ.run("approve", organ.root / f"{LIST}.{number}", *words, today=today)
    assert done.exit_code == 0, done.output


def make_chief(organ: SiteProject) -> Path:
    """The key of the one allowed signer."""
    made = key(organ, "chief")
    enlist(organ, signer(made))
    return made


def sign_two_months(organ: SiteProject, chief: Path) -> SiteProject:
    """An organ with two signed approvals."""
    sign(organ, chief, organ.ledger("jia", "2026-01", JANUARY), meeting="2026-02-03")
    sign(organ, chief, organ.ledger("jia", "2026-02", FEBRUARY))
    return organ


def codes(organ: SiteProject, *command: str, today: date = TODAY) -> list[str]:
    """The codes of a command's errors."""
    done = organ.run(*command, today=today)
    found = re.findall(r"错误：.*〔([a-z.-]+)〕", done.stderr)
    assert done.exit_code == (1 if found else 0), done.stderr
    return found


def plain(organ: SiteProject, file: str) -> dict[str, dict[str, str]]:
    return yaml.load((organ.root / file).read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)


def digest(ledger: dict[str, dict[str, str]], *without: str) -> str:
    """The digest of a ledger as the manual tells everybody to compute it."""
    block = {name: value for name, value in ledger["approval"].items() if name not in {"digest", *without}}
    text = json.dumps({**ledger, "approval": block}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


# --- what an attacker does ------------------------------------------------------------------------------------------


def forge(organ: SiteProject, *changes: tuple[str, str, str], files: Sequence[str] = (FIRST, SECOND)) -> None:
    """Rewrite sealed files and recompute every digest of these files of a branch, the earliest first."""
    for file, old, new in changes:
        text = (organ.root / file).read_text(encoding="utf-8")
        assert old in text, (file, old)
        organ.write(file, text.replace(old, new))
    renewed = {}
    for file in files:
        text = (organ.root / file).read_text(encoding="utf-8")
        for old, new in renewed.items():
            text = text.replace(old, new)
        organ.write(file, text)
        ledger = plain(organ, file)
        renewed[ledger["approval"]["digest"]] = digest(ledger)
        organ.write(file, text.replace(ledger["approval"]["digest"], digest(ledger)))


def line(organ: SiteProject, file: str, name: str) -> str:
    """A whole line of an approval."""
    text = (organ.root / file).read_text(encoding="utf-8")
    return re.findall(rf"  {name}: .*\n", text)[0]


def bare(organ: SiteProject, file: str, *names: str) -> list[tuple[str, str, str]]:
    return [(file, line(organ, file, name), "") for name in names]


def forge_record(organ: SiteProject, number: int, signers: dict[Path, str], **changes: object) -> None:
    """Seal the list of that number without the program, signed by any keys in the namespaces given.

    What isn't changed is as the program would write it; a change to None leaves a field out.
    """
    text = {
        one: (organ.root / f"{LIST}{'' if one == 1 else f'.{one}'}").read_text("utf-8") for one in (number - 1, number)
    }
    before = organ.root / f"{LIST}.{number - 1}.yaml"
    record: dict[str, object] = {
        "list": str(number),
        "approvers": digests.digest_approvers(text[number]),
        "previous": yaml.load(before.read_text("utf-8"), Loader=yaml.CBaseLoader)["digest"]
        if before.exists()
        else digests.digest_approvers(text[number - 1]),
        "on": TODAY.isoformat(),
        "heads": heads(organ),
        "ballots": [],
        "nonce": "0" * 32,
        **changes,
    }
    record = {name: value for name, value in record.items() if value is not None}
    signed = digests.digest_record(record)
    made = [openssh.sign_digest(signed, key, namespace)[0] for key, namespace in signers.items()]
    record["signatures"] = made
    raw = record_text.format_record({**record, "digest": digests.digest_record(record)})
    (organ.root / f"{LIST}.{number}.yaml").write_bytes(raw)


def heads(organ: SiteProject) -> dict[str, str]:
    """The digest of each branch's newest approval, by file name."""
    found = {}
    for path in sorted(organ.root.glob("ledgers/2026/*/*.yaml")):
        block = plain(organ, str(path.relative_to(organ.root))).get("approval")
        if block:
            found[path.parent.name] = block["digest"]
    return found
