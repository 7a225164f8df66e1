"""How paths are written in links, and which pages stay for ever."""

import pytest

from generator.core.model.settings import Audience
from generator.render.site import routes

QUOTED = {
    "branches/jia/2026-01.html": "branches/jia/2026-01.html",
    "audit.html#jia-2026-01-c1": "audit.html#jia-2026-01-c1",
    "": "",
    "boards/2026-H1.html": "boards/2026-H1.html",
    "pages/说明.html": "pages/%E8%AF%B4%E6%98%8E.html",
    "pages/a b.html#c d": "pages/a%20b.html#c%20d",
    'pages/"?&%.html': "pages/%22%3F%26%25.html",
}


@pytest.mark.parametrize("path", QUOTED)
def test_what_a_link_can_not_have_is_quoted(path: str):
    assert routes.quote_path(path) == QUOTED[path]


PERMANENT = {
    "boards/2026-H1.html": Audience.ORGAN,
    "boards/2026.r2.html": Audience.ORGAN,
    "boards/2026-H1.c1.html": Audience.ORGAN,
    "branches/jia/2026-01.html": Audience.BRANCH,
    "branches/jia/2026-Q1.r10.html": Audience.BRANCH,
    "branches/jia/2026-Q1.c1.html": Audience.BRANCH,
    "branches/gone/2026-01.html": None,
    "branches/jia/index.html": None,
    "boards/2026-H1.p2.html": None,
    "boards/2026-H1.branches.html": None,
    "boards/2026-13.html": None,
    "members/zhang.html": None,
    "members/2026.html": None,
    "committee/2026.html": None,
    "audit.html": None,
    "boards/2026-H1.html.gz": None,
    "old/boards/2026-H1.html": None,
}


@pytest.mark.parametrize("path", PERMANENT)
def test_boards_their_revisions_and_notices_stay_for_those_who_may_see_them(path: str):
    for audience in Audience:
        stays = routes.is_permanent_page(path, {audience}, {"jia", "yi"})
        assert stays is (audience is PERMANENT[path])
