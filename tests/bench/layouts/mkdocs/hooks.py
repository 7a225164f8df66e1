"""A page a record: without text of its own, its record put before the theme when it is rendered."""

import json
from pathlib import Path

from mkdocs.structure.files import File, InclusionLevel

SITE = json.loads(Path("site.json").read_text(encoding="utf-8"))
PATHS = json.loads(Path("paths.json").read_text(encoding="utf-8"))


def on_files(files, config):
    """Add the pages."""
    for path in PATHS:
        name = f"{path.removesuffix('.html')}.md"
        if name not in files.src_uris:
            files.append(File.generated(config, name, content="", inclusion=InclusionLevel.NOT_IN_NAV))
    return files


def on_page_context(context, page, **_):
    """Give the theme the page's record."""
    path = page.file.dest_uri
    context["d"] = json.loads(Path("records", f"{path}.json").read_text(encoding="utf-8"))
    context["site"] = SITE
    return context
