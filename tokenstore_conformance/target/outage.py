"""Begins the outage of a harness, and ends it in any case."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from tokenstore_conformance.failures import TargetFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.plural import in_seconds


@contextlib.contextmanager
def ending_always(begin: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Run the outage of a harness. It ends normally even if the block raises an exception.

    So the backend is back for the next clause even if ``begin`` has no ``finally``. Raises
    `TargetFailed` if the outage cannot begin or end.
    """
    if inspect.isgeneratorfunction(begin):
        begin = contextlib.contextmanager(begin)
    with _failing_as_target("begin"):
        outage = begin()
        outage.__enter__()
    try:
        yield
    except BaseException:  # raise this, and not an error at the end of the outage
        with contextlib.suppress(TargetFailed):
            _end(outage)
        raise
    _end(outage)


def _end(outage: AbstractContextManager[None]) -> None:
    with _failing_as_target("end"):
        outage.__exit__(None, None, None)


@contextlib.contextmanager
def _failing_as_target(doing: str) -> Iterator[None]:
    try:
        with limits.around_the_store():
            yield
    except limits.Hung as hung:
        raise TargetFailed(
            f"outage() of the harness does not {doing} within "
            f"{in_seconds(hung.seconds)}{hung.place}"
        ) from hung
    except Exception as error:
        why = f"outage() of the harness does not {doing}: {describe(error)}{place(error)}"
        raise TargetFailed(why) from error
