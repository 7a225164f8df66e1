"""The command ``jifenbang``, also as ``python -m generator``."""

import gc


def main() -> None:
    """Run the command line without the garbage collector: a command ends soon, and its values form no cycles."""
    gc.disable()
    try:
        from generator.commands import cli  # noqa: PLC0415  else the collector would run during the imports

        cli.main(prog_name="jifenbang")
    finally:
        gc.freeze()  # else Python would look for cycles among all objects before it exits


if __name__ == "__main__":
    main()
