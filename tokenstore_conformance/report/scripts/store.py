"""How a script builds the store that the target names."""

from __future__ import annotations

import inspect
import os
import textwrap
from pathlib import Path
from typing import Final

from tokenstore_conformance.target import Target
from tokenstore_conformance.target.importing import BY_PATH, import_root

_PLACE: Final = """\
with else_it_cannot_run():
{imported}

HERE = pathlib.Path(tempfile.mkdtemp())
NAMESPACE = f"reproduce_{uuid.uuid4().hex[:12]}"  # nothing else has this name
os.chdir(HERE)
closing = contextlib.ExitStack()  # whatever happens, nothing is left behind
atexit.register(closing.close)
closing.callback(shutil.rmtree, HERE, ignore_errors=True)
"""

_BUILDABLE: Final = """\
{made}.__abstractmethods__ = frozenset()  # so that it can be built without those it lacks
"""

_MAKE: Final = """\


def make():
    made = {made}
    store = made if hasattr(made, "save_token") else closing.enter_context(made)
    closing.callback(quietly, store, "close")
    closing.callback(quietly, store, "delete_tokens")  # it was empty
    atexit.unregister(closing.close)
    atexit.register(closing.close)  # again, so as to come before what the store does at the end
    return store


def quietly(store, method):  # what is raised now is not the fault
    with contextlib.suppress(Exception):
        getattr(store, method, lambda: None)()
"""

_MAKE_FROM_HARNESS: Final = """\

with else_it_cannot_run():
    closing.enter_context({session})
    harness = {made}
    closing.callback(harness.tear_down)
    harness.set_up()


def make():
    store = harness.open()
    closing.callback(harness.close, store)
    return store
"""

_TESTED: Final = "tested"
"""What a script calls the target. The target's own name may be one that the script uses, such as
``store``.
"""


def made_from(target: Target, directory: Path) -> str:
    """Return Python that defines ``make()``, which builds a store."""
    offered = {"tmp_path": "HERE", "namespace": "NAMESPACE"}
    called = ", ".join(f"{name}={offered[name]}" for name in target.wants)
    factory = ".".join([_TESTED, *target.name.split(".")[1:]])
    imported = textwrap.indent(_imported(target, directory), "    ")
    place = _PLACE.replace("{imported}", imported)
    if target.harness:
        session = f"{factory}.session"
        if inspect.isgeneratorfunction(target.harness.session):
            session = f"contextlib.contextmanager({session})"
        made = _MAKE_FROM_HARNESS.format(made=f"{factory}({called})", session=f"{session}()")
        return place + made
    if inspect.isabstract(target.factory):
        place += _BUILDABLE.format(made=factory)
    if inspect.isgeneratorfunction(target.factory):
        factory = f"contextlib.contextmanager({factory})"
    return place + _MAKE.format(made=f"{factory}({called})")


def _imported(target: Target, directory: Path) -> str:
    top = target.name.partition(".")[0]
    plain = f"from {target.module} import {top} as {_TESTED}"
    if target.file is None:
        return plain
    if not target.module.startswith(BY_PATH):
        root = _seen_from(directory, import_root(target.file))
        return f"sys.path.insert(0, os.path.abspath({root!r}))\n{plain}"
    return (
        "import importlib.util\n\n"
        "spec = importlib.util.spec_from_file_location("
        f"{target.module!r}, {_seen_from(directory, target.file)!r})\n"
        "module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        f"{_TESTED} = module.{top}"
    )


def _seen_from(directory: Path, path: Path) -> str:
    try:
        return os.path.relpath(path, directory)
    except ValueError:  # on another drive
        return str(path)
