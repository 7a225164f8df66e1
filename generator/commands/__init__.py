"""The command line. Commands alone print, prompt and exit: 0 done, 1 the data has errors, 2 wrong usage."""

import gettext
import importlib
import io
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from generator import __version__
from generator.commands.command_group import ExampleCommand, StrictGroup

# Before any command is imported: some words of click's are chosen when a type is made.
os.environ["LANGUAGE"] = "zh_CN"
gettext.bindtextdomain("messages", Path(__file__).parent / "locale")

# Commands by who uses them. A command's module is imported when the command is used: no command waits for imports that
# it doesn't need.
_COMMANDS_BY_READER = {
    "党支部登记人": {
        "sheet": "导出一个月的工作簿，给登记人填",
        "import": "把填好的工作簿变成台账草稿",
        "check": "检查全部或指定的文件，列出所有问题",
        "tidy": "改好草稿里的标点、空格、缩进和日期",
        "form": "打印台账",
    },
    "党支部书记": {
        "approve": "支委会审核通过后，封存台账",
        "correct": "起草一份更正：已审核的月份有错时用",
        "score": "列出一张榜单",
        "explain": "逐条说明一名党员某一周期的积分从何而来",
    },
    "机关党委经办人": {
        "desk": "打开工作台：在浏览器里办全部事情",
        "new": "新建一个站点：从空文件夹到能生成网站",
        "year": "新年度立账",
        "roster": "改名册：新进、转接、离开、转正、改名，支部成立、换书记、撤销",
        "build": "计分并生成静态网站",
        "publish": "把生成好的网站送到网页服务器的文件夹",
        "diff": "下一次生成会改变什么",
        "file": "记录一个季度已向机关党委备案",
        "outcomes": "一年的结果运用，只供机关党委",
        "archive": "把一个周期归档成一个文件，只供机关党委",
        "report": "季度备案材料、结果运用、表彰投票：写成一个文件，只供机关党委",
    },
    "出了问题，或要核对": {
        "verify": "核对全部封存和网站，说明改动过什么",
        "restore": "已封存的文件被改坏、删掉时，恢复成封存时的样子",
        "rollback": "把网站退回到上一次生成",
    },
    "做主题、写规则的人": {
        "theme": "新建一个自己的主题",
        "serve": "边改边看的本机预览，草稿也计入并标明",
    },
    "所有人": {
        "status": "各支部每个月办到哪一步，下一步运行什么",
        "manual": "打开使用手册",
        "schema": "写出各种文件的键和值的格式，编辑器据此补全、检查",
        "completion": "按 Tab 补全命令：给出 bash、zsh、fish 的脚本",
    },
}
_COMMANDS = {name: title for titles in _COMMANDS_BY_READER.values() for name, title in titles.items()}

_MODULES = {"import": "import_workbooks"}  # of commands whose name a module can't have


@contextmanager
def _explain_in_chinese() -> Iterator[None]:
    """Say what is wrong with a command line without the words that click has in English only."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise  # it shows the help
    except click.UsageError as error:
        explained = click.UsageError(_describe_usage_error(error), error.ctx)
        raise explained from error


def _describe_usage_error(error: click.UsageError) -> str:
    """Return the message of a usage error; values that are not allowed are quoted as in all messages."""
    name = _name_parameter(error.param) if isinstance(error, click.BadParameter) and error.param else ""
    if isinstance(error, click.MissingParameter) and name:
        return f"没有写{name.rstrip()}{_give_example(error.ctx)}"
    message = error.message if isinstance(error, click.BadParameter) else error.format_message()
    message = re.sub(r"'([^']*)'", r"“\1”", message).replace("”, “", "”、“").removesuffix(".")
    # click parts its sentences by a blank, and a word from what is quoted; lists that follow are left as they are.
    sentence, newline, lines = message.partition("\n")
    sentence = re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[“\u3000-\u9fff\uff00-\uffef])", "", sentence)
    message = f"{sentence}{newline}{lines}"
    return f"{name.lstrip()}写法不对：{message}" if name else message


def _give_example(context: click.Context | None) -> str:
    """Return the first example of the command, to be written behind what is missing."""
    if context is None or not isinstance(context.command, ExampleCommand):
        return ""
    return f"，例如：{next(iter(context.command.examples.values()))}"


def _name_parameter(parameter: click.Parameter) -> str:
    """Return the name of an argument or option as the usage has it."""
    if isinstance(parameter, click.Option):
        return f" {max(parameter.opts, key=len)} "
    return f"“{(parameter.metavar or '').strip('[].')}”"


class _CommandGroup(StrictGroup):
    """Commands that are imported by name when they are used, with messages in Chinese."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the options before the command."""
        with _explain_in_chinese():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _explain_in_chinese():
            return super().invoke(ctx)

    def main(self, *args: Any, **options: Any) -> Any:
        """Run in the encoding of the terminal or pipe, or in UTF-8 if that has no Chinese."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                encoding = stream.encoding if stream.isatty() or _has_chinese(stream.encoding) else "utf-8"
                newline = None if stream.isatty() else "\n"
                stream.reconfigure(encoding=encoding, errors="replace", newline=newline)
        return super().main(*args, **options)

    def list_sections(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        return {reader: list(titles.items()) for reader, titles in _COMMANDS_BY_READER.items()}

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"generator.commands.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        formatter.write_paragraph()
        formatter.write_text("每个命令怎样用，运行 jifenbang 命令 --help，有例子。从头学，运行 jifenbang manual。")


def _has_chinese(encoding: str) -> bool:
    """Return whether text of an encoding can be Chinese, as that of a pipe on Chinese Windows."""
    try:
        return bool("台账".encode(encoding))
    except (UnicodeEncodeError, LookupError):
        return False


@click.command(
    cls=_CommandGroup,
    options_metavar="[选项]",
    subcommand_metavar="命令 [内容]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("-C", "root", type=click.Path(path_type=Path), metavar="文件夹", help="站点文件夹，默认为当前文件夹")
@click.version_option(__version__, message="积分榜 jifenbang %(version)s", help="显示版本号。")
@click.pass_context
def cli(context: click.Context, root: Path | None) -> None:
    """积分榜：由已审核的台账生成公布榜单的静态网站。"""  # noqa: D400, D415  shown to Chinese readers
    context.obj = root or Path()
    if os.environ.get("NO_COLOR"):
        context.color = False
