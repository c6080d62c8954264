"""``init``: writes the files that a new project starts with. Asks and overwrites nothing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import resources
from pathlib import Path
from typing import Final

from tokenstore_conformance.commands import CommandError
from tokenstore_conformance.commands.generation import add_generation, generation_in

HELP = "Write a store to fill in, a harness and a CI job into a new project."

FILES: Final = {
    "token_store.py": "{generation}_store.py.txt",
    "conformance.py": "harness.py.txt",
    ".github/workflows/token-store.yml": "workflow.yml.txt",
}
"""The files to write, each with its template."""

_NEXT: Final = """\
Now fill in token_store.py, and test it as you go:

    pytest --tokenstore={harness}:MyHarness -x"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "directory", nargs="?", default=".", type=Path, help="the project (default: here)"
    )
    add_generation(parser)


def run(options: Namespace) -> int:
    generation = generation_in(options)
    there = [options.directory / name for name in FILES if (options.directory / name).exists()]
    if there:
        raise CommandError(f"{there[0]} already exists: nothing was written")
    templates = resources.files(__package__) / "templates"
    for name, template in FILES.items():
        text = (templates / template.format(generation=generation)).read_text("utf-8")
        file = options.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("GENERATION", generation), "utf-8")
        print(f"wrote {file}")
    print(_NEXT.format(harness=options.directory / "conformance.py"))
    return 0
