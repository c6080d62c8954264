"""The verdict as a page: one file that needs nothing else, and is whole without its script.

Jinja escapes every text once, where it is written into the page. The page has no clock and no
chance in it: the same JSON gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any, Final

import jinja2

from tokenstore_conformance.contract import FAMILIES
from tokenstore_conformance.report import answers
from tokenstore_conformance.report.explanation import sentences
from tokenstore_conformance.report.html.difference import marked
from tokenstore_conformance.report.html.matrix import Matrix
from tokenstore_conformance.report.html.picture import Picture
from tokenstore_conformance.report.html.sequence import steps
from tokenstore_conformance.report.html.session import Session
from tokenstore_conformance.report.view import STATUSES, read
from tokenstore_conformance.report.visible import cut, in_one_line, visible

_HERE: Final = Path(__file__).parent

LONGEST: Final = 1_500
"""Characters that are shown of one value."""
LONGEST_BLOCK: Final = 6_000
"""Characters that are shown of a traceback or of what a store printed."""

GLYPHS: Final = {
    "passed": "✓",
    "failed": "✗",
    "known": "≈",
    "explained": "↳",
    "not-judged": "?",
    "not-run": "·",
    "not-applicable": "–",
    "conformant": "✓",
    "not-conformant": "✗",
    "known-deviations": "≈",
    "incomplete": "?",
}
"""State shows by a sign and a word, never by a colour alone."""

FOLDED: Final = ("explained", "not-judged", "not-run", "not-applicable", "passed")
"""The statuses that a store's section shows folded."""


def text(data: dict[str, Any]) -> str:
    """The page of a report."""
    report = read(data)
    style, script = (_read(name) for name in ("page.css", "page.js"))
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            headline=in_one_line(answers.headline(report), 200),
            matrix=Matrix.of(report),
            families={name: words for name, (words, _) in FAMILIES.items()},
            policy=_policy(style, script),
            style=style,
            script=script,
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        answers=answers,
        GLYPHS=GLYPHS,
        STATUSES=STATUSES,
        FOLDED=FOLDED,
        LONGEST=LONGEST,
        LONGEST_BLOCK=LONGEST_BLOCK,
        Picture=Picture,
        Session=Session,
        marked=marked,
        sentences=sentences,
        steps=steps,
    )
    environment.filters.update(visible=visible, line=in_one_line, cut=cut)
    return environment


def _read(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """What the page may load and run: its own style and script, and nothing else."""
    allowed = {"style-src": _hash(style), "script-src": _hash(script)}
    parts = ["default-src 'none'", *(f"{kind} '{hash}'" for kind, hash in allowed.items())]
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
