"""Mutants that raise what the machinery of tests takes for its own.

A skip, a failed assumption or an exit from within a store's call is a failure of the clause, and
must be reported as such: not a skipped test, an example thrown away, or the end of the run.
`RAISING` pairs each store with the clause that it breaks.
"""

import unittest
from collections.abc import Callable

import pytest
from hypothesis.errors import UnsatisfiedAssumption

from tests.correct.zohocrmsdk.honest import Honest

METHODS = {
    "SAVE-1": "save_token",
    "FIND-6": "find_token",
    "BYID-2": "find_token_by_id",
    "DEL-1": "delete_token",
    "LIST-1": "get_tokens",
    "CLEAR-1": "delete_tokens",
}
RAISED: dict[str, Callable[[], BaseException]] = {
    "SkipTest": lambda: unittest.SkipTest("skipped by the store"),
    "PytestSkip": lambda: pytest.skip.Exception("skipped by the store"),
    "PytestFail": lambda: pytest.fail.Exception("failed by the store"),
    "PytestXfail": lambda: pytest.xfail.Exception("expected by the store"),
    "PytestExit": lambda: pytest.exit.Exception("ended by the store"),
    "UnsatisfiedAssumption": lambda: UnsatisfiedAssumption(),
    "SystemExit": lambda: SystemExit(0),
    "KeyboardInterrupt": lambda: KeyboardInterrupt(),
    "GeneratorExit": lambda: GeneratorExit(),
    "StopIteration": lambda: StopIteration(),
}


def _raising(name: str, raised: Callable[[], BaseException], clause: str) -> type:
    """A store whose method that `clause` is about raises."""
    method = METHODS[clause]

    def raises(self, *args):
        raise raised()

    body = {
        "__doc__": f"{method} raises {name}.",
        "__module__": __name__,
        "clause": clause,
        method: raises,
    }
    return type(f"{name}From{method.title().replace('_', '')}", (Honest,), body)


RAISING: list[tuple[type, str]] = [
    (_raising(name, raised, clause), clause)
    for name, raised in RAISED.items()
    for clause in METHODS
]
globals().update({store.__name__: store for store, _ in RAISING})
