"""What editors accept and mark by the schemas, held against what the program reads and refuses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.intake.files import schemas
from tests.conftest import PROVE
from tests.editor_yaml import find_fault, kind_of, validator_of
from tests.random_organs import RandomOrgan
from tests.site_project import REPOSITORY

GALLERY = REPOSITORY / "tests/errors"
# In the same shape as what is right: the words themselves are wrong.
SAME_SHAPE = {
    "field.bad-date~impossible": "a day that no calendar has",
    "field.bad-id~article": "the name of the file",
    "field.bad-id~poll": "the name of the file",
    "field.bad-id~reserved": "a word that is kept for folders and pages",
    "field.bad-number~floor": "a number of the wrong sign",
    "field.bad-period~honours": "a period is read as people write it, and any text may be one",
    "field.bad-number~step": "a number of the wrong sign",
}
PROBLEM = re.compile(r"^(?P<file>[^:\n]+\.(?:yaml|md)):\d+:\d+: 错误：.*〔field\.[a-z-]+〕$", re.MULTILINE)


def yaml_files(root: Path) -> Iterator[tuple[str, str]]:
    """The files of a site project of any kind that has a schema."""
    for folder in ("content", "ledgers", "themes"):
        for path in sorted((root / folder).rglob("*")):
            file = path.relative_to(root).as_posix()
            if path.is_file() and kind_of(file):
                yield file, path.read_text(encoding="utf-8-sig")


def test_every_file_of_the_sample_is_of_the_shape_of_its_kind():
    kinds = set()
    for file, text in yaml_files(REPOSITORY):
        kinds.add(kind_of(file))
        assert find_fault(file, text) == "", file
    assert kinds >= {"site", "notice", "page", "theme", "roster", "rulebook", "cycle", "ledger", "correction", "poll"}


@pytest.mark.parametrize("seed", range(300 if PROVE else 2))
def test_every_file_of_an_organ_drawn_by_chance_is_of_its_shape(tmp_path: Path, seed: int):
    organ = RandomOrgan(tmp_path, seed)
    organ.approve()
    organ.correct()
    files = dict(yaml_files(tmp_path))
    assert len(files) > 25
    for file, text in files.items():
        assert find_fault(file, text) == "", file


def cases() -> list[str]:
    return sorted(folder.name for folder in GALLERY.glob("field.*") if folder.name not in SAME_SHAPE)


@pytest.mark.parametrize("case", cases())
def test_what_check_refuses_by_its_shape_is_marked(case: str):
    expected = (GALLERY / case / "expected").read_text(encoding="utf-8")
    for file in {match["file"] for match in PROBLEM.finditer(expected)}:
        text = (GALLERY / case / "files" / file).read_text(encoding="utf-8-sig")
        assert find_fault(file, text), file


def test_each_schema_says_what_it_is_for():
    for kind in schemas.KINDS:
        schema = schemas.build_schema(kind)
        assert schema["title"] == schemas.KINDS[kind].title
        assert callable(validator_of(kind))
