"""SEC: whether a store shows the secrets that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.checks.in_outage import Claims, outages_of, the_same
from tokenstore_conformance.checks.samples import person
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, NotApplicable, TargetFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import attribute, chained, own, showing
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome
from tokenstore_conformance.subject.captured import (
    Captured,
    Saying,
    capturing,
    sayings_of_error,
    texts_of_object,
)
from tokenstore_conformance.subject.keys import queries_for
from tokenstore_conformance.target.file_outages import Outage
from tokenstore_conformance.target.impatience import impatient
from tokenstore_conformance.target.storage import NotBuilt

SECRET: Final = ("client_secret", "refresh_token", "access_token", "grant_token")

A_SECRET: Final = re.compile(rf"1000\.\w+\.({'|'.join(SECRET)})")


def keeper(name: str) -> Record:
    """Return a complete token whose secrets `A_SECRET` recognizes in any text."""
    return person(name).but(**{field: f"1000.{name.encode().hex()}.{field}" for field in SECRET})


BROKEN: Final = "\ud800"
"""Half of a surrogate pair. Encoding it fails, and Python's error contains the whole text."""

TAIL: Final = "~tail~"
"""The end of a secret that the kit is going to damage."""

ANNA, NOBODY = keeper("anna"), keeper("nobody")

Provocation = Callable[[Subject], Iterator[tuple[Any, ...]]]
"""A function that yields the calls to make: each is a method and its arguments."""


def shows_no_secret(store: Subject, provocations: Iterable[Provocation]) -> None:
    """Check that a store says no secret in these calls, in outages, and over damaged files."""
    with capturing(type(store.raw)) as heard:
        for provoke in provocations:
            store = store.fresh()
            _shows_nothing(store, heard.sayings(), "its construction")
            for method, *arguments in provoke(store):
                outcome = store.attempt(method, *arguments)
                _shows_nothing(store, _sayings(store, outcome, heard), method, outcome)
            of_itself = (Saying("the repr or str", text) for text in texts_of_object(store.raw))
            _shows_nothing(store, of_itself, "the store")
        with impatient():
            _shows_nothing_in_an_outage(store.fresh(), heard)
        for damage in DAMAGES:
            _shows_nothing_of_damaged_text(store.fresh(), heard, damage)


@dataclass(frozen=True)
class Damage:
    """What may happen to a file that holds secrets."""

    words: str
    statement: str
    """The Python call that does this in a script."""
    change: Callable[[bytes], bytes]


def _cut(content: bytes) -> bytes:
    head, tail, _ = content.rpartition(TAIL.encode())
    return head + tail if tail else content


DAMAGES: Final = (
    Damage(  # SQLite's message quotes such a text
        "after a byte of the stored secrets was damaged",
        "damage_secrets()",
        lambda content: content.replace(TAIL.encode(), b"\xff" + TAIL[1:].encode()),
    ),
    Damage(  # a parser's message may quote the line that it cannot read
        "after the end of its file was lost", "cut_files()", _cut
    ),
)


def _shows_nothing_of_damaged_text(store: Subject, heard: Captured, damage: Damage) -> None:
    """Fail if a store shows a secret when its file is cut off, or is not valid UTF-8 any more."""
    door = store.door
    secrets = {field: f"{getattr(ANNA, field)}{TAIL}" for field in SECRET}
    anna = door.in_full(door.as_kept(ANNA)).but(**secrets)
    store.try_request(door.to_save(anna))
    damaged = [each for each in store.storage.directory.rglob("*") if _damaged(each, damage)]
    if not damaged:
        return
    store.note(damage.statement)
    try:
        store = store.reopened()
    except NotBuilt as failure:
        _shows_nothing(store, _spoken(failure.error), f"its construction {damage.words}")
        return
    for request in (
        door.to_find(door.key(anna)),
        Request("get_tokens", ()),
        door.to_save(anna),
        door.to_delete(anna),
    ):
        outcome = store.try_request(request)
        said = [*_spoken(outcome.error), *heard.sayings()]
        _shows_nothing(store, said, f"{request.method} {damage.words}", outcome)


def _damaged(path: Path, damage: Damage) -> bool:
    """Damage a file. Return whether there was a secret in it."""
    try:
        content = path.read_bytes()
        damaged = damage.change(content)
        if damaged != content:
            path.write_bytes(damaged)
    except OSError:  # a directory, or a file that is gone
        return False
    return damaged != content


def _spoken(error: BaseException | None) -> Iterator[Saying]:
    """Yield what a traceback shows of an error and of the errors behind it.

    This leaves out the whole text that a UnicodeDecodeError has besides its message: no traceback
    shows it.
    """

    def behind(each: BaseException) -> object:
        cause = attribute(each, "cause")
        hidden = own(each, "__suppress_context__")
        nearby = own(each, "__cause__") or (None if hidden else own(each, "__context__"))
        return cause if isinstance(cause, BaseException) else nearby

    for each in chained(error, behind):
        yield Saying(f"the {type(each).__name__}", showing(each, str) or "")


def _shows_nothing_in_an_outage(store: Subject, heard: Captured) -> None:
    """Like `shows_no_secret`, in each outage that the kit or the harness can cause."""
    try:
        outages = outages_of(store)
    except (NotApplicable, CannotJudge, ClauseFailed):  # other clauses report that
        return
    door = store.door
    anna, nobody = (door.in_full(door.as_kept(each)) for each in (ANNA, NOBODY))
    for each in outages:
        store = store.fresh()
        store.try_request(door.to_save(anna))
        try:
            outage = the_same(each, store)
        except (NotApplicable, CannotJudge, ClauseFailed):
            continue
        if outage is None:
            continue
        lookups = [door.to_find(query) for query in queries_for(door, anna)]
        fresh = [_in_use(store) for _ in lookups]
        asked = [(another, each) for another, each in zip(fresh, lookups, strict=True) if another]
        asked += [
            (store, each)
            for each in (
                *(door.to_save(each) for each in (nobody, anna)),
                *(door.to_find(door.key(each)) for each in (anna, nobody)),
                Request("get_tokens", ()),
                door.to_delete(anna),
            )
        ]
        heard.sayings()
        claims = Claims([])  # each method is called only once on a store that waits
        with outage.begin():
            store.note(f"outage.begins({outage.kind})")
            try:
                for another, request in asked:
                    _says_nothing(another, request, outage, heard, claims)
            except limits.Hung:
                if not outage.waits:
                    raise  # else the store waits for a lock, longer than a call may take


def _in_use(store: Subject) -> Subject | None:
    """Return another store over the storage, with an open connection; None if it cannot be built.

    Each lookup gets its own store. A library says more about the statement that first fails than
    about a connection that has already failed.
    """
    try:
        another = store.reopened()
    except (NotBuilt, TargetFailed):
        return None
    another.try_request(Request("get_tokens", ()))
    return another


def _says_nothing(
    store: Subject, request: Request, outage: Outage, heard: Captured, claims: Claims
) -> None:
    outcome = claims.ask(store, request)
    if outcome is None:
        return
    by = f"{request.method}, {outage.during}"
    _shows_nothing(store, _sayings(store, outcome, heard), by, outcome)


def _sayings(store: Subject, outcome: Outcome, heard: Captured) -> Iterator[Saying]:
    if outcome.error is not None:
        yield from sayings_of_error(outcome.error)
    answers = outcome.value if isinstance(outcome.value, list) else [outcome.value]
    for answer in answers:
        if isinstance(answer, store.door.token_type):
            for text in texts_of_object(answer):
                yield Saying("the repr or str of the answer", text)
    yield from heard.sayings()


def _shows_nothing(
    store: Subject, sayings: Iterable[Saying], by: str, outcome: Outcome | None = None
) -> None:
    for how, text in sayings:
        shown = A_SECRET.search(text)
        if shown:
            around = text[max(0, shown.start() - 60) : shown.end() + 20]
            raise ClauseFailed(
                "no client secret and no refresh, access or grant token in what the store says",
                f"the {shown[1].replace('_', ' ')} in {how} of {by}: {around!r}",
                outcome.error if outcome else None,
            )
