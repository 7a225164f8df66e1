"""A generator of its own writes a page a record; all that makes articles, pages, feeds and indexes is off."""

import json
from pathlib import Path

from pelican import signals
from pelican.generators import Generator

SITENAME, SITEURL, TIMEZONE, DEFAULT_LANG = "党员积分榜", "", "Asia/Shanghai", "en"
PATH, THEME = "content", "theme"
ARTICLE_PATHS, PAGE_PATHS, STATIC_PATHS, THEME_STATIC_PATHS, DIRECT_TEMPLATES = [], [], [], [], []
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
DEFAULT_PAGINATION = False
SITE = json.loads(Path("site.json").read_text(encoding="utf-8"))
PATHS = json.loads(Path("paths.json").read_text(encoding="utf-8"))


class Records(Generator):
    """A page for each of ``paths.json``."""

    def generate_output(self, writer):
        context = {"site": SITE, "localsiteurl": ""}
        for path in PATHS:
            record = json.loads(Path("records", f"{path}.json").read_text(encoding="utf-8"))
            writer.write_file(path, self.get_template(record["kind"]), context, d=record)


class Plugin:
    """What pelican takes for a plugin."""

    @staticmethod
    def register():
        signals.get_generators.connect(_generators)


def _generators(_):
    return Records


PLUGINS = [Plugin]
