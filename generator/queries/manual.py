"""Render the manual that is shipped with the program, and the pages that it links, without any site project."""

from collections.abc import Mapping
from datetime import date

from generator.core.model.roster import Roster
from generator.core.model.settings import Article, Settings
from generator.intake.files import content_files, theme_file
from generator.intake.text.reader import ProjectReader
from generator.project import Project, find_shipped_path
from generator.render.html.theme import Theme
from generator.render.site import page_renderer, pages
from generator.render.site.edition import SiteContext
from generator.render.site.routes import article_path

MANUAL = "manual.html"
_PAGES = (
    "manual",
    "recorder",
    "secretary",
    "clerk",
    "rulebook",
    "signing",
    "errors",
    "reading",
    "sample",
    "themes",
    "clusters",
)


def render_manual(today: date) -> Mapping[str, str]:
    """Return the HTML of each page by the name of its file; the pages need one another and no other file."""
    articles = tuple(_read_page(f"content/pages/{name}.md") for name in _PAGES)
    settings = Settings(organ="积分榜", committee="jifenbang", title="使用手册")
    site = SiteContext(settings, Roster((), ()), articles, today, preview=False)
    theme = Theme(theme_file.resolve_theme_layers(ProjectReader(Project(find_shipped_path("."))), settings.theme))
    paths = {article_path(article) for article in articles}
    return {
        f"{article.slug}.html": page_renderer.render_standalone(site, pages.build_article_page(article), theme, paths)
        for article in articles
    }


def _read_page(path: str) -> Article:
    article, problems = content_files.read_article(find_shipped_path(path).read_bytes(), path)
    assert article is not None, problems
    return article
