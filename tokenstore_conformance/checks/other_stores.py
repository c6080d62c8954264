"""Opens other stores over the same storage, in this process and in others.

The checks of durability share this module. They do not apply to a store whose tokens another store
does not see: it is not durable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.samples import user_of
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import (
    CannotJudge,
    ClauseFailed,
    Fault,
    Lacking,
    NotApplicable,
    Raised,
)
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.plural import first_of
from tokenstore_conformance.processes.asking import Ask
from tokenstore_conformance.processes.messages import Done, Stopped
from tokenstore_conformance.processes.moments import Moment
from tokenstore_conformance.processes.parent import NotBuiltThere, started
from tokenstore_conformance.processes.process import Gone, Hanging, Process, raised
from tokenstore_conformance.records import NOW, Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt, Storage
from tokenstore_conformance.target.storages import delete_everything

PATIENCE: Final = 4
"""A process must answer within this many times the time limit of a call."""


def opened_again(store: Subject) -> Subject | None:
    """Return another store over the same storage. None if it cannot be opened: see SHAPE-4."""
    try:
        return store.reopened()
    except NotBuilt:
        return None


def another(store: Subject) -> Subject:
    """Return another store over the same storage. Raises `CannotJudge` if it cannot be opened."""
    try:
        return store.reopened()
    except NotBuilt as failure:
        why = f"another store over the same storage raises {describe(failure.error)}"
        if not failure.in_store:
            raise NotApplicable(f"what the target does around the store fails: {why}") from failure
        raise CannotJudge(why, "SHAPE-4") from failure


def must_be_seen(store: Subject) -> None:
    """Raise `Lacking` if another store over the storage does not see the tokens of this one."""
    store.given(user_of(store.door, "anna"))
    if not another(store).records():
        raise Lacking("not durable: another store over the same storage lists nothing")


def must_be_durable(store: Subject) -> None:
    """Raise `Lacking` if another process does not see the tokens. Do not call ``store`` later."""
    must_be_seen(store)
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        if process.listed() == ():
            raise Lacking("not durable: a store in another process lists nothing")


def must_keep_saves(store: Subject) -> None:
    """Raise `CannotJudge` if the saves of one process are not kept. Do not call ``store`` later."""
    logins = Logins(store.door)
    first = [logins.login(name) for name in ("anna", "bert")]
    anna, bert = logins.login("anna", 1), logins.login("bert")
    later = [logins.login("bert", 1), bert]  # two processes may save in another order
    nameless = [logins.nameless("carl")] if store.door.makes_ids else []
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        try:
            done(process.do(*first, anna, *later, *nameless))
            kept = [each.but(id=None) for each in store.made_good(process.listed())]
            contents.are(kept, anna, bert, *nameless)
            process.ask([Ask("delete_tokens")])
            done(process.do(bert))
            kept = [each.but(id=None) for each in store.made_good(process.listed())]
            contents.are(kept, bert)
        except ClauseFailed as failure:
            why = "the saves of a single process are not kept as they should be"
            raise CannotJudge(why, "SAVE", "LIST", "CLEAR", otherwise=failure) from failure


class NotAtOnce(CannotJudge):
    """Another process cannot open the store while this one has it open: see DUR-2."""

    def __init__(self, built: Done) -> None:
        failure = ClauseFailed(
            "a second process to open the store while one has it open",
            f"the exception {built.error}",
            fault=Fault(shows=Shown.ONE_PROCESS),
        )
        why = f"no other process can open the store while this one has it open: {built.error}"
        super().__init__(why, "DUR-1", "DUR-2", otherwise=failure)


@contextmanager
def stores_in_processes(
    store: Subject, count: int, *, instead_of: Sequence[Subject] = ()
) -> Iterator[list[Process]]:
    """Yield processes with stores over the storage. Their own time limits come first.

    Some stores can only be open in one process at a time. Then this process first drops its own
    stores, which ``instead_of`` lists, as if it had ended. The check must not call them any more.
    If the list is empty, this raises `NotAtOnce`.

    A store that another process can build over an empty storage, but not over this one, breaks
    DUR-1: this raises `CannotJudge`.
    """
    with all_answering(), limits.patient(PATIENCE), ExitStack() as stack:
        try:
            processes = _entered(stack, store, count, instead_of)
        except NotBuiltThere as why:
            if _can_be_built_there(store, why):
                raise _cannot_read(why) if instead_of else NotAtOnce(why.built) from why
            raise
        yield processes


def _entered(
    stack: ExitStack, store: Subject, count: int, instead_of: Sequence[Subject]
) -> list[Process]:
    def processes() -> list[Process]:
        begun = started(
            store.door.module,
            store.storage,
            store.bench.timeout,
            count,
            lambda record: store.pool.add(store.door, record),
        )
        return stack.enter_context(begun)

    try:
        return processes()
    except NotBuiltThere:
        if not instead_of:
            raise
    for each in instead_of:
        each.let_go()
    store.storage.let_go()
    return processes()


def opening(
    store: Subject, storage: Storage, stop: Moment | None = None
) -> AbstractContextManager[list[Process]]:
    """Return a process that builds its store over a storage, and stops in that at this moment."""
    timeout = store.bench.timeout
    return started(store.door.module, storage, timeout, 1, is_visible=True, stop_at=stop)


@contextmanager
def all_answering() -> Iterator[None]:
    """Make the clause fail if a process dies or does not answer inside the block."""
    try:
        yield
    except Gone as gone:
        raise ClauseFailed(
            "an answer from each process that uses the store",
            str(gone),
            fault=Fault(shows=Shown.A_HANG) if isinstance(gone, Hanging) else None,
        ) from gone


def _can_be_built_there(store: Subject, why: NotBuiltThere) -> bool:
    """Whether another process can build a store over an empty storage.

    If not, the store is not to blame: its module may exist only in this process, or its factory may
    need something that only this process has.
    """
    if not (why.built.in_store or why.built.hung):
        return False
    storages = store.bench.storages
    storage = storages.fresh()
    if storages.shared or storages.target.harness:  # no other place, or one that has to be set up
        delete_everything(storage.build(), store.door)
        storage.let_go()
    storage.directory.mkdir(parents=True, exist_ok=True)
    try:
        with started(store.door.module, storage, store.bench.timeout, 1):
            return True
    except (NotApplicable, Gone):
        return False


def _cannot_read(why: NotBuiltThere) -> CannotJudge:
    got = f"the exception {why.built.error}"
    failure = ClauseFailed("a store in another process over what this one wrote", got)
    return CannotJudge(f"{failure.expected} raises {why.built.error}", "DUR-1", otherwise=failure)


def with_its_id(door: Door, record: Record, listed: Iterable[Record]) -> Record:
    """Return the record with the id that the listing has for its user, if the store makes ids."""
    if not door.makes_ids:
        return record
    return record.but(id=next((each.id for each in listed if each.user == record.user), None))


def deletion_of(process: Process, door: Door, record: Record) -> Ask:
    """Return the deletion of a record, with the id that the process lists for it."""
    listed = process.listed() if door.makes_ids else ()
    return Ask("delete", door.in_full(with_its_id(door, record, listed)))


def nth_expiry(nth: int) -> str:
    """Return an expiry in about an hour, which differs for each access token of a user."""
    return str(NOW + 3_600_457 + nth)


@dataclass(frozen=True)
class Logins:
    """The users of these clauses, in the form that a generation of the SDK has them."""

    door: Door

    def login(self, name: str, nth: int = 0) -> Record:
        """Return the login of a user, with the nth access token."""
        access = f"{name}.access.{nth}"
        return user_of(self.door, name).but(access_token=access, expires_in=nth_expiry(nth))

    def nameless(self, name: str, nth: int = 0) -> Record:
        """Return the same login, with a grant token and without the user's name."""
        return self.login(name, nth).without("user", "refresh_token")


def done(answer: Done | Stopped) -> Done:
    assert isinstance(answer, Done)
    if answer.error:
        fault = Fault(Raised.described(answer.doing, answer.error))
        what = "a save" if answer.doing == "save_token" else answer.doing
        raise ClauseFailed(
            f"{what} in one of several processes not to raise", raised(answer), fault=fault
        )
    return answer


def named(users: list[Any]) -> str:
    """Return some of the users in words."""
    return ", ".join(first_of([each or "a login without a user" for each in users], 5))
