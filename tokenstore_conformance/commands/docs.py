"""``docs``: prints the pages of the documentation that messages name, also in an installed kit."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from tokenstore_conformance.commands import CommandError

HELP = "Print a page of the documentation, or a section of it."

_PACKAGE: Final = Path(__file__).parents[1]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "page",
        nargs="?",
        help="the page as a message names it, such as docs/known.md or docs/contract.md#save-2, or "
        "its name alone; without it, the pages are listed",
    )


def run(options: Namespace) -> int:
    pages = {file.stem: file.read_text("utf-8") for file in sorted(_folder().glob("*.md"))}
    if options.page is None:
        for each, text in pages.items():
            print(f"{each:20} {_HEADING.findall(text)[0][1]}")
        return 0
    name, _, anchor = options.page.removeprefix("docs/").partition("#")
    text = pages.get(name.removesuffix(".md"), "")
    if not text:
        raise CommandError(f"no page is called {name!r}; the pages are {', '.join(pages)}")
    print(_section(text, anchor) if anchor else text, end="")
    return 0


def _folder() -> Path:
    """Return the folder of the pages: in the package in a wheel, beside it in the repository."""
    packaged = _PACKAGE / "docs"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "docs"


_HEADING: Final = re.compile(r"^(#+) (.+)$", re.M)


def _section(page: str, anchor: str) -> str:
    """Return the text from the heading with this anchor to the next of the same or a higher level.

    Raises `CommandError` if the page has no heading with this anchor.
    """
    headings = list(_HEADING.finditer(page))
    for number, each in enumerate(headings):
        if _anchor_of(each[2]) == anchor.lower():
            later = (other for other in headings[number + 1 :] if len(other[1]) <= len(each[1]))
            end = next(later, None)
            return page[each.start() : end.start() if end else None]
    raise CommandError(f"the page has no section {anchor!r}")


def _anchor_of(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
