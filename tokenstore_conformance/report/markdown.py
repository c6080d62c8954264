"""The verdict as Markdown, for a job summary or a comment in a pull request.

It begins with a third-level heading, since it is placed below other headings. A comment on GitHub
can hold 65,536 characters: a longer text leaves out whole paragraphs, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.plural import counted
from tokenstore_conformance.report import answers
from tokenstore_conformance.report.view import (
    ClauseView,
    ReportView,
    StoreView,
    read,
)
from tokenstore_conformance.report.visible import cut, in_one_line, visible
from tokenstore_conformance.report.wording import STATUSES

MOST_BYTES: Final = 60_000
LONGEST: Final = 600
"""At most this many characters of one value are shown."""
MOST_CALLS: Final = 12

_GLYPHS: Final = {
    "conformant": "✅",
    "known-deviations": "🟡",
    "not-conformant": "❌",
    "incomplete": "⚪",
}


def text(data: dict[str, Any], most_bytes: int = MOST_BYTES) -> str:
    """Return the Markdown of a report."""
    report = read(data)
    head = "\n\n".join(_head(report))
    paragraphs = [each for store in report.stores for each in _store(store)]
    return fitted(head, paragraphs, most_bytes)


def fitted(head: str, paragraphs: list[str], most_bytes: int) -> str:
    """Return the head, and as many of the paragraphs as fit."""
    left = most_bytes - _size(head) - 200  # for the sentence on what is left out
    kept = []
    for paragraph in paragraphs:
        left -= _size(paragraph) + 2
        if left < 0:
            break
        kept.append(paragraph)
    if len(kept) < len(paragraphs):
        more = counted(len(paragraphs) - len(kept), "paragraph")
        kept.append(f"*{more} left out here, for length. The JSON and HTML reports have them.*")
    return "\n\n".join([head, *kept]) + "\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _head(report: ReportView) -> Iterator[str]:
    names = [each.target for each in report.stores]
    headline = answers.headline(report)
    if len(names) == 1:
        headline = headline.replace(names[0], code(names[0]), 1)
    yield f"### Token stores: {headline}"
    rows = [
        f"| {code(each.target, table=True)} | {_GLYPHS.get(each.word, '⚪')} {_word(each)} "
        f"| {answers.answer(each)} |"
        for each in report.stores
    ]
    yield "\n".join(["| store | verdict | |", "|---|---|---|", *rows])
    facts = [f"contract {report.contract}", f"kit {report.kit}"]
    facts += dict.fromkeys(each.sdk for each in report.stores if each.sdk)
    facts += [f"{name} {in_one_line(value)}" for name, value in report.facts]
    yield f"<sub>{', '.join(facts)}</sub>"


def _word(store: StoreView) -> str:
    return store.word.replace("-", " ")


def _store(store: StoreView) -> Iterator[str]:
    failures, known = store.failures, store.with_status(Status.KNOWN)
    if not (failures or known or store.outdated or not store.is_complete or _rest(store)):
        return
    yield f"#### {code(store.target)}"
    if store.left_out:
        yield f"Left out: {code('; '.join(store.left_out))}."
    for entry in store.outdated:
        yield f"**This run fails:** {code(str(entry))}"
    if failures:
        yield "\n".join(
            f"- {sentence}: {answers.listed(ids)}" for sentence, ids in answers.effects(store)
        )
    for clause in failures:
        yield _failure(store, clause)
    if known:
        yield "\n".join(["Accepted failures:", "", *map(_accepted, known)])
        yield from _accepted_with(store)
    yield from _rest(store)


def _failure(store: StoreView, clause: ClauseView) -> str:
    level = clause.level if store.fails_the_run(clause) else f"{clause.level}, a warning"
    at = f" · {code(f'{clause.location.file}:{clause.location.line}')}" if clause.location else ""
    return "\n".join(
        [
            f"**{clause.id}** ({level}){at}: {clause.sentence}",
            "",
            f"- expected: {code(clause.expected)}",
            f"- got: {code(clause.got)}",
            f"- why it matters: {clause.why}",
            f"- to fix it: {clause.fix}",
            *_calls(clause),
        ]
    )


def _calls(clause: ClauseView) -> Iterator[str]:
    if not clause.calls:
        return
    shown = [cut(visible(str(call)), LONGEST) for call in clause.calls[-MOST_CALLS:]]
    if len(clause.calls) > MOST_CALLS:
        shown.insert(0, f"# {len(clause.calls) - MOST_CALLS} more calls before these")
    calls = counted(len(clause.calls), "call")
    yield f"\n<details><summary>{calls}</summary>\n"
    yield block("\n".join(shown), "python")
    yield "\n</details>"


def _accepted(clause: ClauseView) -> str:
    accepted = clause.accepted
    if accepted is None:
        return f"- **{clause.id}**"
    more = f" ({in_one_line(', '.join(accepted.notes))})" if accepted.notes else ""
    return f"- **{clause.id}**: {code(accepted.reason)}{more}"


def _accepted_with(store: StoreView) -> Iterator[str]:
    """Yield the clauses that are accepted with the failures that explain them or hide them."""
    behind: dict[tuple[str, ...], list[str]] = {}
    for clause in store.clauses:
        if clause.accepted_with:
            behind.setdefault(clause.accepted_with, []).append(clause.id)
    for causes, ids in behind.items():
        yield f"Accepted with them: {answers.listed(ids, 12)}, because of {answers.listed(causes)}."


def _rest(store: StoreView) -> list[str]:
    lines = []
    if store.ended_early:
        lines.append(f"Ended early, since the store is slow: {store.ended_early}.")
    for status in (Status.EXPLAINED, Status.NOT_JUDGED, Status.NOT_RUN):
        ids = [each.id for each in store.with_status(status)]
        if ids:
            lines.append(f"{STATUSES[status].capitalize()}: {answers.listed(ids, 12)}.")
    lines += [
        f"- {code(each)}" for each in dict.fromkeys(each.message for each in store.target_failures)
    ]
    return lines


def code(text: str, *, table: bool = False) -> str:
    """Return any text as inline code."""
    shown = in_one_line(text, LONGEST) or " "
    fence = "`" * (_longest_run(shown) + 1)
    padding = " " if shown[0] in "` " or shown[-1] in "` " else ""
    made = f"{fence}{padding}{shown}{padding}{fence}"
    return made.replace("|", "\\|") if table else made


def block(text: str, language: str = "") -> str:
    """Return any text as a block of code."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, _ticks(text)), default=0)


def _ticks(text: str) -> Iterable[str]:
    return re.findall("`+", text)
