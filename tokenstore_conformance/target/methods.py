"""Finds out which methods of the contract the SDK could call on a store, before any call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tokenstore_conformance.sdk import Door


def unusable_methods(door: Door, store: object) -> Iterator[tuple[str, str]]:
    """Yield the methods of the contract that the SDK could not call on this store, and why."""
    for method, arguments in door.methods.items():
        why = _why_unusable(getattr(store, method) if has(store, method) else None, arguments)
        if why:
            yield method, f"{method}({', '.join(arguments)}) {why}"


def has(thing: object, name: str) -> bool:
    """Whether a thing has this attribute. Its `__getattr__` may raise any exception."""
    try:
        getattr(thing, name)
    except Exception:
        return False
    return True


def _why_unusable(found: Any, arguments: Iterable[str]) -> str | None:
    if found is None or getattr(found, "is_missing", False):
        return "is missing"
    if not callable(found):
        return "is not a method"
    if inspect.iscoroutinefunction(found) or inspect.isasyncgenfunction(found):
        return "is async: the SDK calls it and does not wait for it"
    return _why_not_bound(found, list(arguments))


def _why_not_bound(found: Callable[..., Any], arguments: list[str]) -> str | None:
    # Do not follow functools.singledispatchmethod: the function that it wraps also takes self.
    plain = not hasattr(found, "register")
    try:
        inspect.signature(found, follow_wrapped=plain).bind(*arguments)
    except TypeError as error:
        return f"cannot be called as the SDK calls it, positionally: {error}"
    except ValueError:  # no signature, as in functions written in C
        return None
    return None
