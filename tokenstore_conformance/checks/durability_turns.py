"""DUR-4: stores over one storage take turns, and each has read what another one changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.control import raise_unless_alike
from tokenstore_conformance.checks.durability_repeats import Repeats
from tokenstore_conformance.checks.idle_calls import AFTER, idle_calls, unless_damaged
from tokenstore_conformance.checks.lookups import (
    LISTING,
    Asking,
    Lookup,
    asked,
    asked_there,
    lookups,
    said,
)
from tokenstore_conformance.checks.other_stores import (
    NotAtOnce,
    another,
    must_be_durable,
    must_be_seen,
    nth_expiry,
    stores_in_processes,
    with_its_id,
)
from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault, Raised
from tokenstore_conformance.processes.asking import Answer, Ask
from tokenstore_conformance.processes.process import Process
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject


@check("DUR-4")
def sees_what_another_store_changed(store: Subject) -> None:
    """A store that has read a record sees what another store over the same storage, also one in
    another process, saves and deletes afterwards: by every key, by id, in the listing and when it
    saves or deletes, without being opened again. It still works after a call on the other one
    raised or changed nothing.

    Before that, it also looks for what the other store saves then, and does not find it.
    """
    must_be_seen(store)
    # In zcrmsdk Anna logs in by grant token, and Bert by refresh token.
    pairs = (("anna", "bert"), ("bert", "anna"))[: 1 if store.door.makes_ids else 2]
    for names in pairs:
        with _here(store.fresh()) as stores:
            stores.take_turns("another store", *names)
    _goes_on_after_an_idle_call(store.fresh())
    _saves_what_has_moved(store.fresh())
    _repeats_what_was_undone(store.fresh(), _here, "another store")

    must_be_durable(store.fresh())
    with suppress(NotAtOnce):  # nothing can be changed behind its back
        for names in pairs:
            with _there(store.fresh()) as stores:
                stores.take_turns("a store in another process", *names)
        _repeats_what_was_undone(store.fresh(), _there, "a store in another process")


def _goes_on_after_an_idle_call(store: Subject) -> None:
    """Fail if a call that raised or changed nothing leaves a lock or an open transaction behind."""
    (anna,) = store.given(user_of(store.door, "anna"))
    for _ in idle_calls(store, anna):
        try:
            another(store).keep(user_of(store.door, "bert"))
        except ClauseFailed as failure:
            where = f"in another store over the same storage, {AFTER}: "
            raise unless_damaged(store, anna, failure.within(where)) from failure
        except CannotJudge as why:  # stores could be opened before that call
            wanted = f"another store over the same storage to open {AFTER}"
            raise unless_damaged(store, anna, ClauseFailed(wanted, why.reason)) from why


def _saves_what_has_moved(store: Subject) -> None:
    """Fail if a save goes wrong after another store deleted a record.

    The deletion may move other records, and this store may have remembered where they were.
    """
    anna, bert, carl = (user_of(store.door, name) for name in ("anna", "bert", "carl"))
    (gone, _, _) = store.given(anna, bert, carl)
    other = another(store)
    other.try_request(store.door.to_delete(store.door.in_full(gone)))
    if len(another(store).records()) != 2:
        return  # other clauses are about that
    renewed = bert.but(access_token=zoho_token("bert.second"))
    store.keep(renewed)
    try:
        contents.are(another(store).records(), renewed, carl)
    except ClauseFailed as failure:
        when = "after another store deleted a record, and this one saved one again: "
        raise failure.within(when) from failure


def _repeats_what_was_undone(
    store: Subject, opened: Callable[[Subject], AbstractContextManager[_Stores]], whose: str
) -> None:
    """Fail if a store skips a change that it made before, though another one has undone it.

    A store that goes wrong over the same calls alone is not to blame: other clauses are about that.
    """

    def alone() -> None:
        _alone(store.fresh()).repeat(whose)

    try:
        with opened(store) as stores:
            stores.repeat(whose)
    except ClauseFailed as failure:
        raise_unless_alike(store, failure, alone, "SAVE", "DEL", "CLEAR", "LIST")


@dataclass(frozen=True)
class _Turn:
    """A change that one of two stores makes."""

    by: int
    did: str
    versions: tuple[Record, ...]
    """The record before and after the change, or every record if all are deleted."""
    save: Record | None = None
    """What is saved. If None, the record is deleted, or all records if ``versions`` has several."""
    is_control: bool = False
    """Whether it shows that an update is kept before the other store has changed anything."""
    after: str = ""
    """What the other store did before, if this save must be kept after that; else ""."""


@dataclass(frozen=True)
class _Stores:
    """Two stores over one storage, and a way to open more of them."""

    store: Subject
    pair: tuple[Asking, Asking]
    of_now: Callable[[Ask], Answer]
    """Asks a newly opened store. Its answer counts as the truth."""
    lists: bool = True
    """Whether the two also list what is stored. A listing may renew what a store remembers for its
    finds, and the SDK lists nothing."""

    def take_turns(self, whose: str, name: str, other_name: str) -> None:
        """Make each change, and let both stores look at what it changes, before and after."""
        for turn in self._turns(name, other_name):
            ways = lookups(self.store.door, map(self._identified, turn.versions))
            if not self.lists:
                ways.remove(LISTING)
            asks = [way.ask for way in ways]
            for ask in self.pair:
                ask(asks)
            if self._change(turn, whose):
                if turn.is_control or turn.after:
                    self._must_be_kept(turn, whose)
                changed, other = self.pair[turn.by](asks), self.pair[1 - turn.by](asks)
                for way, told, answer in zip(ways, changed, other, strict=True):
                    if answer != told:
                        self._must_be_true(answer, way, f"after {whose} {turn.did}")
                        self._must_be_true(told, way, f"after this store {turn.did}")

    def repeat(self, whose: str) -> None:
        """Let the first store make changes again that the second one has undone."""
        Repeats(self.store.door, self.pair, self.of_now).make(whose, *self._logins("anna", 2))

    def _logins(self, name: str, count: int) -> list[Record]:
        """Return a login of a user with one access token after the other."""
        first = user_of(self.store.door, name)
        logins = [
            first.but(access_token=f"{name}.access.{nth}", expires_in=nth_expiry(nth))
            for nth in range(count)
        ]
        if first.grant_token is None:
            return logins
        return [  # each save brings a refresh token, too
            each.but(refresh_token=zoho_token(f"{name}.refresh.{nth}"))
            for nth, each in enumerate(logins)
        ]

    def _turns(self, name: str, other_name: str) -> Iterator[_Turn]:
        other, logins = user_of(self.store.door, other_name), self._logins(name, 6)
        renewed = "saved a new access token"
        yield _Turn(0, "saved it", (logins[0],), logins[0])
        yield _Turn(0, renewed, tuple(logins[:2]), logins[1], is_control=True)
        yield _Turn(1, renewed, tuple(logins[1:3]), logins[2])
        yield _Turn(1, "saved it", (other,), other)
        yield _Turn(0, "deleted it", (logins[2],))
        yield _Turn(1, "saved it again", tuple(logins[2:4]), logins[3])
        yield _Turn(0, renewed, tuple(logins[3:5]), logins[4])
        yield _Turn(1, "deleted it", (logins[4],))
        yield _Turn(1, "saved it again", (logins[4],), logins[4])
        saved_again = "deleted the record and saved it again"
        yield _Turn(0, renewed, tuple(logins[4:]), logins[5], after=saved_again)
        yield _Turn(0, "deleted all", (logins[5], other))
        yield _Turn(1, "saved it", (other,), other, after="deleted all")
        yield _Turn(1, "saved it", (logins[5],), logins[5], after="deleted all")

    def _identified(self, record: Record) -> Record:
        """Return the record with its current id."""
        listed = self.of_now(LISTING.ask).records if self.store.door.makes_ids else ()
        return with_its_id(self.store.door, record, listed)

    def _change(self, turn: _Turn, whose: str) -> bool:
        """Make the change. Return whether it worked. Other clauses are about failed deletions."""
        door, ask = self.store.door, self.pair[turn.by]
        if turn.save is None:
            record = door.in_full(self._identified(turn.versions[0]))
            deletion = Ask("delete", record) if len(turn.versions) == 1 else Ask("delete_tokens")
            return not ask([deletion])[0].error
        error = ask([Ask("save", door.in_full(turn.save))])[0].error
        if error:
            raise ClauseFailed(
                f"a save not to raise where {whose} uses the storage, too",
                f"save_token raised {error}",
                fault=Fault(Raised.described("save_token", error)),
            )
        return True

    def _must_be_kept(self, turn: _Turn, whose: str) -> None:
        """Fail unless what was saved is stored: a store may remember where the record was."""
        saved = turn.versions[-1]
        listed = self.of_now(LISTING.ask)
        own = [each for each in listed.records if each.user == saved.user]
        if listed.error or any(each.access_token == saved.access_token for each in own):
            return
        failure = ClauseFailed(
            f"after {whose} has {turn.after}, a save to be kept: {saved.brief()}",
            own[0].brief() if own else "no record of that user",
        )
        if turn.is_control:
            raise CannotJudge("an update is not kept", "SAVE", "LIST", otherwise=failure)
        raise failure

    def _must_be_true(self, answer: Answer, way: Lookup, when: str) -> None:
        truth = self.of_now(way.ask)
        if truth.error or truth == answer:
            return
        if not truth.records and {*answer.records} & {*self.of_now(LISTING.ask).records}:
            return  # it is listed, but a newly opened store does not find it: DUR-1
        raise ClauseFailed(
            f"{when}, {way.words} in a store that had looked before: {said(truth)}", said(answer)
        )


@contextmanager
def _here(store: Subject) -> Iterator[_Stores]:
    """Yield stores that are both in this process."""
    pair = _asking(store), _asking(another(store))
    yield _Stores(store, pair, lambda ask: asked(another(store), ask), lists=False)


@contextmanager
def _there(store: Subject) -> Iterator[_Stores]:
    """Yield a store in this process and one in another process."""

    def of_now(ask: Ask) -> Answer:
        with stores_in_processes(store, 1) as (process,):
            return _asking_there(store, process)([ask])[0]

    with stores_in_processes(store, 1) as (process,):
        yield _Stores(store, (_asking(store), _asking_there(store, process)), of_now)


def _alone(store: Subject) -> _Stores:
    """Return a store in the place of both, which then makes all calls."""
    asking = _asking(store)
    return _Stores(store, (asking, asking), lambda ask: asked(store, ask))


def _asking(store: Subject) -> Asking:
    return lambda asks: [asked(store, each) for each in asks]


def _asking_there(store: Subject, process: Process) -> Asking:
    return lambda asks: asked_there(store, process, asks)
