"""Failures in the form that viewers of findings need: a place in the repository and a message."""

from __future__ import annotations

import hashlib

from tokenstore_conformance.report.answers import answer
from tokenstore_conformance.report.view import ClauseView, OutdatedEntry, StoreView
from tokenstore_conformance.report.visible import in_one_line

OUTDATED = "outdated-entry"
"""The name of a finding about an outdated entry."""

LONGEST = 300
"""At most this many characters are shown of what was expected, and of what was got."""


def message(store: StoreView, clause: ClauseView) -> str:
    """Return a failure in one line."""
    expected, got = (in_one_line(each, LONGEST) for each in (clause.expected, clause.got))
    return (
        f"{clause.id} on {in_one_line(store.target)}: {clause.sentence} "
        f"Expected {expected}; got {got}."
    )


def incomplete(store: StoreView) -> str:
    """Return the message about an incomplete run, in one line."""
    if store.target_failures:
        return f"{in_one_line(store.target)}: {answer(store)}"
    rest = "there is no verdict" if store.word == "incomplete" else "some clauses did not run"
    return f"{in_one_line(store.target)}: the run is incomplete, {rest}"


def outdated(store: StoreView, entry: OutdatedEntry) -> str:
    """Return the message about an outdated entry, which fails the run, in one line."""
    return f"{in_one_line(store.target)}: this run fails: {in_one_line(str(entry))}"


def path_and_line(store: StoreView, clause: ClauseView | None = None) -> tuple[str, int]:
    """Return where to show a finding. Viewers need a path: if no file of the repository is known,
    it is made from the target's name.
    """
    if clause is not None and clause.location is not None:
        return clause.location.file, clause.location.line
    return path_of(store.target), 1


def path_of(target: str) -> str:
    """Return a path for a target, which may not be a path itself."""
    return in_one_line(target).replace(":", "/").lstrip("/")


def fingerprint(*parts: str) -> str:
    """Return a hash of these parts alone: it stays the same if anything else changes."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
