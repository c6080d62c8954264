"""Whether a store replaced what every line of Python needs: `builtins.len`, say.

Nothing works then, the kit and pytest included, and what fails says nothing about the cause.
"""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.plural import first_of

_AT_FIRST: Final = dict(vars(builtins))
_MAY_BE_WRAPPED: Final = frozenset(
    {"__import__", "breakpoint", "exit", "help", "input", "open", "print", "quit"}
)
"""Names that debuggers, consoles and import hooks replace by something that can be called."""


class Replaced(Exception):
    """Says which names were replaced, and what to do."""


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Put back what was replaced inside, and raise `Replaced` then."""
    try:
        yield
    finally:
        now = vars(builtins)
        replaced = [
            name
            for name, value in _AT_FIRST.items()
            if callable(value)
            and now.get(name) is not value
            and not (name in _MAY_BE_WRAPPED and callable(now.get(name)))
        ]
        for name in replaced:
            now[name] = _AT_FIRST[name]
        if replaced:
            names = ", ".join(first_of([f"builtins.{name}" for name in replaced], 3))
            raise Replaced(
                f"it replaces {names}, which all code in the process uses; give the store a "
                "function of its own instead"
            )
