"""The program's own templates are known by their digests; ``UPDATE_GOLDEN=1`` writes those anew."""

import json
import os
from pathlib import Path

import pytest

from generator.build import released_templates, source_digests
from generator.intake.files import theme_file
from generator.intake.text.reader import ProjectReader
from generator.project import Project
from tests.site_project import REPOSITORY


def digest_theme(root: Path, theme: str) -> dict[str, str]:
    project = Project(root)
    layers = theme_file.resolve_theme_layers(ProjectReader(project), theme)
    return dict(source_digests.digest_theme_files(project, layers))


def test_the_digests_are_those_of_all_templates():
    digests = released_templates.digest_templates(digest_theme(REPOSITORY, "hall"))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        text = json.dumps(digests, indent=2, sort_keys=True)
        released_templates.DIGESTS_PATH.write_text(f"{text}\n", encoding="utf-8")
    assert digests.keys() == {"shipped/default", "shipped/hall"}
    assert digests == json.loads(released_templates.DIGESTS_PATH.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("theme", "template"), [("default", ""), ("hall", ""), ("default", "notice.html"), ("own", "x.html")]
)
def test_a_theme_with_any_template_of_the_projects_is_not_the_released_one(tmp_path: Path, theme: str, template: str):
    if template:
        path = tmp_path / f"themes/{theme}/templates/{template}"
        path.parent.mkdir(parents=True)
        path.write_text("", encoding="utf-8")
    assert released_templates.are_as_released(digest_theme(tmp_path, theme)) is not bool(template)


def test_nor_is_one_that_was_changed_where_it_is_installed():
    digests = digest_theme(REPOSITORY, "default")
    assert not released_templates.are_as_released({**digests, "shipped/default/templates/base.html": "0" * 64})
    assert not released_templates.are_as_released({**digests, "shipped/default/templates/another.html": "0" * 64})
    assert released_templates.are_as_released({**digests, "shipped/default/assets/site.css": "0" * 64})
