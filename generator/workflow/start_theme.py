"""Start a theme of one's own: a folder that builds at once, with colours and one overridden block."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.core.model.palette import ROLES
from generator.intake.text.fields import FileReport, read_slug
from generator.intake.text.yaml_nodes import ScalarNode
from generator.problems import CommandResult
from generator.project import Project
from generator.workflow import record_text

_METADATA = """\
# 主题 {name}。上一级是 default，要改上一级的写 parent。
title: {name}

# 只写要换的颜色，连同引号。light 浅色，dark 深色，print 打印。
# {roles}
colours:
  light:
    red: "#0b5a4a"
    link: "#0b5a4a"
  dark:
    red: "#7fd6bf"
    link: "#7fd6bf"
"""

_BASE = """\
{{# 每一页的框架。这里只改了一块 head：多用一个样式文件；其余各块仍是上一级的。
   可以改的块：head、nav（导航）、main（正文）、foot（页脚）等；super() 是上一级的那一块。 #}}
{{% extends "default/base.html" %}}

{{% block head %}}
{{{{ super() }}}}
{{% set own = link('assets/{name}.css') %}}
{{% if own %}}<link rel="stylesheet" href="{{{{ own }}}}">{{% endif %}}
{{% endblock %}}
"""

_STYLES = """\
/* 主题 {name} 自己的样式，在上一级的后面。颜色写在 theme.yaml 里，这里用 var(--red) 的写法。 */
@media screen {{
  .title h1 {{ letter-spacing: .1em; }}
}}
"""

_README = """\
# 主题 {name}

在 `content/site.yaml` 里写 `theme: {name}`，运行 `jifenbang serve`，边改边看。

| 文件 | 改什么 |
| --- | --- |
| `theme.yaml` | 颜色：浅色、深色、打印；上一级主题 |
| `assets/{name}.css` | 样式；图片也放在 `assets` 里 |
| `templates/base.html` | 每一页的框架；要改别的网页，照样新建与上一级同名的文件，只写要改的一块 |

写错了，`jifenbang check` 会指出在哪个文件的哪一行；没有放在这里的文件，都用上一级的。

怎样一步步做，见程序的 `themes/README.md`。
"""


def start_theme(project: Project, name: str) -> CommandResult[Sequence[str]]:
    """Write the folder of a new theme, and return the names of its files; nothing is overwritten."""
    if not project.settings_path.is_file():
        hint = "请核对 -C；新建站点请运行 jifenbang new 文件夹"
        return CommandResult(usage_error=f"“{project.root}”不是站点文件夹：那里没有 content/site.yaml。{hint}")
    report = FileReport(project.file_name(project.settings_path))
    if read_slug(ScalarNode(name, 1, 1), report) is None:
        return CommandResult(usage_error=f"{report.problems[0].message}。{report.problems[0].hint}")
    own_themes, shipped_themes = project.theme_folders()
    if name in _list_shipped_names(shipped_themes):
        return CommandResult(usage_error=f"“{name}”是程序自带的主题或样式的名字，请换一个")
    folder = own_themes / name
    if folder.exists() or folder.is_symlink():
        return CommandResult(usage_error=f"已经有 themes/{name}，没有改动；请换一个名字，或先把它移走")
    files = _compose_files(name)
    record_text.write_files({folder / path: text.encode() for path, text in files.items()})
    return CommandResult([f"themes/{name}/{path}" for path in files])


def _list_shipped_names(shipped_themes: Path) -> set[str]:
    """Return the names of the shipped themes and of their style sheets, which one of that name would replace."""
    themes = [path for path in shipped_themes.iterdir() if path.is_dir()]
    return {path.name for path in themes} | {path.stem for theme in themes for path in theme.glob("assets/*.css")}


def _compose_files(name: str) -> Mapping[str, str]:
    roles = "，".join(f"{role} {title}" for role, title in ROLES.items())
    return {
        "theme.yaml": _METADATA.format(name=name, roles=roles),
        "templates/base.html": _BASE.format(name=name),
        f"assets/{name}.css": _STYLES.format(name=name),
        "README.md": _README.format(name=name),
    }
