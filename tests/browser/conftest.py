"""One browser for all files of this folder: to launch it takes longer than most tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import launched
from tests.conftest import CHROMIUM


@pytest.fixture(scope="package")
def _browser() -> Iterator[Browser]:
    with launched(CHROMIUM) as browser:
        yield browser


@pytest.fixture(scope="module")
def chromium(_browser: Browser) -> Iterator[Browser]:
    """The browser, in which each file leaves nothing open."""
    yield _browser
    for context in _browser.contexts:
        context.close()
