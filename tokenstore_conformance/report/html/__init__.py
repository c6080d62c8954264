"""The verdict as a page: one file that needs nothing else, and is complete without its script.

Jinja escapes each text once, when it writes the text into the page. Nothing in the page depends on
the time or on chance: the same JSON gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from tokenstore_conformance.contract import FAMILIES
from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.plural import counted
from tokenstore_conformance.report import answers
from tokenstore_conformance.report.explanation import sentences
from tokenstore_conformance.report.html.difference import marked
from tokenstore_conformance.report.html.matrix import Matrix
from tokenstore_conformance.report.html.picture import Picture
from tokenstore_conformance.report.html.scripts import Scripts
from tokenstore_conformance.report.html.sequence import steps
from tokenstore_conformance.report.html.session import Session
from tokenstore_conformance.report.view import read
from tokenstore_conformance.report.visible import cut, in_one_line, visible
from tokenstore_conformance.report.wording import STATUSES, in_short

_HERE: Final = Path(__file__).parent

LONGEST: Final = 1_500
"""At most this many characters of one value are shown."""
LONGEST_BLOCK: Final = 6_000
"""At most this many characters are shown of a traceback, or of what a store printed."""

FOLDED: Final = (
    Status.EXPLAINED,
    Status.NOT_JUDGED,
    Status.NOT_RUN,
    Status.NOT_APPLICABLE,
    Status.PASSED,
)
"""The statuses that a store's section shows folded. Their clauses need no more than a line."""

_BREAKS: Final = re.compile(r"(?<=[:._/-])(?=\w)")
"""Where a long name may break into the next line."""


def text(data: dict[str, Any]) -> str:
    """Return the page of a report."""
    report = read(data)
    return rendered(
        "page.html.j2",
        _template("page.js"),
        report=report,
        headline=in_one_line(answers.headline(report), 200),
        matrix=Matrix.of(report),
        scripts=Scripts.of(store.clauses for store in report.stores),
        families={name: words for name, (words, _) in FAMILIES.items()},
    )


def rendered(template: str, script: str = "", **values: Any) -> str:
    """Return a page, with the common style, its script, and a policy that allows only these."""
    style = _template("page.css")
    more = {"policy": _policy(style, script), "style": style, "script": script}
    return _environment().get_template(template).render(**values, **more)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        answers=answers,
        counted=counted,
        in_short=in_short,
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
    environment.filters.update(
        visible=visible, line=in_one_line, cut=cut, breakable=_breakable, content=_content
    )
    return environment


def _breakable(name: str) -> Markup:
    return Markup("<wbr>").join(_BREAKS.split(name))


def _content(text: str) -> Markup:
    """Escape a text for the content of an element, where its many quotes need no escape."""
    return Markup(html.escape(text, quote=False))


def _template(name: str) -> str:
    """Return a template without its indentation, which is a tenth of the page."""
    return re.sub(r"(?m)^ +", "", _read(name))


def _read(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """Return a policy that lets the page load and run only its own style and script."""
    allowed = {"style-src": _hash(style), "script-src": _hash(script)}
    parts = ["default-src 'none'", *(f"{kind} '{hash}'" for kind, hash in allowed.items())]
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
