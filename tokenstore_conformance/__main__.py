"""``python -m tokenstore_conformance COMMAND``: what the kit does besides judging a store.

Each command is a module of ``commands``. `COMMANDS` lists them all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from tokenstore_conformance import __version__
from tokenstore_conformance.commands import Command, CommandError, copy, docs, init, move, report

COMMANDS: Final[dict[str, Command]] = {
    "copy": copy,
    "docs": docs,
    "init": init,
    "move": move,
    "report": report,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 if done, 1 if not. Bad arguments exit with 2."""
    parser = argparse.ArgumentParser(
        prog="python -m tokenstore_conformance",
        description="Commands that help you to write and keep a token store. "
        "To judge a store, run: pytest --tokenstore=package.module:Name",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=command.HELP, description=command.HELP)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in COMMANDS:  # options may stand between positional arguments
        options = subparsers.choices[given[0]].parse_intermixed_args(given[1:])
    else:
        options = parser.parse_args(given)
    try:
        status: int = options.run(options)
    except (CommandError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
