"""Pages of the preview itself, and what it adds to those of the site: the problems, in front of the page."""

from collections.abc import Sequence

from markupsafe import Markup

from generator.problems import Problem, Severity, arrange_problems, describe_problem
from generator.project import Project

# Every text goes through ``format``, which escapes it: messages quote what is written in files.
_PANEL = Markup("""<link rel="stylesheet" href="{assets}live.css">
<aside id="jifenbang-preview"{errors} lang="zh-CN" aria-label="预览">
<p class="stopped" role="status" hidden>预览已经停止，这一页不再更新。请重新运行 jifenbang serve，打开新的网址。</p>
{problems}
</aside>
<script src="{assets}live.js" data-state="{state}"></script>
""")
_PROBLEMS = Markup("""<details open>
<summary role="status">{summary}</summary>
<ol>
{listed}
</ol>
</details>""")
_PROBLEM = Markup("""<li class="{severity}">
<p class="place"><code title="点一下，选中整个位置">{place}</code></p>
<p><strong>{label}：</strong>{message}。</p>
<p>{hint}。<span class="code">〔{code}〕</span></p>{excerpt}
</li>""")
_EXCERPT = Markup("""
<pre><span>{line} | </span>{before}<mark>{marked}</mark>{after}</pre>""")
_PAGE = Markup("""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · 预览</title>
</head>
<body class="jifenbang-page">
<main>
<h1>{title}</h1>
<p>{text}</p>
{link}</main>
{panel}</body>
</html>
""")


_REDIRECT = Markup("""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={address}">
<title>预览</title>
</head>
<body><p><a href="{address}">打开预览</a></p></body>
</html>
""")


def render_panel(project: Project, problems: Sequence[Problem], assets: str, state: int, *, is_built: bool) -> Markup:
    """Render what each page ends with: all problems, and the script by which it follows.

    ``assets`` is the path of the files that it needs, ``state`` the number of what the page shows.
    """
    arranged = arrange_problems(problems)
    errors = sum(problem.is_error for problem in arranged)
    parts = [f"{errors} 处错误" if errors else "", f"{len(arranged) - errors} 处提醒" if len(arranged) > errors else ""]
    summary = "，".join(filter(None, parts)) + ("。网页还是出错以前的样子" if errors and is_built else "")
    listed = Markup("\n").join(_render_problem(project, problem) for problem in arranged)
    details = _PROBLEMS.format(summary=summary, listed=listed) if arranged else ""
    marked = Markup(' class="errors"') if errors else ""
    return _PANEL.format(errors=marked, assets=assets, problems=details, state=state)


def render_problem_list(project: Project, problems: Sequence[Problem]) -> Markup:
    """Render all problems, without the script by which pages follow."""
    return Markup("<ol>{}</ol>").format(
        Markup("\n").join(_render_problem(project, problem) for problem in arrange_problems(problems))
    )


def _render_problem(project: Project, problem: Problem) -> Markup:
    text = describe_problem(problem, project.source_line(problem.where))
    excerpt: str = ""
    if text.excerpt is not None:
        marked = text.excerpt[text.caret : text.caret + 1]
        excerpt = _EXCERPT.format(
            line=problem.where.line,
            before=text.excerpt[: text.caret],
            marked=marked or " ",
            after=text.excerpt[text.caret + 1 :],
        )
    return _PROBLEM.format(
        severity="error" if problem.severity is Severity.ERROR else "warning",
        place=text.place,
        label=text.label,
        message=text.message,
        hint=text.hint,
        code=text.code,
        excerpt=excerpt,
    )


def add_panel(page: bytes, panel: Markup) -> bytes:
    """Return a page of the site with the panel at the end of its body."""
    before, end, after = page.rpartition(b"</body>")
    return before + panel.encode() + end + after if end else page + panel.encode()


def render_waiting_page(panel: Markup, *, has_errors: bool) -> bytes:
    """Render what is shown in the place of every page while there is no site."""
    title = "还没有可以预览的网站" if has_errors else "正在生成预览"
    text = "改正下面的错误并存盘，网页就会出现。" if has_errors else "请稍等，生成好了网页会自己出现。"
    return _render_page(title, text, panel)


def render_missing_page(path: str, root: str, panel: Markup) -> bytes:
    """Render what is shown for an address that the site does not have; ``root`` is the path of the home page."""
    text = f"网站里没有 {path}。可能是网址有误，或者它所依据的资料改了、删了。"
    return _render_page("页面不存在", text, panel, Markup('<p><a href="{}">回到首页</a></p>\n').format(root))


def _render_page(title: str, text: str, panel: Markup, link: Markup | str = "") -> bytes:
    return _PAGE.format(title=title, text=text, link=link, panel=panel).encode()


def render_redirect(address: str) -> bytes:
    """Render a page that leads on to an address."""
    return _REDIRECT.format(address=address).encode()
