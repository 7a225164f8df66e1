"""What digests of sources cover: every file, wherever it lies, and the versions of libraries that pages show."""

import os
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from generator.build import source_digests
from generator.project import Project


def test_every_file_is_listed_by_its_path(tmp_path: Path):
    files = ("content/site.yaml", "content/pages/b.md", "content/pages/a.md", "ledgers/2026/jia/01.yaml")
    for name in (*files, "content/pages/__pycache__/a.pyc", "site/index.html"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    (tmp_path / "ledgers/2026/yi/01.yaml").mkdir(parents=True)  # where a file should be
    (tmp_path / "content/linked").symlink_to("pages")
    os.mkfifo(tmp_path / "ledgers/pipe")
    listed = source_digests.digest_sources(Project(tmp_path))
    assert list(listed) == [
        "content/linked",
        "content/pages/a.md",
        "content/pages/b.md",
        "content/site.yaml",
        "ledgers/2026/jia/01.yaml",
        "ledgers/2026/yi/01.yaml/",
        "ledgers/pipe",
    ]
    assert {name: listed[name] for name in files} == {name: sha256(name.encode()).hexdigest() for name in files}
    assert (listed["content/linked"], listed["ledgers/pipe"]) == ("special pages", "special ")
    assert {source_digests.relative_name(Project(tmp_path), tmp_path / name) for name in listed} == {
        name.rstrip("/") for name in listed
    }


@pytest.mark.parametrize("root", ["organ", "organ/", "."])
def test_formats_of_tables_are_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str):
    monkeypatch.chdir(tmp_path)
    project = Project(Path(root))
    project.content_folder.mkdir(parents=True)
    for name in ("site.yaml", "import.yaml"):
        (project.content_folder / name).write_bytes(b"")
    assert list(source_digests.digest_sources(project)) == ["content/site.yaml"]


@pytest.mark.parametrize("root", [".", "/", "/srv/points", "points"])
def test_a_file_has_one_name_wherever_the_project_is(root: str):
    project = Project(Path(root))
    assert source_digests.relative_name(project, project.settings_path) == "content/site.yaml"


def test_digests_of_many_files_are_of_names_and_bytes():
    combined = [
        source_digests.combine_digests(digests)
        for digests in ({}, {"a": "1"}, {"b": "1"}, {"a": "2"}, {"a": "1", "b": "1"})
    ]
    assert len(set(combined)) == len(combined)
    assert source_digests.combine_digests({"b": "1", "a": "1"}) == combined[-1]


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path of Python's with libraries, one without, and the folder in which it was started, which has another."""
    for name in ("msgspec-0.19.0.dist-info", "PyYAML-6.0.egg-info", "click-8.dist-info", "jinja2"):
        (tmp_path / "lib" / name).mkdir(parents=True)
    (tmp_path / "no").mkdir()
    (tmp_path / "here/Jinja2-3.1.4.dist-info").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "path", ["", str(tmp_path / "python.zip"), str(tmp_path / "lib"), str(tmp_path / "no")])
    return tmp_path / "lib"


def test_libraries_are_told_by_the_folders_that_name_their_versions(libraries: Path):
    versions = set(source_digests._library_versions())  # noqa: SLF001
    assert versions == {"Jinja2-3.1.4.dist-info", "msgspec-0.19.0.dist-info", "PyYAML-6.0.egg-info"}
    assert source_digests.list_libraries() == ("jinja2 3.1.4", "msgspec 0.19.0", "pyyaml 6.0")
    assert libraries.is_dir()


def test_of_each_library_there_is_a_version():
    versions = [name.lower() for name in source_digests._library_versions()]  # noqa: SLF001
    libraries = source_digests._LIBRARIES  # noqa: SLF001
    assert [name for name in libraries if not any(version.startswith(name) for version in versions)] == []


def test_another_version_of_a_library_is_another_program(libraries: Path):
    digest_program = source_digests.digest_program.__wrapped__
    before = digest_program()
    (libraries / "click-8.dist-info").rename(libraries / "click-9.dist-info")
    assert digest_program() == before
    (libraries / "msgspec-0.19.0.dist-info").rename(libraries / "msgspec-0.20.0.dist-info")
    assert digest_program() != before


def test_another_python_is_another_program(libraries: Path, monkeypatch: pytest.MonkeyPatch):
    before = source_digests.digest_program.__wrapped__()
    monkeypatch.setattr(sys, "version", "3.99")
    assert source_digests.digest_program.__wrapped__() != before
    assert libraries.is_dir()
