"""What the user names on the command line, and how the kit builds a store from it.

A target is ``pkg.module:Name``, ``path/to/file.py:Name``, or a short name of a bundled store.
``Name`` is a class, a function that returns a store, or a generator or context manager that yields
one. The kit passes ``tmp_path`` and ``namespace`` if it has parameters of these names without a
default.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

from tokenstore_conformance.contract import CAPABILITIES
from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.target import process_state
from tokenstore_conformance.target.importing import TargetError, load, near
from tokenstore_conformance.target.methods import has

OFFERED: Final = ("tmp_path", "namespace")

FIXTURE: Final = "fixture"
"""The target that takes its stores from the user's override of the fixture."""

_HERE: Final = f"{__name__}.bundled"

SHORT_NAMES: Final = {
    "sqlite": "reference_stores.{generation}.sqlite_store:SQLiteStore",
    "sqlite-memory": f"{_HERE}.{{generation}}:sqlite_memory",
    "memory": "reference_stores.{generation}.memory_store:InMemoryStore",
    "list": "reference_stores.{generation}.list_store:ListStore",
    "sdk-file": f"{_HERE}.{{generation}}:sdk_file",
    "sdk-db": f"{_HERE}.{{generation}}:SDKDatabase",
    "sqlalchemy": f"{_HERE}.{{generation}}:SQLAlchemy",
    "django": f"{_HERE}.zohocrmsdk:Django",
    "redis": f"{_HERE}.zohocrmsdk:Redis",
    "encrypted": f"{_HERE}.zohocrmsdk:Encrypted",
    "dynamodb": f"{_HERE}.aws:DynamoDB",
    "secrets-manager": f"{_HERE}.aws:SecretsManager",
    FIXTURE: f"{_HERE}:from_fixture",
}
"""The bundled targets, for each generation of the SDK."""

BUNDLED_FOR: Final = dict.fromkeys(
    ("django", "redis", "encrypted", "dynamodb", "secrets-manager"), "zohocrmsdk"
)
"""The generation of the targets that are bundled for only one."""


@dataclass(frozen=True)
class Target:
    """A way to build stores: ``spec`` as the user typed it, and what it names."""

    spec: str
    module: str
    name: str
    factory: Callable[..., Any]
    wants: tuple[str, ...]
    file: Path | None = None
    """The file, if ``spec`` names one."""
    places: tuple[Path, ...] = ()
    """The directories in which it was looked up."""

    @property
    def harness(self) -> type[Harness] | None:
        """The harness class that it names, or None."""
        return cast(type[Harness], self.factory) if _is_harness(self.factory) else None

    @property
    def claims(self) -> frozenset[str]:
        """The capabilities that the target says its stores have."""
        claimed = self.harness.capabilities if self.harness else CLAIMS.get(self.spec, ())
        return frozenset(claimed)

    @property
    def is_class(self) -> bool:
        """Whether the factory is the class of the store itself."""
        return isinstance(self.factory, type) and not self.harness

    def build(self, offered: dict[str, Any], closing: contextlib.ExitStack) -> Any:
        """Return a store or a harness, and add its cleanup to ``closing``."""
        made = self.call(offered)
        return closing.enter_context(made) if is_entered(made) else made

    def call(self, offered: Mapping[str, Any]) -> Any:
        """Return what the factory returns: a store, a harness, or a context manager for one."""
        abstract = inspect.isabstract(self.factory) and not self.harness
        factory = _completed(self.factory) if abstract else self.factory
        made = factory(**{name: offered[name] for name in self.wants})
        return contextlib.contextmanager(lambda: made)() if inspect.isgenerator(made) else made


def is_entered(made: object) -> bool:
    """Whether it is a context manager that gives a store, and is not a store or harness itself."""
    is_itself = isinstance(made, Harness) or has(made, "save_token")
    return hasattr(type(made), "__enter__") and not is_itself


CLAIMS: Final = {
    "sqlite": CAPABILITIES,
    "sqlite-memory": ("threads",),
    "memory": ("threads",),
    "list": ("threads",),
}
"""The capabilities that bundled stores promise."""


def resolve(spec: str, *directories: Path, generation: str = "zohocrmsdk") -> Target:
    """Return the target that ``spec`` names, looked up in the directories.

    ``generation`` is the generation of the SDK that a bundled store is for. Raises `TargetError`,
    also if the import changes something for all code in the process. That change is undone.
    """
    try:
        with process_state.kept():
            return imported(spec, *directories, generation=generation)
    except process_state.Changed as error:
        raise TargetError(f"{spec}: {error}") from error


def imported(spec: str, *directories: Path, generation: str = "zohocrmsdk") -> Target:
    """Like `resolve`, for a process that the import may change, because it ends with the store."""
    if BUNDLED_FOR.get(spec, generation) != generation:
        raise TargetError(
            f"{spec}: this store is for {BUNDLED_FOR[spec]}, and not for {generation}"
        )
    named = SHORT_NAMES[spec].format(generation=generation) if spec in SHORT_NAMES else spec
    where, colon, name = named.rpartition(":")
    if not colon or not where.rstrip(":") == where or not name:
        raise TargetError(f"{spec!r} is not a target: {_what_to_write(spec)}")
    if where in SHORT_NAMES:
        raise TargetError(
            f"{spec} is a store in use: add --tokenstore-audit to read it; to test such a store, "
            f"write --tokenstore={where}"
        )
    try:
        module = load(where, directories)
        factory = _find(module, name)
        wants = _wants(name, factory)
        _check_harness(name, factory)
    except TargetError as error:
        raise TargetError(f"{spec}: {error}") from error
    file = Path(str(module.__file__)) if where.endswith(".py") else None
    return Target(spec, module.__name__, name, factory, wants, file, directories)


def _what_to_write(spec: str) -> str:
    module, _, name = spec.replace("::", ":").rpartition(":" if ":" in spec else ".")
    if module and name and name != "py":
        return f"did you mean {module}:{name}?"
    return f"write module:Name, path/to/file.py:Name, or one of {', '.join(SHORT_NAMES)}"


def _completed(abstract: Any) -> Callable[..., Any]:
    """Return the class with stand-ins for abstract methods, so that the others can be judged."""

    def missing(*_: object) -> None:
        raise NotImplementedError

    missing.is_missing = True  # type: ignore[attr-defined]
    body = dict.fromkeys(abstract.__abstractmethods__, missing)
    return type(abstract.__name__, (abstract,), {**body, "__module__": abstract.__module__})


def _find(module: ModuleType, name: str) -> Callable[..., Any]:
    found: Any = module
    for part in name.split("."):
        try:
            inside = getattr(found, part)
        except AttributeError:
            public = [each for each in dir(found) if not each.startswith("_")]
            hint = near(part, public)
            if inspect.isfunction(found):
                hint = f": move it out of the function, or let {_name(found)} return a store"
            raise TargetError(f"there is no {part!r} in {_name(found)}{hint}") from None
        except Exception as error:
            why = f"{describe(error)}{place(error)}"
            raise TargetError(f"looking {name} up failed: {why}") from error
        found = inside
    if _is_fixture(found):
        raise TargetError(
            f"{name} is a pytest fixture, which only pytest may call; override the fixture "
            f"tokenstore_factory in your conftest.py, and run pytest --tokenstore={FIXTURE}"
        )
    if isinstance(found, Harness):
        raise TargetError(f"{name} is a harness instance; name its class, {type(found).__name__}")
    if not callable(found):
        raise TargetError(
            f"{name} is {_article(type(found).__name__)}, which cannot be called; "
            "name a class, or a function that returns a new store"
        )
    return found  # type: ignore[no-any-return]


def _is_fixture(found: object) -> bool:
    # Before pytest 8.4 a fixture was a function with this attribute.
    return type(found).__name__ == "FixtureFunctionDefinition" or (
        inspect.isfunction(found) and hasattr(found, "_pytestfixturefunction")
    )


def _wants(name: str, factory: Callable[..., Any]) -> tuple[str, ...]:
    if inspect.iscoroutinefunction(factory) or inspect.isasyncgenfunction(factory):
        raise TargetError(f"{name} is async; the SDK's stores are not: write a plain def")
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):  # a callable written in C may have no signature
        return ()
    optional_kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    required = [
        each.name
        for each in parameters
        if each.default is inspect.Parameter.empty and each.kind not in optional_kinds
    ]
    unknown = [each for each in required if each not in OFFERED]
    if unknown and _is_harness(factory):
        raise TargetError(
            f"{name} needs {', '.join(map(repr, unknown))}, which the kit cannot know; "
            f"a harness is made with {' and '.join(OFFERED)} alone"
        )
    if unknown:
        raise TargetError(
            f"{name} needs {', '.join(map(repr, unknown))}, which the kit cannot know; "
            f"write a factory in a file of yours, and name that instead:\n\n"
            f"    def store(tmp_path):  # tmp_path: an empty directory for each test\n"
            f"        from {_module_of(factory)} import {name.partition('.')[0]}\n"
            f"        return {name}({', '.join(f'{each}=...' for each in unknown)})\n"
        )
    return tuple(required)


def _check_harness(name: str, factory: Any) -> None:
    if not _is_harness(factory):
        return
    if inspect.isabstract(factory):
        missing = ", ".join(f"{each}()" for each in sorted(factory.__abstractmethods__))
        raise TargetError(f"{name} lacks {missing}; a harness has to open a store, and return it")
    claimed = factory.capabilities
    if isinstance(claimed, str) or not isinstance(claimed, Collection):
        raise TargetError(f"{name}.capabilities is {claimed!r}; write a tuple, as in ('threads',)")
    for each in claimed:
        if each not in CAPABILITIES:
            hint = near(str(each), CAPABILITIES) or f"; choose from {', '.join(CAPABILITIES)}"
            raise TargetError(f"{name}.capabilities: unknown capability {each!r}{hint}")


def _is_harness(factory: object) -> bool:
    # Not issubclass, which would ask the metaclass of the user's class.
    return isinstance(factory, type) and any(each is Harness for each in type.mro(factory))


def _module_of(factory: Callable[..., Any]) -> str:
    return str(getattr(factory, "__module__", "your_module"))


def _name(found: Any) -> str:
    return str(getattr(found, "__name__", type(found).__name__))


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
