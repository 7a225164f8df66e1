"""Two sites are compared whole: paths and bytes."""

from pathlib import Path

import pytest

from tests import same_bytes

SITE = {"index.html": "a", "members/zhang.html": "b"}


def lay(folder: Path, files: dict[str, str]) -> dict[str, str]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return same_bytes.digests(folder)


OTHERS = [
    # another site                                                             what differs
    ({"members/zhang.html": "b", "index.html": "a"},                           []),
    ({"index.html": "a", "members/zhang.html": "c"},                           ["members/zhang.html"]),
    ({"index.html": "a"},                                                      ["members/zhang.html"]),
    ({"index.html": "a", "zhang.html": "b"},                                   ["members/zhang.html", "zhang.html"]),
    ({"index.html": "b", "members/zhang.html": "a"},                           ["index.html", "members/zhang.html"]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "paths"), OTHERS)
def test_what_differs_is_named(tmp_path: Path, files: dict[str, str], paths: list[str]):
    one, other = lay(tmp_path / "one", SITE), lay(tmp_path / "other", files)
    assert same_bytes.differing(one, other) == same_bytes.differing(other, one) == paths
    assert (same_bytes.whole(one) == same_bytes.whole(other)) == (not paths)


@pytest.mark.parametrize(
    ("audit", "same"), [('{"heads": 1, "program": 3, "assets": 4}', True), ('{"heads": 2}', False)]
)
def test_the_digests_of_the_program_are_not_compared(tmp_path: Path, audit: str, *, same: bool):
    one = lay(tmp_path / "one", {"audit.json": '{"heads": 1, "program": 2, "templates": 3}'})
    other = lay(tmp_path / "other", {"audit.json": audit})
    assert (one == other) is same
