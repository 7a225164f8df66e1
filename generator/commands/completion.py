"""``jifenbang completion``: the script with which a shell completes what is typed."""

import click
from click.shell_completion import ShellComplete, get_completion_class

from generator.commands.command_group import ExampleCommand

_SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    cls=ExampleCommand,
    help="给出命令补全脚本：装好以后，按 Tab 补全命令、选项、月份、支部和党员。PowerShell 和命令提示符没有。",
    examples={
        "bash（4.4 以上），写进 ~/.bashrc": 'eval "$(jifenbang completion bash)"',
        "zsh，写进 ~/.zshrc，放在 compinit 之后": 'eval "$(jifenbang completion zsh)"',
        "fish，存一次就行": "jifenbang completion fish > ~/.config/fish/completions/jifenbang.fish",
    },
)
@click.argument("shell", type=click.Choice(_SHELLS), metavar="bash|zsh|fish")
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that click has for the shell."""
    script_class = get_completion_class(shell)
    assert script_class is not None
    script = script_class(context.find_root().command, {}, "jifenbang", "_JIFENBANG_COMPLETE")
    click.echo(ShellComplete.source(script), nl=False)  # bash's own would run bash, to look at its version
