"""Finds out which generation of the SDK a target is for, and whether a store mixes two."""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import elements
from tokenstore_conformance.target import FIXTURE, Target
from tokenstore_conformance.target.advice import causes
from tokenstore_conformance.target.methods import has
from tokenstore_conformance.target.storage import NotBuilt, Storage, working_in

OWN: Final = {
    "zohocrmsdk": frozenset({"find_token", "find_token_by_id"}),
    "zcrmsdk": frozenset({"get_token", "get_token_by_id"}),
}
"""The methods that only stores of this generation have."""
OTHER: Final = {"zohocrmsdk": "zcrmsdk", "zcrmsdk": "zohocrmsdk"}
SAVE: Final = {"zohocrmsdk": ("token",), "zcrmsdk": ("user", "token")}
"""The arguments of save_token in each generation."""


def generation_of(target: Target, installed: Collection[str]) -> str:
    """Return the module of the SDK that the target's stores are for.

    The base class of a store shows this, or else its methods. To see the class that a function
    builds, the kit has to call it. It does not do so if only one generation is installed.
    """
    if target.is_class:
        return generation_of_class(target.factory) or next(iter(installed), "zohocrmsdk")
    if len(installed) == 1 or target.spec == FIXTURE:
        return next(iter(installed))
    return generation_of_class(class_of(target)) or next(iter(installed), "zohocrmsdk")


def generation_of_class(cls: Any) -> str | None:
    """Return the generation of a store class, by its base or its methods. None if unknown."""
    for base in cls.__mro__:
        top = str(base.__module__).partition(".")[0]
        if top in OWN:
            return top
    for generation in OWN:  # a class may be registered as a TokenStore
        module = sys.modules.get(f"{generation}.src.com.zoho.api.authenticator.store.token_store")
        if module is not None and issubclass(cls, module.TokenStore):
            return generation
    found = [each for each, methods in OWN.items() if any(hasattr(cls, name) for name in methods)]
    return found[0] if len(found) == 1 else None


def class_of(target: Target) -> Any:
    """Return the class of a target's stores. NoneType if none can be built: preflight says why."""
    return target.factory if target.is_class else type(_built(target))


def _built(target: Target) -> Any:
    """Return a store, or None if it cannot be built."""
    with tempfile.TemporaryDirectory(prefix="tokenstore-", ignore_cleanup_errors=True) as directory:
        storage = Storage(target, Path(directory) / "first", may_be_cleaned=False)
        try:
            store = storage.build()
            storage.may_be_cleaned = _lists_nothing(store, storage.directory)
            return store
        except NotBuilt:
            return None
        finally:
            storage.close()


def _lists_nothing(store: Any, directory: Path) -> bool:
    limits.step("get_tokens")
    try:
        with working_in(directory):
            return not elements(store.get_tokens())
    except BaseException as error:
        if is_ours(error):
            raise
        return False


def mixture(door: Door, store: Any) -> str:
    """Return what to tell the author of a store that mixes the generations. "" if it does not.

    Without this, the user would only see that methods are missing or take wrong arguments, and not
    that they all do so for one reason.
    """
    here, other = door.module, OTHER[door.module]
    foreign = sorted(name for name in OWN[other] if has(store, name))
    if any(has(store, name) for name in OWN[here]) and not _saves_like(store, other):
        return ""
    if _saves_like(store, other):
        foreign.append(f"save_token({', '.join(SAVE[other])})")
    if not foreign:
        return ""
    methods = ", ".join(f"{name}({', '.join(takes)})" for name, takes in door.methods.items())
    return (
        f"it mixes the generations of the SDK: it is judged as a store of {here}, which has "
        f"{methods}; but it has {', '.join(foreign)}, as stores of {other} have. Write the methods "
        f"of the one that your program uses, and derive the class from that one's TokenStore"
    )


def _saves_like(store: Any, generation: str) -> bool:
    """Whether the parameters of save_token have the number and the names of that generation."""
    try:
        parameters = inspect.signature(store.save_token).parameters.values()
    except (AttributeError, TypeError, ValueError):
        return False
    required = [each.name for each in parameters if each.default is inspect.Parameter.empty]
    if generation == "zcrmsdk":
        return len(required) == 2 and "user" in required[0].lower()
    return len(required) == 1 and "token" in required[0].lower()


def foreign_attribute(door: Door, error: BaseException | None) -> str:
    """Return what to tell if the store used an attribute that a token or user lacks, else "".

    Tokens of one generation have getters where those of another have attributes.
    """
    for each in causes(error):
        if isinstance(each, AttributeError) and isinstance(
            each.obj, (door.token_type, door.user_type)
        ):
            kind = type(each.obj).__name__
            what = "token" if isinstance(each.obj, door.token_type) else "user"
            name = str(each.name)
            getter = f"get_{name.removeprefix(f'_{kind}__')}"
            plain = name.removeprefix("get_")
            instead = getter if hasattr(type(each.obj), getter) else ""
            if not instead and plain != name and hasattr(each.obj, plain):
                instead = plain
            hint = f"; use {what}.{instead}{'()' if instead == getter else ''}" if instead else ""
            return (
                f"it uses {what}.{name}, which the {kind} of {door.module} does not have, as "
                f"those of other generations of the SDK do{hint}"
            )
    return ""
