"""``python -m generator`` is the command ``jifenbang``."""

from generator.commands import main

main()
