"""What mutants of both generations share."""

import time
from collections.abc import Iterable


class Mutant:
    """An honest store, but for one fault."""

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


def is_ahead(expiry: object) -> bool:
    """Whether an expiry is a time of this century that is still to come."""
    is_time = isinstance(expiry, str) and expiry.isdecimal() and len(expiry) == 13
    return is_time and int(str(expiry)) > time.time() * 1000
