"""The cover of an archive: a page to open it by, which needs neither the program nor a network."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from markupsafe import Markup

from generator.core.basics.periods import Period, PeriodKind, get_period, periods_within
from generator.core.model.roster import Roster
from generator.core.model.settings import Article, Settings
from generator.render.html import filters
from generator.render.site.routes import board_path, quote_path

_PAGE = Markup("""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ margin: 2em auto; padding: 0 1em; max-width: 50em; font: 1.05em/1.8 serif; color: #111; background: #fff }}
.notice {{ border: 2px solid #a00; padding: .5em 1em; color: #800 }}
table {{ border-collapse: collapse }}
th, td {{ border: 1px solid #999; padding: .3em .8em; text-align: left; vertical-align: top }}
th {{ white-space: nowrap }}
a {{ color: #003a8c; display: inline-block; min-height: 24px }} code {{ overflow-wrap: anywhere }}
</style>
</head>
<body>
<h1>{title}</h1>
<p class="notice"><strong>只供机关党委内部使用，不得张贴，不得外传。</strong>
里面有扣分、处分及其原因，有末位，有原始台账。</p>
<p>内有本期及以前各期的榜单、公告、个人页、机关党委各页和全部原始资料，截至 {day}，
由积分榜程序（jifenbang）{version} 版写成。</p>
<p>整个压缩包展开到一个文件夹里，用任何一种浏览器打开本页就能看，不用联网，也不用安装程序。全部网页从
<a href="site/index.html">site/index.html</a> 看起，各次审核见 <a href="site/audit.html">审核记录</a>。</p>
<h2>榜单</h2>
<table>
<thead><tr><th>周期</th><th>全机关</th><th>各党支部</th></tr></thead>
<tbody>
{boards}
</tbody>
</table>
<h2>公告和更正公告</h2>
<ul>
{notices}
</ul>
<h2>核对</h2>
<p><code>jifenbang verify {archive}</code> 凭里面的原始资料重新计算每一个文件，逐个字节比对，不用站点的文件夹。</p>
<p>没有程序的：<code>manifest.json</code> 里有每个文件的 SHA-256 摘要，可以用系统自带的
<code>sha256sum</code>（Linux）或
<code>certutil -hashfile 文件 SHA256</code>（Windows）逐个比对。
压缩包本身的摘要，请与移交清单上记的比对。</p>
<h2>原始资料</h2>
<p>名册、规则、年度设置、网站设置、公告、附件、主题，以及已审核的台账、更正、备案和撤回记录，都是 UTF-8 的文本，
用记事本就能看。早于本期的，是名次升降、各版榜单和审核的前后相接所要用的。草稿不在里面。</p>
<ul>
{sources}
</ul>
</body>
</html>
""")


def render_cover(  # noqa: PLR0913  each is shown
    settings: Settings,
    roster: Roster,
    articles: Collection[Article],
    paths: Collection[str],
    *,
    period: Period,
    day: date,
    version: str,
) -> bytes:
    """Return the cover; ``paths`` are those of the archive's files."""
    state = settings.state_on(period.last)
    page = _PAGE.format(
        title=f"{state.organ}{filters.format_period(period)}积分档案",
        day=day,
        version=version,
        boards=Markup("\n").join(_list_boards(roster, paths, period)),
        notices=Markup("\n").join(_list_notices(roster, articles, paths, period)) or Markup("<li>没有</li>"),
        sources=Markup("\n").join(_list_sources(paths)),
        archive=f"{period}.zip",
    )
    return page.encode()


def _list_boards(roster: Roster, paths: Collection[str], period: Period) -> Iterator[Markup]:
    """Yield a row for each period that has a board, the longest first."""
    branches, versions = roster.named_on(period.last).branches, _list_versions(paths)
    for board_period in _list_periods(period):
        organ_links = _list_links(versions, board_path(board_period, None), "全机关")
        branch_links = [
            link
            for branch in branches
            for link in _list_links(versions, board_path(board_period, branch.id), branch.name)
        ]
        if organ_links or branch_links:
            cells = filters.format_period(board_period), *map(Markup("　").join, (organ_links, branch_links))
            yield Markup("<tr><th>{}</th><td>{}</td><td>{}</td></tr>").format(*cells)


def _list_periods(period: Period) -> Iterator[Period]:
    for kind in (PeriodKind.YEAR, PeriodKind.HALF, PeriodKind.QUARTER, PeriodKind.MONTH):
        for candidate in periods_within(get_period(PeriodKind.YEAR, period.year), kind):
            if candidate.first >= period.first and candidate.last <= period.last:
                yield candidate


def _list_versions(paths: Collection[str]) -> Mapping[str, Sequence[int]]:
    """Return the numbers of each page's earlier versions by its path; 0 is the page itself."""
    versions: dict[str, list[int]] = defaultdict(list)
    for match in filter(None, map(_PAGE_VERSION.fullmatch, paths)):
        versions[f"{match[1]}.html"].append(int(match[2] or 0))
    return versions


_PAGE_VERSION = re.compile(r"site/(.+?)(?:\.r([0-9]+))?\.html")


def _list_links(versions: Mapping[str, Sequence[int]], path: str, title: str) -> list[Markup]:
    """Return the link of a board, and those of its earlier versions."""
    numbers, stem = sorted(versions.get(path, ())), path.removesuffix(".html")
    if 0 not in numbers:
        return []
    links = [(path, title), *((f"{stem}.r{number}.html", f"{title}第{number}版") for number in numbers[1:])]
    return [_make_link(f"site/{target}", label) for target, label in links]


def _list_notices(
    roster: Roster, articles: Collection[Article], paths: Collection[str], period: Period
) -> Iterator[Markup]:
    """Yield the notices, oldest first, then those of corrections of the period's boards."""
    for article in sorted(articles, key=lambda article: (article.day or date.min, article.slug)):
        path = f"site/notices/{article.slug}.html"
        if article.day is not None and path in paths:
            yield Markup("<li>{} {}</li>").format(article.day, _make_link(path, article.title))
    bulletin = re.compile(r"site/(?:boards|branches/([^/]+))/([^/]+)\.c([0-9]+)\.html")
    names = {branch.id: branch.name for branch in roster.named_on(period.last).branches}
    periods = {str(board_period): board_period for board_period in _list_periods(period)}
    for match in filter(None, map(bulletin.fullmatch, sorted(paths))):
        if match[2] in periods:
            board_name = names.get(match[1], match[1]) if match[1] else "全机关"
            label = f"{board_name}{filters.format_period(periods[match[2]])}榜更正公告{match[3]}"
            yield Markup("<li>{}</li>").format(_make_link(match[0], label))


def _list_sources(paths: Collection[str]) -> Iterator[Markup]:
    """Yield an entry for each folder, with the names of its files."""
    sources = sorted(path.removeprefix("sources/").rpartition("/") for path in paths if path.startswith("sources/"))
    for folder, files in groupby(sources, key=lambda parts: parts[0]):
        links = [_make_link(f"sources/{''.join(parts)}", parts[2]) for parts in files]
        yield Markup("<li>{}/ {}</li>").format(folder, Markup("　").join(links))


def _make_link(path: str, label: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(quote_path(path), label)
