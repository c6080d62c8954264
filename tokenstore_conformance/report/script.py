"""A failure as a Python script that needs nothing but the SDK and the store."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Final

from tokenstore_conformance.contract import Clause
from tokenstore_conformance.failures import CLOCK
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.target import FIXTURE, Target
from tokenstore_conformance.target.importing import BY_PATH, import_root

_TEMPLATE: Final = '''\
# {title}
# expected: {expected}
# got: {got}
# Run this from the directory from which you ran pytest.

import atexit
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
import uuid

sys.path.insert(0, os.getcwd())
{clock}
{prelude}

def say(method, *arguments):
    """Make a call, and print what it comes to."""
    before = list(map(show, arguments))
    try:
        answer = method(*arguments)
        many = isinstance(answer, list)
        said = list(map(show, answer)) if many else show(answer)
    except BaseException as error:
        said = f"raised {{type(error).__name__}}: {{error}}"
    print(f"{{method.__name__}}({{', '.join(before)}})  ->  {{said}}")
    for argument, was in zip(arguments, before):
        if show(argument) != was:
            print("    the token that was given is now", show(argument))


{store}

store = make()
{calls}
'''

_PLACE: Final = """\
{imported}

HERE = pathlib.Path(tempfile.mkdtemp())
NAMESPACE = f"reproduce_{uuid.uuid4().hex[:12]}"  # nothing else has this name
os.chdir(HERE)
closing = contextlib.ExitStack()  # whatever happens, nothing is left behind
atexit.register(closing.close)
closing.callback(shutil.rmtree, HERE, ignore_errors=True)
"""

_MAKE: Final = """\

def make():
    made = {made}
    store = made if hasattr(made, "save_token") else closing.enter_context(made)
    closing.callback(getattr(store, "close", lambda: None))
{cleared}    return store
"""

_CLEARED: Final = "    closing.callback(store.delete_tokens)\n"
"""Where tokens are kept under the namespace, perhaps on a server."""

_MAKE_FROM_FIXTURE: Final = """\
def make():
    raise SystemExit("return here what your fixture tokenstore_factory builds")
"""


_MAKE_FROM_HARNESS: Final = """\
closing.enter_context({session})
harness = {made}
closing.callback(harness.tear_down)
harness.set_up()


def make():
    store = harness.open()
    closing.callback(harness.close, store)
    return store
"""

_CLOCK: Final = '''
import datetime
import time

real = datetime.datetime
AHEAD = [0]


class clock:
    """Moves the clocks of Python."""

    def forward(seconds):
        AHEAD[0] += seconds
        print(f"the clocks are moved on by {seconds} seconds")


def moved(tell, unit=1):
    return lambda: tell() + AHEAD[0] * unit


class AnyDatetime(type):
    def __instancecheck__(cls, value):
        return isinstance(value, real)


class Moved(real, metaclass=AnyDatetime):
    @classmethod
    def now(cls, tz=None):
        return real.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)


# Before the store is imported, which may keep these.
datetime.datetime = Moved
for name in ("time", "monotonic", "perf_counter"):
    setattr(time, name, moved(getattr(time, name)))
    setattr(time, name + "_ns", moved(getattr(time, name + "_ns"), 10**9))
'''

_TESTED: Final = "tested"
"""What a script calls the target, whose own name may be one that the script uses: ``store``."""


def reproduction(
    result: Result, clause: Clause, target: Target, door: Door, directory: Path
) -> str:
    """The calls that broke the clause, as Python source, to be run in ``directory``."""
    lines = []
    for call in result.calls:
        if call.statement:
            lines.append(call.statement)
            continue
        if not call.method:
            lines.append(f"{call.store} = make()")
            continue
        if call.store == CLOCK:
            lines.append(str(call))
            continue
        made = [f"{call.store}.{call.method}", *map(str, call.arguments)]
        lines.append(f"say({', '.join(made)})")
    return _TEMPLATE.format(
        title=_comment(f"{clause.id} on {target.spec}: {clause.sentence}"),
        expected=_comment(result.expected),
        got=_comment(result.got),
        clock=_CLOCK if any(call.store == CLOCK for call in result.calls) else "",
        prelude=door.script,
        store=_make(target, directory),
        calls="\n".join(lines),
    )


def _comment(text: str) -> str:
    """Any text in one line that can stand in a source file."""
    return ascii(text)[1:-1]


def _make(target: Target, directory: Path) -> str:
    """Python that defines ``make()``, which builds a store."""
    if target.spec == FIXTURE:
        return _MAKE_FROM_FIXTURE
    offered = {"tmp_path": "HERE", "namespace": "NAMESPACE"}
    called = ", ".join(f"{name}={offered[name]}" for name in target.wants)
    factory = ".".join([_TESTED, *target.name.split(".")[1:]])
    place = _PLACE.replace("{imported}", _imported(target, directory))
    if target.harness:
        session = f"{factory}.session"
        if inspect.isgeneratorfunction(target.harness.session):
            session = f"contextlib.contextmanager({session})"
        made = _MAKE_FROM_HARNESS.format(made=f"{factory}({called})", session=f"{session}()")
        return place + made
    if inspect.isgeneratorfunction(target.factory):
        factory = f"contextlib.contextmanager({factory})"
    cleared = _CLEARED if "namespace" in target.wants else ""
    return place + _MAKE.format(made=f"{factory}({called})", cleared=cleared)


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
