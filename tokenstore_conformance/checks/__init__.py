"""One check for each clause: a function that takes a fresh, empty store, and raises if it breaks
the clause.

The checks of a family are in one module, or in a few modules whose names begin alike. Checks that
hold for both generations of the SDK are in this folder. Those that differ are in `zohocrmsdk` and
`zcrmsdk`, under the same module names. `check` makes a function the check of its clause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import FunctionType
from typing import Final

from tokenstore_conformance.contract import CLAUSES, GENERATIONS
from tokenstore_conformance.guard.frames import KIT
from tokenstore_conformance.subject import Subject

_BOUND: Final = {clause.id: clause.generations for clause in CLAUSES}
_TOP: Final = Path(KIT).parent
"""The directory that holds the package."""


@dataclass(frozen=True)
class Check:
    """The check of one clause."""

    clause: str
    run: Callable[[Subject], None]
    touches_nothing: bool
    """Whether it calls no method of the store: it may run on one that cannot list its tokens."""

    @property
    def where(self) -> str:
        """The file and the line of the function, such as "tokenstore_conformance/checks/a.py:7"."""
        assert isinstance(self.run, FunctionType)
        code = self.run.__code__
        file = Path(code.co_filename).resolve()
        name = file.relative_to(_TOP).as_posix() if file.is_relative_to(_TOP) else file.name
        return f"{name}:{code.co_firstlineno}"


_checks: Final[dict[str, dict[str, Check]]] = {generation: {} for generation in GENERATIONS}


def check(
    clause: str, *, generation: str | None = None, touches_nothing: bool = False
) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
    """Make a function the check of a clause.

    It is the check for each generation that the clause binds, or only for the one that is given.
    Then the other generation has its own check.
    """
    generations: Iterable[str] = _BOUND[clause] if generation is None else (generation,)

    def register(function: Callable[[Subject], None]) -> Callable[[Subject], None]:
        for each in generations:
            assert clause not in _checks[each], f"{clause} has two checks for {each}"
            _checks[each][clause] = Check(clause, function, touches_nothing)
        return function

    return register


def all_checks(generation: str) -> dict[str, Check]:
    """Return every check for a generation of the SDK, by the id of its clause."""
    # Do not import the modules for the other generation: imports are a large part of a short run.
    own = Path(__file__).with_name(generation)
    for module in iter_modules(__path__, f"{__name__}."):
        if not module.ispkg:
            import_module(module.name)
    for module in iter_modules([str(own)], f"{__name__}.{generation}."):
        import_module(module.name)
    return dict(_checks[generation])
