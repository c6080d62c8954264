"""Imports the module that a target names: from the import path, or from a file in any directory.

An import that fails raises a `TargetError` of one line, with the place in the user's code.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from tokenstore_conformance.guard import forks
from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.guard.limits import Hung
from tokenstore_conformance.target.advice import advice

BY_PATH: Final = "tokenstore_target_"
"""The prefix of the name of a module that could only be loaded by its path."""


class TargetError(Exception):
    """The target cannot be used. The message says what to do."""


_END_IT: Final = "the import goes on in a child process as well; end that process with os._exit"


def make_importable(directories: Iterable[Path]) -> None:
    """Put directories first on the import path, as ``python -m pytest`` does with one."""
    for directory in reversed(list(directories)):
        if str(directory) not in sys.path:
            sys.path.insert(0, str(directory))


def load(where: str, directories: Sequence[Path]) -> ModuleType:
    """Return the module of this name, or of this ``.py`` file in the first directory that has it.

    Raises `TargetError`.
    """
    try:
        with forks.Watch(lambda: TargetError(f"{where} forks when it is imported: {_END_IT}")):
            return _imported(where, directories)
    except (TargetError, KeyboardInterrupt):
        raise
    except Hung as hung:
        hung.doing = f"importing {where}"
        raise
    except BaseException as error:  # a module may well call sys.exit()
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        if missing and f"{where}.".startswith(f"{missing}."):
            raise TargetError(_no_module(missing, directories)) from error
        what = advice(error)
        raise TargetError(
            f"importing {where} failed: {describe(error)}{place(error)}{what and f'; {what}'}"
        ) from error


def _imported(where: str, directories: Sequence[Path]) -> ModuleType:
    if where.endswith(".py"):
        return _load_file(_existing(where, directories))
    if "/" in where or os.sep in where:
        raise TargetError(f"{where} is not a module; did you mean the file {where}.py?")
    return importlib.import_module(where)


def is_found_at(name: str, path: Path) -> bool:
    """Whether importing that name gives this file, and not another one of the same name."""
    known = sys.modules.get(name)
    if known is None:
        try:
            spec = importlib.util.find_spec(name)
        except ModuleNotFoundError:  # "my.store" for the file my.store.py: there is no package my
            return False
        found = spec.origin if spec is not None else None
    else:
        found = getattr(known, "__file__", None)
    return found is not None and Path(found).resolve() == path


def import_root(path: Path) -> Path:
    """Return the directory from which to import a file: the one above its outermost package."""
    top = path.parent
    while (top / "__init__.py").is_file():
        top = top.parent
    return top


def near(name: str, names: Iterable[str]) -> str:
    """Return "; did you mean ...?", or "" if no name is similar."""
    spelled = {each.lower(): each for each in names}
    found = difflib.get_close_matches(name.lower(), spelled, n=1)
    return f"; did you mean {spelled[found[0]]}?" if found else ""


def _existing(where: str, directories: Sequence[Path]) -> Path:
    paths = [(directory / where).resolve() for directory in directories]
    for path in paths:
        if path.is_file():
            return path
    beside = [each.name for each in paths[0].parent.glob("*.py")]
    raise TargetError(f"there is no file {paths[0]}{near(paths[0].name, beside)}")


def _load_file(path: Path) -> ModuleType:
    top = import_root(path)
    make_importable([top])
    name = ".".join(path.relative_to(top).with_suffix("").parts).removesuffix(".__init__")
    if is_found_at(name, path):
        return importlib.import_module(name)
    if top != path.parent:
        raise TargetError(f"{path} cannot be imported: another module is called {name!r}")
    # A lone file may have the name of an installed module: load it by its path.
    name = f"{BY_PATH}{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _no_module(name: str, directories: Sequence[Path]) -> str:
    parent, dot, _ = name.rpartition(".")
    if dot:
        path = list(getattr(sys.modules.get(parent), "__path__", ()))
        advice = ""
    else:
        path = list(map(str, directories))
        advice = "; run from the directory that holds it, or install its package"
    known = [f"{parent}{dot}{each.name}" for each in pkgutil.iter_modules(path)]
    return f"there is no module {name!r}{near(name, known)}{advice}"
