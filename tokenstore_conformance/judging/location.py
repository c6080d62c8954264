"""Finds the line that shows a failure best: a line of the store, never one of the kit."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Sequence
from types import CodeType
from typing import Any

from tokenstore_conformance.failures import Call, ClauseFailed
from tokenstore_conformance.guard.frames import traceback_of
from tokenstore_conformance.guard.own_code import OwnCode
from tokenstore_conformance.judging.result import Location


def located(
    failure: ClauseFailed, calls: Sequence[Call], store_class: type | None
) -> Location | None:
    """Return the last line of the store in the exception's traceback. If there is none, return the
    first place where one of its threads stopped, else the method that was called last, else the
    class. Return None if the source is unknown.
    """
    if store_class is None:
        return None
    own = OwnCode(store_class)
    if failure.error is not None:
        frames = traceback.extract_tb(traceback_of(failure.error))
        for frame in reversed(frames):
            if own.includes(frame.filename):
                return Location(frame.filename, frame.lineno or 1, frame.name)
    for switch in failure.history.switches if failure.history else ():
        if switch.file:
            return Location(switch.file, switch.line, switch.function)
    methods = [call.method for call in calls if call.method]
    return _method(own, methods[-1:]) or _class(own)


def _method(own: OwnCode, names: Sequence[str]) -> Location | None:
    for name in names:
        for each in own.classes:
            code = _code(vars(each).get(name))
            if code is not None:
                return Location(code.co_filename, code.co_firstlineno, name)
    return None


def _code(method: Any) -> CodeType | None:
    """Return the code of a method, without decorators; None if it has no Python code."""
    try:
        code = getattr(inspect.unwrap(method), "__code__", None)
    except Exception:  # an object that claims to have every attribute
        return None
    return code if isinstance(code, CodeType) else None


def _class(own: OwnCode) -> Location | None:
    for each in own.classes:
        try:
            return Location(inspect.getfile(each), inspect.getsourcelines(each)[1], each.__name__)
        except (OSError, TypeError):  # the class was made by a function, or its file is gone
            continue
    return None
