"""``move``: copies every token of one store to another, such as from FileStore to a database."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final, TextIO

from tokenstore_conformance.commands import CommandError
from tokenstore_conformance.commands.generation import add_generation
from tokenstore_conformance.live.moving import Moved, MoveRefused, Progress, move
from tokenstore_conformance.live.opening import NAMES, CannotOpen, opened
from tokenstore_conformance.live.reading import Unlistable
from tokenstore_conformance.plural import counted

HELP = "Copy every token of one store into another, and verify each."

MANY: Final = 100
"""With more tokens than this, a terminal shows a progress bar."""
WIDTH: Final = 30


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        f"A store is {NAMES}. env:NAME in place of PATH or URL takes it from the environment "
        "variable NAME, so that no password is on the command line. Stop the programs that use "
        "FROM first. Nothing is deleted there."
    )
    parser.add_argument("source", metavar="FROM", help="the store that holds the tokens")
    parser.add_argument("target", metavar="TO", help="the store that gets them, empty at first")
    parser.add_argument(
        "--merge",
        action="store_true",
        help="save into a store that holds other tokens: a token of the same user is updated",
    )
    add_generation(parser)


def run(options: Namespace) -> int:
    here, generation = Path.cwd(), options.generation
    if options.source == options.target:
        raise CommandError("FROM and TO are the same store")
    try:
        with (
            opened(options.source, here, must_exist=True, generation=generation) as source,
            opened(options.target, here, must_exist=False, generation=generation) as target,
        ):
            moved = move(source, target, merge=options.merge, progress=bar(sys.stderr))
            print(summary(moved, source.spec, target.spec))
    except (CannotOpen, MoveRefused, Unlistable) as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        print("\nerror: interrupted; run the same command again to go on", file=sys.stderr)
        return 130
    return 0 if moved.is_done else 1


def bar(terminal: TextIO) -> Progress:
    """Return a function that draws a progress bar on a terminal if many tokens are moved."""

    def draw(doing: str, done: int, of: int) -> None:
        if of <= MANY or not terminal.isatty():
            return
        full = WIDTH * done // of
        line = f"\r{doing:>8} [{'#' * full}{'.' * (WIDTH - full)}] {done}/{of}"
        print(line, end="\n" if done == of else "", file=terminal, flush=True)

    return draw


def summary(moved: Moved, source: str, target: str) -> str:
    """Return what was moved, what was damaged and what failed, as lines of text."""
    lines = [f"{source} holds {counted(moved.found, 'token')}"]
    if moved.damages:
        lines += ["problems in the old store:", *(f"  {each}" for each in moved.damages)]
    lines.append(f"{counted(moved.saved, 'token')} saved in {target}, {moved.there} already there")
    lines.append(f"{moved.verified} of {moved.planned} verified: listed, found by key and by id")
    if moved.failures:
        lines += ["FAILED:", *(f"  {each}" for each in moved.failures)]
    lines.append(f"nothing was deleted in {source}")
    return "\n".join(lines)
