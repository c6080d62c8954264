"""HOST-2: a store in a program that changes its working directory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.control import raise_unless_alike
from tokenstore_conformance.checks.samples import finding_requests, user_of
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.subject import Subject


@check("HOST-2")
def goes_on_with_its_files(store: Subject) -> None:
    """After the program has changed its working directory, the store goes on with the same
    files.
    """
    with _elsewhere(store) as directory:
        try:
            _goes_on(store, directory)
        except ClauseFailed as failure:
            where = "after the working directory has changed, "
            moved = failure.within(where, but=_left_in(directory))
            raise_unless_alike(store, moved, lambda: _stays(store.fresh()))
        if left := _left_in(directory):
            raise ClauseFailed(
                "after the working directory has changed, the same files as before",
                f"other files{left}",
            )


@contextmanager
def _elsewhere(store: Subject) -> Iterator[Path]:
    """Yield an empty directory that is not the store's."""
    beside = store.storage.directory.parent
    with tempfile.TemporaryDirectory(prefix="elsewhere-", dir=beside) as name:
        yield Path(name)


def _goes_on(store: Subject, directory: Path) -> None:
    """Use a store in its own directory, then in this one, and then in its own again."""
    door = store.door
    users = (user_of(door, name) for name in ("anna", "bert", "carl", "dora"))
    anna, bert, carl, dora = users
    anna, bert, carl = store.given(anna, bert, carl)
    with _working_in(store, directory):
        contents.holds(store, anna, bert, carl)
        for record in (anna, bert, carl):
            for request in finding_requests(door, record):
                if store.request(request) is None:
                    raise ClauseFailed(f"{record.brief()} from {request.method}", "None")
        store.keep(anna := anna.but(access_token="anna.second"))
        store.request(door.to_delete(door.in_full(bert)))
        store.keep(dora)
        contents.holds(store, anna, carl, dora)
    contents.holds(store, anna, carl, dora)
    with _working_in(store, directory):
        store.answer("delete_tokens")
    contents.holds(store)


@contextmanager
def _working_in(store: Subject, directory: Path) -> Iterator[None]:
    """Call the store in this directory inside the block, and in its own again after it."""
    store.note("os.chdir(tempfile.mkdtemp())")
    store.storage.elsewhere = directory
    try:
        yield
    finally:
        store.storage.elsewhere = None
    store.note("os.chdir(HERE)")


def _stays(store: Subject) -> None:
    """Make the same calls, all in the store's own directory."""
    _goes_on(store, store.storage.directory)


def _left_in(directory: Path) -> str:
    """Return in words what the store has made there; "" if nothing."""
    names = sorted(each.name for each in directory.iterdir())
    return f", and it made {', '.join(names)} in the new directory" if names else ""
