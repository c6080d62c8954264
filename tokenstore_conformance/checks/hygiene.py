"""SEC and RES: what a store of secrets owes its users beside right answers."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.cast import CREDENTIALS, UNKNOWN_IDS, keys_of, person
from tokenstore_conformance.checks.outages import outages_of
from tokenstore_conformance.checks.zohocrmsdk.by_id import hostile
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, NotApplicable
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Outcome, Subject
from tokenstore_conformance.subject.overheard import (
    Overheard,
    Saying,
    overhearing,
    texts_of_error,
    texts_of_object,
)

# -- SEC-1 -------------------------------------------------------------------------------------

SECRET: Final = ("client_secret", "refresh_token", "access_token", "grant_token")

ODD_NAMES: Final = ("o'brien", 'o"brien', "o\\brien", "%s {0} {} :x ?", "nul\0", "long" * 1250)
"""User names that break a statement, a format or a column."""


A_SECRET: Final = re.compile(rf"1000\.\w+\.({'|'.join(SECRET)})")


def keeper(name: str) -> Record:
    """A complete token whose secrets are told from everything else in a text."""
    return person(name).but(**{field: f"1000.{name.encode().hex()}.{field}" for field in SECRET})


ANNA, BERT, NOBODY = keeper("anna"), keeper("bert"), keeper("nobody")
BY_ACCESS: Final = keeper("access").only("access_token")


@check("SEC-1")
def keeps_its_secrets(store: Subject) -> None:
    betrays_nothing(
        store, (_in_daily_use, _when_refusing, _when_in_conflict, _when_the_backend_balks)
    )


Provocation = Callable[[Subject], Iterator[tuple[Any, ...]]]
"""Calls to make: a method and its arguments."""


def betrays_nothing(store: Subject, provocations: Iterable[Provocation]) -> None:
    """No secret is in what a store says, whatever it is provoked with."""
    with overhearing(type(store.raw)) as heard:
        for provoke in provocations:
            store = store.fresh()
            _nothing_betrayed(store, heard.sayings(), "its construction")
            for method, *arguments in provoke(store):
                outcome = store.attempt(method, *arguments)
                _nothing_betrayed(store, _sayings(store, outcome, heard), method, outcome)
            shown = (Saying("the repr or str", text) for text in texts_of_object(store.raw))
            _nothing_betrayed(store, shown, "the store")
        _nothing_betrayed_in_an_outage(store.fresh(), heard)


def _nothing_betrayed_in_an_outage(store: Subject, heard: Overheard) -> None:
    """Where the kit can put the backend out, or the harness does."""
    try:
        count = len(outages_of(store))
    except (NotApplicable, CannotJudge, ClauseFailed):  # other clauses tell
        return
    door = store.door
    anna, nobody = (door.in_full(door.as_kept(each)) for each in (ANNA, NOBODY))
    for number in range(count):
        store = store.fresh()
        store.try_request(door.to_save(anna))
        try:
            outage = outages_of(store)[number]
        except (NotApplicable, CannotJudge, ClauseFailed):
            continue
        if outage.waits:  # whoever waits for a lock says no more, later
            continue
        heard.sayings()
        with outage.begin():
            for request in (
                *(door.to_save(each) for each in (nobody, anna)),
                *(door.to_find(door.key(each)) for each in (anna, nobody)),
                Request("get_tokens", ()),
                door.to_delete(anna),
            ):
                outcome = store.try_request(request)
                by = f"{request.method} in an outage ({outage.name})"
                _nothing_betrayed(store, _sayings(store, outcome, heard), by, outcome)


def _in_daily_use(store: Subject) -> Iterator[tuple[Any, ...]]:
    made = [store.door.build(record) for record in (ANNA, BY_ACCESS, BERT)]
    for token in (*made, *made):
        yield "save_token", token
    yield "save_token", store.door.build(ANNA.only("user").but(access_token=NOBODY.access_token))
    for record in (ANNA, BERT, NOBODY):
        for query in keys_of(record).values():
            yield "find_token", store.door.build(query)
    yield ("get_tokens",)
    for token in made:
        id = store.read_whole(token).id
        yield "find_token_by_id", id
        yield "delete_token", id
    yield ("delete_tokens",)


def _when_refusing(store: Subject) -> Iterator[tuple[Any, ...]]:
    yield "save_token", store.door.build(ANNA)
    useless = (
        ANNA.only("user", *CREDENTIALS),
        NOBODY.only("user", *CREDENTIALS),
        NOBODY.only(*CREDENTIALS).but(id="no-such-id"),
        NOBODY.only(*CREDENTIALS),
        NOBODY.only(*CREDENTIALS, "access_token"),
        NOBODY.only("client_secret", "refresh_token"),
    )
    for token in useless:
        yield "save_token", store.door.build(token)
        yield "find_token", store.door.build(token)
    for junk in (None, "junk", 42):
        yield "save_token", junk
        yield "find_token", junk
    for id in (*UNKNOWN_IDS, None, *hostile("1")):
        yield "find_token_by_id", id
        yield "delete_token", id


def _when_in_conflict(store: Subject) -> Iterator[tuple[Any, ...]]:
    """Records that share what a careless schema takes to be unique."""
    token = store.door.build(ANNA)
    yield "save_token", token
    id = store.read_whole(token).id
    for same in ("refresh_token", "grant_token", "access_token", "client_secret"):
        yield "save_token", store.door.build(keeper(same).updated_by(ANNA.only(same)))
    yield "save_token", store.door.build(BERT.but(id=id))
    yield "save_token", store.door.build(NOBODY.without("user").but(id=id))


def _when_the_backend_balks(store: Subject) -> Iterator[tuple[Any, ...]]:
    """Values that a statement, a column or a file cannot take, beside secrets."""
    for name in ODD_NAMES:
        for record in (ANNA.but(user=name), BERT.but(user=name, id=name), ANNA.but(user=name)):
            yield "save_token", store.door.build(record)
        yield "find_token", store.door.build(ANNA.but(user=name))
    odd: tuple[Any, ...] = (7, {})  # what no driver and no text file knows how to keep
    for value in odd:
        yield "save_token", store.door.build(ANNA.but(redirect_url=value))
    yield ("get_tokens",)


def _sayings(store: Subject, outcome: Outcome, heard: Overheard) -> Iterator[Saying]:
    if outcome.error is not None:
        for text in texts_of_error(outcome.error):
            yield Saying(f"the {type(outcome.error).__name__}", text)
    answers = outcome.value if isinstance(outcome.value, list) else [outcome.value]
    for answer in answers:
        if isinstance(answer, store.door.token_type):
            for text in texts_of_object(answer):
                yield Saying("the repr or str of the answer", text)
    yield from heard.sayings()


def _nothing_betrayed(
    store: Subject, sayings: Iterable[Saying], by: str, outcome: Outcome | None = None
) -> None:
    for how, text in sayings:
        betrayed = A_SECRET.search(text)
        if betrayed:
            around = text[max(0, betrayed.start() - 60) : betrayed.end() + 20]
            raise ClauseFailed(
                "no client secret and no refresh, access or grant token in what the store says",
                f"{how} of {by} carries the {betrayed[1].replace('_', ' ')}: {around!r}",
                outcome.error if outcome else None,
            )


# -- RES-1 -------------------------------------------------------------------------------------

EARLY: Final = 10
LATE: Final = 100
"""The rounds of 15 calls after which is counted what is open: 150 and 1,500 calls."""
SPARE: Final = 8
"""A pool may open a connection late, and a driver one of its own beside the calls. One kind of call
that leaves something open leaves ninety more between the two counts; one that does so now and then
is told by what is open after as many calls again."""
TOO_MANY: Final = 200
"""So many more are told at once: the process would soon be able to open nothing."""
PATIENCE: Final = 0.5
"""Seconds in which what is about to end may end."""


@check("RES-1")
def leaves_nothing_open(store: Subject) -> None:
    piles_up_nothing(store, _make_round)


def piles_up_nothing(store: Subject, make_round: Callable[[Subject, int], int]) -> None:
    """After many rounds of calls no more is open than after a few."""
    counted_after, counted = 0, _what_is_open()
    spare = SPARE
    for rounds in range(1, 2 * LATE + 1):
        calls = make_round(store, rounds)
        del store.calls[:-calls]
        if rounds % LATE == 0 or _many_more(counted):
            now = _settled(counted)
            more = now.total() - counted.total()
            if more > spare:
                kinds = ", ".join(f"{n} x {kind}" for kind, n in (now - counted).most_common(3))
                raise ClauseFailed(
                    f"after {calls * rounds} calls open what was open after {counted_after}",
                    f"{more} more are open: {kinds}",
                )
            if rounds == LATE:
                if more <= 0:
                    return
                spare = 2 * more - 1  # a few more: as many again would be a leak
        if rounds == EARLY:
            gc.collect()
            counted_after, counted = calls * rounds, _what_is_open()


def _make_round(store: Subject, number: int) -> int:
    """Every kind of call, once or twice, on a store that is empty before and after."""
    before = len(store.calls)
    record = person(f"user{number % 3}")
    token = store.door.build(record)
    store.attempt("save_token", token)
    id = store.read_whole(token).id
    store.attempt("save_token", store.door.build(record.but(access_token=f"access{number}")))
    store.attempt("save_token", store.door.build(Record(user="nobody")))
    for query in (*keys_of(record).values(), record.only("id").but(id=id), Record(user="nobody")):
        store.attempt("find_token", store.door.build(query))
    for one in (id, UNKNOWN_IDS[0]):
        store.attempt("find_token_by_id", one)
    store.attempt("get_tokens")
    for one in (UNKNOWN_IDS[0], id):
        store.attempt("delete_token", one)
    store.attempt("delete_tokens")
    return len(store.calls) - before


def _many_more(counted: Counter[str]) -> bool:
    return len(_descriptors()) + threading.active_count() - counted.total() > TOO_MANY


def _settled(counted: Counter[str]) -> Counter[str]:
    """What is open once what can end has ended; at once where it is not more than was counted."""
    deadline = time.monotonic() + PATIENCE
    now = _what_is_open()
    while now.total() > counted.total() and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.02)
        now = _what_is_open()
    return now


def _what_is_open() -> Counter[str]:
    """The threads of the process, and its files and connections, by kind."""
    threads = (re.sub(r"[-\d]+", " ", each.name).split() for each in threading.enumerate())
    kinds = Counter(" ".join(["thread", *name]) for name in threads)
    kinds.update(map(_kind_of, _descriptors()))
    return kinds


def _descriptors() -> list[str]:
    for directory in ("/proc/self/fd", "/dev/fd"):
        with contextlib.suppress(OSError):
            return [os.path.join(directory, name) for name in os.listdir(directory)]
    raise NotApplicable("this system does not tell which files a process has open")


def _kind_of(descriptor: str) -> str:
    try:
        target = os.readlink(descriptor)
    except OSError:  # closed by now, or a system that does not tell
        return "file"
    return f"file {os.path.basename(target)}" if os.path.isabs(target) else target.partition(":")[0]
