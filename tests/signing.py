"""An organ whose approvals are signed with OpenSSH keys, and what an attacker does to its files."""

import hashlib
import json
import re
import subprocess
from datetime import date
from pathlib import Path

import yaml

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
    return yaml.load((organ.root / file).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def digest(ledger: dict[str, dict[str, str]], *without: str) -> str:
    """The digest of a ledger as the manual tells everybody to compute it."""
    block = {name: value for name, value in ledger["approval"].items() if name not in {"digest", *without}}
    text = json.dumps({**ledger, "approval": block}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


# --- what an attacker does ------------------------------------------------------------------------------------------


def forge(organ: SiteProject, *changes: tuple[str, str, str]) -> None:
    """Rewrite sealed files and recompute every digest of the branch, from January on."""
    for file, old, new in changes:
        text = (organ.root / file).read_text(encoding="utf-8")
        assert old in text, (file, old)
        organ.write(file, text.replace(old, new))
    renewed = {}
    for file in (FIRST, SECOND):
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
