"""``jifenbang correct``: start a correction 更正 of a sealed month."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import is_terminal, locate_file, project_command, unwrap_result
from generator.core.basics.privacy import find_private_number
from generator.problems import replace_invisible
from generator.project import Project
from generator.workflow import correct


@click.command(
    "correct",
    cls=ExampleCommand,
    help=(
        "给一份已审核的台账起草更正；编号写要改写的各条，如 a1、e2；不写的，列出来请您选。"
        "只补录、剔除的写“无”，都要改写的写“全部”。"
    ),
    examples={
        "先看有哪几条，选好再起草": "jifenbang correct ledgers/2026/first/11.yaml",
        "改写第一条活动和第二条记录": "jifenbang correct ledgers/2026/first/11.yaml a1 e2 --recorder 宋楠",
        "只补录或剔除，不改写": "jifenbang correct ledgers/2026/first/11.yaml 无",
    },
)
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@click.argument("lines", nargs=-1, metavar="[编号]...")
@click.option("--recorder", default="", metavar="姓名", help="登记人")
@project_command
def command(project: Project, today: date, *, file: Path, lines: tuple[str, ...], recorder: str) -> None:
    """Write the draft of the month's next correction beside its ledger."""
    if find_private_number(recorder) or not recorder.isprintable():
        raise click.UsageError("--recorder 请只写姓名")
    name = project.file_name(locate_file(project, file))

    def choose(descriptions: Mapping[str, str]) -> Sequence[str]:
        return _read_choice(lines or _ask_for_lines(descriptions), descriptions)

    draft_name = unwrap_result(project, correct.draft_correction(project, today, name, choose, recorder.strip()))
    click.echo(f"已起草：{draft_name}。请填写原因，改好各条，再送支委会审核。")


_ALL_LINES, _NO_LINES = {"全部", "all"}, {"无", "none"}
_HOW = "只补录、剔除的写“无”，都要改写的写“全部”"


def _ask_for_lines(descriptions: Mapping[str, str]) -> Sequence[str]:
    """Return what is answered to a numbered list of the month's lines; without a terminal, end with the list."""
    if not is_terminal():
        listed = "\n".join(f"  {label}  {replace_invisible(text)}" for label, text in descriptions.items())
        raise click.UsageError(f"请在文件后面写明改写哪几条（{_HOW}），本月现有：\n{listed}")
    click.echo("本月现有各条：")
    width = len(str(len(descriptions)))
    for number, (label, text) in enumerate(descriptions.items(), 1):
        click.echo(f"  {number:>{width}}  {label}  {replace_invisible(text)}")
    while True:
        answer = str(click.prompt(f"改写哪几条？写序号，几条用空格隔开；{_HOW}", prompt_suffix="："))
        words = answer.replace("，", " ").replace("、", " ").replace(",", " ").split()
        labels = [_find_label(word, descriptions) for word in words]
        if all(labels):
            return labels
        click.echo(f"没有“{words[labels.index('')]}”这一条。")


def _find_label(word: str, descriptions: Mapping[str, str]) -> str:
    """Return the label of a line that is named by its number in the list or its label; empty if there is none."""
    if word.isdecimal() and 1 <= int(word) <= len(descriptions):
        return [*descriptions][int(word) - 1]
    return word if word in descriptions or word in _ALL_LINES | _NO_LINES else ""


def _read_choice(words: Sequence[str], descriptions: Mapping[str, str]) -> Sequence[str]:
    """Return the labels that are meant by labels, or by one of the words for all and none."""
    if set(words) <= _NO_LINES:
        return ()
    return [*descriptions] if set(words) <= _ALL_LINES else words
