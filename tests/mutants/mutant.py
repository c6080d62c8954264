"""What mutants of both generations share."""

import time
from collections.abc import Iterable


class Mutant:
    """An honest store, except for one fault."""

    clause: str
    """The clause that it breaks."""

    spills: tuple[str, ...] = ()
    """Clauses of other families that see the fault, too."""


def for_each_field(base: type, fields: Iterable[str]) -> dict[str, type]:
    """A subclass of `base` for each field: of `_InsertLoses`, for "user", `InsertLosesUser`.

    The subclass has the field's name in `field`, and in its docstring for "{field}".
    """
    mutants = {}
    for field in fields:
        name = base.__name__.lstrip("_") + field.title().replace("_", "")
        body = {
            "__doc__": (base.__doc__ or "").format(field=field.replace("_", " ")),
            "__module__": base.__module__,
            "field": field,
        }
        mutants[name] = type(name, (base,), body)
    return mutants


def over(base: type, faults: Iterable[type], module: str) -> dict[str, type]:
    """A mutant of this module for each fault: the fault, over an honest store.

    It has the fault's name, docstring and clause.
    """
    bases = (base,) if issubclass(base, Mutant) else (Mutant, base)
    body = {"__module__": module}
    return {
        each.__name__: type(each.__name__, (each, *bases), {"__doc__": each.__doc__, **body})
        for each in faults
    }


def is_ahead(expiry: object) -> bool:
    """Whether an expiry is a time of this century that is still to come."""
    is_time = isinstance(expiry, str) and expiry.isdecimal() and len(expiry) == 13
    return is_time and int(str(expiry)) > time.time() * 1000
