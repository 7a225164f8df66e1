"""Links of articles: the attachments that are published with them, and the links that lead nowhere."""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from msgspec import Struct

from generator.core.basics.privacy import find_private_number
from generator.core.model.settings import Article
from generator.intake.files import attachment_file
from generator.intake.text.fields import PRIVATE_NUMBER
from generator.intake.text.reader import ProjectReader
from generator.problems import Location, Problem, Severity, suggest_known_word
from generator.project import Project
from generator.render.html.link_targets import Outline, is_outside_address, resolve_target
from generator.render.site.routes import article_path


class ArticleLink(Struct, frozen=True):
    """A link or picture of an article: its place, its target as written, and the path and anchor that this means.

    The path is empty if the target is a file of the writer's machine.
    """

    article: Article
    where: Location
    target: str
    path: str
    anchor: str


class ArticleLinks(Struct, frozen=True):
    """The links of all articles, and what is there to be linked.

    ``anchors`` are those of each article's page, by its path. ``files`` are the files beside articles that may be
    attachments, by their path in the site, which is that below ``content/``.
    """

    links: tuple[ArticleLink, ...]
    anchors: Mapping[str, frozenset[str]]
    files: Mapping[str, Path]

    def list_attachments(self, articles: Container[Article]) -> Mapping[str, ArticleLink]:
        """Return the attachments of these articles by path, each with the first link to it."""
        linked: dict[str, ArticleLink] = {}
        for link in self.links:
            if link.path in self.files and link.article in articles:
                linked.setdefault(link.path, link)
        return linked


def outline_article(text: str) -> Outline:
    """Return the targets and the anchors in an article."""
    from generator.render.html import markdown  # noqa: PLC0415  slow to import, and no site without articles needs it

    return markdown.outline_article(text)


def read_article_links(
    project: Project,
    articles: Sequence[Article],
    files: Iterable[Path],
    outline: Callable[[str], Outline] = outline_article,
) -> ArticleLinks:
    """Return all links of the articles; ``files`` are those beside them that may be attachments."""
    outlines = {article_path(article): outline(article.text) for article in articles}
    links = [link for article in articles for link in _list_links(article, outlines[article_path(article)])]
    return ArticleLinks(
        tuple(links),
        {path: outline.anchors for path, outline in outlines.items()},
        {path.relative_to(project.content_folder).as_posix(): path for path in files},
    )


def _list_links(article: Article, outline: Outline) -> Iterator[ArticleLink]:
    for written in outline.targets:
        target = resolve_target(written, article_path(article))
        if target:
            yield ArticleLink(article, _locate(article, written), written, target.path, target.anchor)
        elif not is_outside_address(written):
            yield ArticleLink(article, _locate(article, written), written, "", "")


def _locate(article: Article, target: str) -> Location:
    """Return the first place of a target in an article's file, by its text."""
    text = article.text
    for written in dict.fromkeys([target, escape(target, quote=False)]):
        if (start := _find_between_signs(text, written)) >= 0:
            line_start = text.rfind("\n", 0, start) + 1
            line = article.first_line + text.count("\n", 0, start)
            return Location(article.file, line, start - line_start + 1)
    return Location(article.file)


def _find_between_signs(text: str, target: str) -> int:
    """Return the first place of a target between signs that may be around it, not at the end of another; -1 if none."""
    start = text.find(target)
    while start >= 0:
        before, behind = text[max(start - 1, 0) : start], text[start + len(target) : start + len(target) + 1]
        if (before in _SIGNS_BEFORE or before.isspace()) and (behind in _SIGNS_BEHIND or behind.isspace()):
            break
        start = text.find(target, start + 1)
    return start


# With none, where the text begins and where it ends.
_SIGNS_BEFORE = {"", "(", "<", '"', "'", "=", ":"}
_SIGNS_BEHIND = {"", ")", ">", '"', "'"}


# --- attachments -----------------------------------------------------------------------------------------------------

_ATTACHMENT = "content.attachment"


def check_attachments(project: Project, links: ArticleLinks) -> Iterator[Problem]:
    """Yield an error for each linked file that can't be published, by its kind or its name."""
    linked: dict[str, ArticleLink] = {}
    by_name_in_lower_case: dict[str, str] = {}
    for link in links.links:
        if link.path not in linked:
            linked[link.path] = link
            yield from _check_attachment(project, links, link)
            namesake = by_name_in_lower_case.setdefault(link.path.casefold(), link.path)
            if link.path in links.files and namesake in links.files and namesake != link.path:
                message = f"附件“{namesake}”和“{link.path}”的名字只差大小写，在 Windows 上是同一个文件"
                yield Problem(link.where, _ATTACHMENT, message, "请给其中一个改名，链接也照改")


def _check_attachment(project: Project, links: ArticleLinks, link: ArticleLink) -> Iterator[Problem]:
    name = link.path.rpartition("/")[2]
    if link.path not in links.files:
        if link.path not in links.anchors and _is_refused_file(project, link.path):
            message = f"“{name}”这样的文件不能作附件，没有公布"
            hint = f"附件可以是 {'、'.join(attachment_file.ENDINGS)}；doc、xls、ppt 请另存为新格式或 pdf"
            hint += "；网页、SVG 图和脚本会在读者的浏览器里运行，不能公布"
            yield Problem(link.where, _ATTACHMENT, message, hint)
    elif fault := attachment_file.find_name_fault(link.path):
        message = f"附件“{name}”不能公布：{fault}"
        yield Problem(link.where, _ATTACHMENT, message, "请给文件改名，链接也照改")
    elif number := find_private_number(link.path):
        message = f"附件的名字里“{number}”像是身份证号或电话号码，而名字会公布"
        yield Problem(link.where, PRIVATE_NUMBER, message, "请给文件改名，链接也照改")


def _is_refused_file(project: Project, path: str) -> bool:
    """Return whether there is a file beside the articles that is neither an article nor of a kind of attachment."""
    is_beside = path.startswith(("notices/", "pages/")) and not path.endswith(".md")
    try:
        return is_beside and (project.content_folder / path).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def find_unlinked_files(project: Project, links: ArticleLinks) -> Iterator[Problem]:
    """Yield a warning for each file beside articles that no article links, and that is not published for that."""
    linked = {link.path for link in links.links}
    for path, file in links.files.items():
        if path not in linked:
            name = path.partition("/")[2]
            hint = f"要公布的，在文章里写 [附件](<{name}>)；不用的请移走"
            message = "没有文章链接这个文件，不会公布"
            where = Location(f"{project.file_name(file.parent)}/{file.name}", 0)
            yield Problem(where, "content.attachment-unlinked", message, hint, Severity.WARNING)


def read_attachments(
    reader: ProjectReader, links: ArticleLinks, attachments: Mapping[str, ArticleLink]
) -> list[Problem]:
    """Read attachments, and return what is to be known before they are published.

    That is an error for a file that can't be read, and warnings of what the program can't see and readers can.
    """
    problems: list[Problem] = []
    unseen: dict[Article, list[ArticleLink]] = defaultdict(list)
    for path, link in attachments.items():
        raw = reader.read_bytes(links.files[path], attachment_file.MAX_BYTES)
        if raw is None:
            continue
        if attachment_file.has_text(path):
            unseen[link.article].append(link)
        if authors := attachment_file.find_authors(raw):
            names = "、".join(f"“{name}”" for name in authors)
            message = f"附件“{posixpath.basename(path)}”的文件属性里写着作者{names}，会随文件公布"
            hint = "不要公布的，请在 WPS、Word 的“文件 → 文档信息（属性）”里删去作者，再存一次"
            problems.append(Problem(link.where, "content.attachment-author", message, hint, Severity.WARNING))
    for linked in unseen.values():
        names = "、".join(f"“{posixpath.basename(link.path)}”" for link in linked)
        message = f"附件{names}里的文字，程序没有查过有没有身份证号、电话号码"
        hint = "公布以前请打开看一遍"
        problems.append(Problem(linked[0].where, "content.attachment-text", message, hint, Severity.WARNING))
    return [*reader.problems, *problems]


# --- dead links ------------------------------------------------------------------------------------------------------


def find_dead_links(
    links: ArticleLinks, articles: Container[Article], built_paths: Collection[str]
) -> Iterator[Problem]:
    """Yield a warning for each link of these articles to a page, file or anchor that the site does not have.

    A notice that is not due is no such page: on its day it will be there.
    """
    for link in links.links:
        if link.article not in articles:
            continue
        if link.path in links.anchors:
            anchors = links.anchors[link.path]
            if link.anchor and link.anchor not in anchors:
                page = "本页" if link.path == article_path(link.article) else f"“{link.path}”"
                suggestion = suggest_known_word(link.anchor, sorted(anchors)) if anchors else "那里没有标题"
                hint = f"{suggestion}；位置的名字就是那里的标题，不写标点，空格写成 -"
                yield _dead_link(link, f"{page}里没有“#{link.anchor}”这个位置", hint)
        elif link.path not in built_paths:
            yield _dead_link(link, *_explain_dead_link(links, link, built_paths))


def _dead_link(link: ArticleLink, message: str, hint: str) -> Problem:
    text = f"链接“{link.target}”打不开：{message}"
    return Problem(link.where, "content.dead-link", text, hint, Severity.WARNING)


_BESIDE = "附件请放在文章旁边（content/notices 或 content/pages），链接从文章所在的文件夹写起，例如 [附件](附件.pdf)"


def _explain_dead_link(links: ArticleLinks, link: ArticleLink, built_paths: Collection[str]) -> tuple[str, str]:
    """Return what is wrong with a dead link, and what to do about it."""
    path = link.path
    if not path:
        return "它是这台电脑上的位置，读者那里没有", _BESIDE
    if path.startswith(("../", "/")) or path == "..":
        return "它指到网站以外，那里的文件不会公布", _BESIDE
    if path.endswith(".md") and path.removesuffix(".md") + ".html" in links.anchors:
        return "网站里的文章是网页，没有 .md 文件", f"请写成 {link.target.replace('.md', '.html')}"
    if "\\" in path:
        return "文件夹之间写的是反斜线", "请把 \\ 改成 /"
    return _explain_missing_target(links, link, built_paths)


def _explain_missing_target(links: ArticleLinks, link: ArticleLink, built_paths: Collection[str]) -> tuple[str, str]:
    path = link.path
    if attachment_file.has_attachment_ending(link.anchor):
        return f"没有 content/{path} 这个文件", "文件名里的 # 在链接里要写成 %23"
    name, folder = posixpath.basename(path), posixpath.dirname(path)
    if attachment_file.has_attachment_ending(path):
        near = [posixpath.basename(file) for file in links.files if posixpath.dirname(file) == folder]
        same = next((file for file in near if file.casefold() == name.casefold()), None)
        hint = suggest_known_word(name, near) if near else _BESIDE
        return f"没有 content/{path} 这个文件", f"文件名是“{same}”，大小写要一样" if same else hint
    from_root = path.partition("/")[2]
    if from_root in built_paths:
        return f"网站里没有“{path}”", f"那一页不在这个文件夹里，请写成 ../{from_root}"
    near = [
        posixpath.basename(page) for page in built_paths if page.endswith(".html") and posixpath.dirname(page) == folder
    ]
    return f"网站里没有“{path}”", suggest_known_word(name, near) if near else _BESIDE
