"""What the user names on the command line, and how a store is built from it.

A target is ``pkg.module:Name``, ``path/to/file.py:Name``, or a short name of a bundled store.
``Name`` is a class, a function that returns a store, or a generator or context manager that yields
one. It is called with those of ``tmp_path`` and ``namespace`` that it asks for by name and that
have no default.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

OFFERED: Final = ("tmp_path", "namespace")

FIXTURE: Final = "fixture"
"""The target that takes its stores from the user's override of the fixture."""

_HERE: Final = "tokenstore_conformance.bundled"

SHORT_NAMES: Final = {
    "sqlite": "reference_stores.zohocrmsdk.sqlite_store:SQLiteStore",
    "sqlite-memory": f"{_HERE}:sqlite_memory",
    "memory": "reference_stores.zohocrmsdk.memory_store:InMemoryStore",
    "list": "reference_stores.zohocrmsdk.list_store:ListStore",
    "sdk-file": f"{_HERE}:sdk_file",
    FIXTURE: f"{_HERE}:from_fixture",
}


class TargetError(Exception):
    """A target that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Target:
    """A way to build stores: ``spec`` as the user typed it, and what it names."""

    spec: str
    module: str
    name: str
    factory: Callable[..., Any]
    wants: tuple[str, ...]
    path: tuple[str, ...] = ()
    """Directories that must be importable, beside the one from which the kit was run."""

    @property
    def is_class(self) -> bool:
        return isinstance(self.factory, type)

    def build(self, offered: dict[str, Any], closing: contextlib.ExitStack) -> Any:
        """A store; what a generator or context manager cleans up is put on ``closing``."""
        factory = _completed(self.factory) if inspect.isabstract(self.factory) else self.factory
        made = factory(**{name: offered[name] for name in self.wants})
        if inspect.isgenerator(made):
            return closing.enter_context(contextlib.contextmanager(lambda: made)())
        if hasattr(made, "__enter__") and not hasattr(made, "save_token"):
            return closing.enter_context(made)
        return made

    def script(self) -> str:
        """Python that defines ``make()``, which builds a store, for a script."""
        offered = {"tmp_path": "HERE", "namespace": "'reproduce'"}
        called = ", ".join(f"{name}={offered[name]}" for name in self.wants)
        made = f"{self.name}({called})"
        if inspect.isgeneratorfunction(self.factory):
            made = f"next({made})"
        elif not self.is_class:
            made = f"(lambda made: made if hasattr(made, 'save_token') else made.__enter__())({made})"
        return (
            f"from {self.module} import {self.name.partition('.')[0]}\n\n"
            "HERE = pathlib.Path(tempfile.mkdtemp())\n"
            "os.chdir(HERE)\n\n\n"
            "def make():\n"
            f"    return {made}\n\n"
        )


def resolve(spec: str, directory: Path) -> Target:
    """The target that ``spec`` names, seen from ``directory``; raises `TargetError`."""
    where, colon, name = SHORT_NAMES.get(spec, spec).rpartition(":")
    if not colon or not where or not name:
        raise TargetError(
            f"{spec!r} is no target: write module:Name, path/to/file.py:Name, "
            f"or one of {', '.join(SHORT_NAMES)}"
        )
    path = ()
    if where.endswith(".py"):
        path = (os.path.relpath(_import_root((directory / where).resolve()), directory),)
    module = _load(spec, where, directory)
    factory = _find(spec, module, name)
    return Target(spec, module.__name__, name, factory, _wants(spec, name, factory), path)


def make_importable(directories: Iterable[Path]) -> None:
    """Put directories at the head of the import path, as ``python -m pytest`` does with one."""
    for directory in reversed(list(directories)):
        if str(directory) not in sys.path:
            sys.path.insert(0, str(directory))


def _completed(abstract: Any) -> Callable[..., Any]:
    """A class that lacks abstract methods, with stand-ins, so that its others can be judged."""

    def missing(*_: object) -> None:
        raise NotImplementedError

    missing.is_missing = True  # type: ignore[attr-defined]
    body = dict.fromkeys(abstract.__abstractmethods__, missing)
    return type(abstract.__name__, (abstract,), {**body, "__module__": abstract.__module__})


def _load(spec: str, where: str, directory: Path) -> ModuleType:
    try:
        if where.endswith(".py"):
            return _load_file(spec, directory / where)
        return importlib.import_module(where)
    except (TargetError, KeyboardInterrupt):
        raise
    except ModuleNotFoundError as error:
        if error.name and (where == error.name or where.startswith(error.name + ".")):
            raise TargetError(
                f"{spec}: there is no module {error.name!r}; run from the directory that holds it, "
                "or install the package that does"
            ) from error
        raise TargetError(f"{spec}: importing it failed: {describe(error)}") from error
    except BaseException as error:  # a module may well call sys.exit()
        raise TargetError(f"{spec}: importing it failed: {describe(error)}") from error


def _load_file(spec: str, path: Path) -> ModuleType:
    path = path.resolve()
    if not path.is_file():
        raise TargetError(f"{spec}: there is no file {path}")
    top = _import_root(path)
    make_importable([top])
    dotted = ".".join(path.relative_to(top).with_suffix("").parts).removesuffix(".__init__")
    known = sys.modules.get(dotted)
    if known is None and top != path.parent:
        return importlib.import_module(dotted)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    # A lone file may bear the name of an installed module: load it from where it lies.
    free = dotted if known is None and importlib.util.find_spec(dotted) is None else None
    found = importlib.util.spec_from_file_location(free or f"tokenstore_target_{dotted}", path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[module.__name__] = module
    try:
        found.loader.exec_module(module)
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module


def _import_root(path: Path) -> Path:
    """The directory from which a file is imported: the one above its outermost package."""
    top = path.parent
    while (top / "__init__.py").is_file():
        top = top.parent
    return top


def _find(spec: str, module: ModuleType, name: str) -> Callable[..., Any]:
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, [each for each in dir(found) if each[0] != "_"])
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise TargetError(f"{spec}: there is no {part!r} in {_name(found)}{hint}")
        found = getattr(found, part)
    if not callable(found):
        raise TargetError(
            f"{spec}: {name} is {_article(type(found).__name__)}, which cannot be called; "
            "name a class, or a function that returns a new store"
        )
    return found  # type: ignore[no-any-return]


def _wants(spec: str, name: str, factory: Callable[..., Any]) -> tuple[str, ...]:
    if inspect.iscoroutinefunction(factory) or inspect.isasyncgenfunction(factory):
        raise TargetError(f"{spec}: {name} is async; the SDK's stores are not: write a plain def")
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):  # a callable of C has no signature to read
        return ()
    optional_kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    required = [
        each.name
        for each in parameters
        if each.default is inspect.Parameter.empty and each.kind not in optional_kinds
    ]
    unknown = [each for each in required if each not in OFFERED]
    if unknown:
        raise TargetError(
            f"{spec}: {name} needs {', '.join(map(repr, unknown))}, which the kit cannot know; "
            f"write a factory in a file of yours and name that instead:\n\n"
            f"    def store(tmp_path):  # tmp_path: an empty directory for each test\n"
            f"        from {_module_of(factory)} import {name.partition('.')[0]}\n"
            f"        return {name}({', '.join(f'{each}=...' for each in unknown)})\n"
        )
    return tuple(required)


def describe(error: BaseException) -> str:
    """An exception in one line."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # a store's exception may not even have a text
        text = "(its message cannot be read)"
    name = type(error).__name__
    line = f"{name}: {text}" if text else name
    return line if len(line) <= 300 else line[:297] + "..."


def _module_of(factory: Callable[..., Any]) -> str:
    return str(getattr(factory, "__module__", "your_module"))


def _name(found: Any) -> str:
    return str(getattr(found, "__name__", type(found).__name__))


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
