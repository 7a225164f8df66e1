"""The command ``jifenbang``, also as ``python -m generator``."""

import gc


def main() -> None:
    """Run the command line, without the garbage collector: a command ends soon, and what it makes forms no cycles."""
    gc.disable()
    try:
        from generator.commands import cli  # noqa: PLC0415  the collector would look through all that it imports, too

        cli.main(prog_name="jifenbang")
    finally:
        gc.freeze()  # else Python would look for cycles in all there is before it ends


if __name__ == "__main__":
    main()
