"""The option ``--generation`` of the commands: the generation of the SDK that a store is for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tokenstore_conformance.contract import GENERATIONS
from tokenstore_conformance.sdk import is_installed


def add_generation(parser: ArgumentParser) -> None:
    """Declare ``--generation``."""
    parser.add_argument(
        "--generation",
        choices=tuple(GENERATIONS),
        help="the SDK that the store is for (default: the one that is installed)",
    )


def generation_in(options: Namespace) -> str:
    """Return the generation that is named, else the installed one, else the newer one."""
    if options.generation:
        return str(options.generation)
    return next(filter(is_installed, GENERATIONS), next(iter(GENERATIONS)))
