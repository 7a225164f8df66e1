"""The pages of the manual: the index, and what it leads to."""

import re

from tests.site_project import REPOSITORY

_FOLDER = REPOSITORY / "content/pages"


def manual_page(name: str) -> str:
    """The text of one page, as it was written."""
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")


# Their names, the index first.
MANUAL_PAGES = [
    "manual",
    *(
        path.stem
        for path in sorted(_FOLDER.glob("*.md"))
        if re.search("^parent: manual$", manual_page(path.stem), re.MULTILINE)
    ),
]
# Their paths, as documents name them.
MANUAL_FILES = [f"content/pages/{name}.md" for name in MANUAL_PAGES]
