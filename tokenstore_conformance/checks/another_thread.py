"""Makes calls on a store in a thread other than the one that made it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.threads.interleaving import stacks


def in_another_thread(work: Callable[[], None], when: str = "") -> None:
    """Run ``work`` in a new thread, and wait until it ends. What it raises is raised here.

    ``when`` begins the message of a failure. Raises `ClauseFailed` if a call does not return.
    """
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        thread.join()
    except limits.Hung as hung:
        expected = f"{when}every call to return, in a thread that did not make the store"
        raise ClauseFailed(expected, hung.got, hung, stacks=stacks([thread])) from hung
    for error in errors:
        if isinstance(error, ClauseFailed):
            raise error.within(f"{when}in a thread that did not make the store: ") from error
        raise error
