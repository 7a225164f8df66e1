"""Two programs, one site: ``make same BASE=COMMIT``.

The program at a commit and that of the working tree, each with its own themes, build the same projects in all four
editions: the sample as it was at that commit, and an organ of the bench. Every byte is compared but what ``audit.json``
says of the program and its theme.
"""

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click

from tests.bench import organs
from tests.site_project import REPOSITORY

MEMBERS = 200
PROJECT = ("content", "ledgers")
ALL = ("--audience", "organ,branch,member,committee")


class Case(NamedTuple):
    """A project and the words to build it with."""

    name: str
    project: Path
    words: tuple[str, ...]


def digests(site: Path) -> dict[str, str]:
    """The sha256 of every file of a site by its path, in order."""
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): sha256(content(path)).hexdigest() for path in files}


def content(path: Path) -> bytes:
    """What is compared of a file: of an ``audit.json`` all but the digests of program and theme."""
    raw = path.read_bytes()
    if path.name not in ("audit.json", "audit.json.gz"):
        return raw
    audit = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return json.dumps({name: audit[name] for name in audit if name not in ("program", "templates", "assets")}).encode()


def whole(files: dict[str, str]) -> str:
    """One sha256 of a site: of its paths and of what they hold."""
    return sha256("".join(f"{digest}  {path}\n" for path, digest in files.items()).encode()).hexdigest()


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Paths that only one site has, or that hold other bytes."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def checkout(commit: str, folder: Path) -> Path:
    """What the repository held at a commit."""
    words = ["git", "-C", REPOSITORY, "archive", "--format=tar", commit, "generator", "themes", *PROJECT]
    with tarfile.open(fileobj=io.BytesIO(run(words, REPOSITORY))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def run(words: Sequence[str | Path], folder: Path, **environment: str) -> bytes:
    """What a command prints; raises ``ClickException`` with what it complained of."""
    done = subprocess.run(words, cwd=folder, env={**os.environ, **environment}, capture_output=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(map(str, words))}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def python(program: Path, folder: Path, *words: str) -> str:
    """Run Python where ``generator`` is that of a program; gives what was printed."""
    return run([sys.executable, *words], folder, PYTHONPATH=str(program), PYTHONSAFEPATH="1").decode()


def build(program: Path, case: Case, folder: Path) -> dict[str, str]:
    """The site that a program makes of a copy of the project."""
    for name in PROJECT:
        shutil.copytree(case.project / name, folder / name)
    python(program, folder, "-m", "generator", "build", *ALL, *case.words)
    return digests(folder / "site")


def cases(base: Path, organ: Path) -> Iterator[Case]:
    """What is built: without and with compressed twins, while a year is under way and once it is over."""
    yield Case("sample", base, ("--today", "2026-11-22"))
    yield Case("sample, compressed", base, ("--today", "2027-03-01", "--gzip"))
    yield Case(f"organ of {MEMBERS}", organ, ("--today", organs.TODAY.isoformat()))


def compare(base: Path, folder: Path, tell: Callable[[str], None]) -> bool:
    """Build every case with both programs; whether all sites are the same."""
    programs = {"before": base, "after": REPOSITORY}
    for program in programs.values():
        imported = python(program, folder, "-c", "import generator; print(generator.__file__)").strip()
        assert Path(imported).is_relative_to(program), imported
    organs.make(folder / "organ", MEMBERS, corrections=True)
    paths: list[str] = []
    for number, case in enumerate(cases(base, folder / "organ")):
        one, other = (build(program, case, folder / f"{side}-{number}") for side, program in programs.items())
        found = differing(one, other)
        tell(f"{case.name}: {len(other)} files, {whole(one)} {whole(other)} {'differ' if found else 'same'}")
        paths += [f"{case.name}: {path}" for path in found]
    for path in paths:
        tell(path)
    return not paths


@click.command()
@click.option("--base", required=True, help="the commit to compare with")
def main(base: str) -> None:
    """Print each site's sha256 and every path that differs; exit code 1 if one does."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        sys.exit(0 if compare(checkout(base, folder / "base"), folder, click.echo) else 1)


if __name__ == "__main__":
    main()
