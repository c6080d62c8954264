"""HOST-1: a store whose caller is a coroutine."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from typing import Final

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.control import raise_unless_alike
from tokenstore_conformance.checks.samples import finding_requests, user_of
from tokenstore_conformance.failures import Call, CannotJudge, ClauseFailed
from tokenstore_conformance.guard.frames import describe, let_go
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt

IN_A_SCRIPT: Final = "import asyncio; asyncio._set_running_loop(asyncio.new_event_loop())"
"""Python that makes a script look like a coroutine to the code that it calls."""


@check("HOST-1")
def works_inside_a_running_event_loop(store: Subject) -> None:
    """The store can be built, and each method called, inside a running event loop."""
    try:
        _quietly(_error_in_a_loop, lambda: _use(store))
        _quietly(_error_in_a_loop, lambda: _use(_built_here(store)))
    except ClauseFailed as failure:
        inside = failure.within("inside a running event loop, ")
        raise_unless_alike(store, inside, lambda: _quietly(_error_of, lambda: _use(store.fresh())))


def _built_here(store: Subject) -> Subject:
    """Build a store over an empty storage.

    A harness makes no new storage here, because no program would make one in an event loop.
    """
    try:
        return store.reopened() if store.storage.target.harness else store.fresh()
    except NotBuilt as failure:
        raise _not_built(store, str(failure), failure.error) from failure
    except CannotJudge as cannot:
        raise _not_built(store, cannot.reason, cannot.__cause__) from cannot


def _not_built(store: Subject, why: str, error: BaseException | None) -> ClauseFailed:
    opening = Call.opening("another", f"raised {describe(error)}" if error else why)
    calls = [Call.stating(IN_A_SCRIPT, store.name), opening]
    return ClauseFailed("a store to be built", why, error, calls=calls)


def _use(store: Subject) -> None:
    """Call every method, with records that are stored and with one that is not."""
    if _is_in_a_loop():
        store.note(IN_A_SCRIPT)
    door = store.door
    anna, bert, carl = (user_of(door, name) for name in ("anna", "bert", "carl"))
    store.keep(anna)
    store.keep(bert)
    store.keep(anna := anna.but(access_token="anna.second"))
    contents.holds(store, anna, bert)
    ids = {each.user: each.id for each in store.records()}
    for record in (each.but(id=ids.get(each.user)) for each in (anna, bert)):
        for request in finding_requests(door, record):
            expect.complete(
                _used(store, request),
                door.used(record),
                door.used(door.key(door.in_full(record))),
                what=f"the stored token from {request.method}",
            )
    if store.find(door.key(door.in_full(carl))) is not None:
        raise ClauseFailed("None: no such user is stored", "a token")
    store.request(door.to_delete(door.in_full(anna).but(id=ids.get(anna.user))))
    contents.holds(store, bert)
    store.answer("delete_tokens")
    contents.holds(store)


def _used(store: Subject, request: Request) -> Record | None:
    found = store.read(store.request(request))
    return None if found is None else store.door.used(found)


Work = Callable[[], None]


def _quietly(error_of: Callable[[Work], BaseException | None], work: Work) -> None:
    """Do the work, and raise what it raises. Ignore warnings about coroutines never awaited.

    A store that cannot start a loop drops the coroutine that it made for the loop.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        error = error_of(work)
        if error is not None:
            let_go(error)
            raise error


def _error_of(work: Work) -> BaseException | None:
    try:
        work()
    except BaseException as error:  # a task would turn some of these into others
        return error
    return None


def _error_in_a_loop(work: Work) -> BaseException | None:
    """Like `_error_of`, in a coroutine. If pytest itself runs in one, no new one is needed.

    This does not use `asyncio.run`, which leaves the thread without its earlier event loop.
    """

    async def program() -> BaseException | None:
        return _error_of(work)

    if _is_in_a_loop():
        return _error_of(work)
    loop = asyncio.new_event_loop()
    try:
        error = loop.run_until_complete(program())
        _end(loop)
    finally:
        loop.close()
    return error


def _is_in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what the store left in the loop."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.wait(tasks) if tasks else asyncio.sleep(0))
    for task in tasks:
        if not task.cancelled():
            task.exception()  # otherwise asyncio logs it
    loop.run_until_complete(loop.shutdown_asyncgens())
