"""The seed: a process that knows the SDK and no target, and forks a worker for each `Setting`.

So nothing of the user's, such as a connection made at import, is carried across a fork. Its workers
hash text in another way than this process does, as any two programs do. `Seed` is its end in this
process; `main` is what runs in it.
"""

from __future__ import annotations

import gc
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Client, Connection, Listener
from typing import Final

from tokenstore_conformance.failures import TargetFailed
from tokenstore_conformance.processes.messages import Setting
from tokenstore_conformance.processes.worker import serve
from tokenstore_conformance.sdk import open_door

_SEED: Final = "from tokenstore_conformance.processes.seed import main; main()"
"""What the process runs."""

OFTEN_IMPORTED: Final = ("csv", "dbm", "fcntl", "hashlib", "json", "pickle", "shelve", "sqlite3")
"""Modules of the standard library that stores need. The seed has them, so that not each process
has to load them."""

LIBRARIES: Final = (
    *("sqlalchemy", "psycopg", "psycopg_binary", "psycopg_pool", "psycopg2", "pymysql", "mysql"),
    *("redis", "boto3", "botocore", "cryptography", "django.db"),
    "tokenstore_conformance.target.bundled",
)
"""Packages that connect to nothing when they are imported. The seed has what this process has of
them: half a second of SQLAlchemy is too long for each of a hundred processes. And the kit's own, by
which it opens the bundled stores."""


class Seed:
    """The process that all others are forked from, seen from this one."""

    def __init__(self, module: str, libraries: Sequence[str] = ()) -> None:
        key = secrets.token_bytes(16)
        self._listener = Listener(authkey=key)
        self.address = (self._listener.address, key)
        """Where a new process reports, and the key that it needs."""
        self._control, theirs = Pipe()
        with theirs, tempfile.TemporaryFile() as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _SEED, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                    "PYTHONHASHSEED": _other_hash_seed(os.environ.get("PYTHONHASHSEED")),
                },
                cwd=tempfile.gettempdir(),  # the working directory may be a storage's, and go
                pass_fds=[theirs.fileno()],
            )
            theirs.close()
            try:
                self._control.send((module, libraries, *self.address))
                self._control.recv()
            except (EOFError, OSError) as error:
                self.close()
                errors.seek(0)
                raise TargetFailed(_no_seed(errors.read().decode(errors="replace"))) from error

    def fork(self, setting: Setting) -> Connection:
        """The link to a new process, which sends its id, and then builds its store."""
        self._control.send(setting)
        return self.accepted()

    def accepted(self) -> Connection:
        """The link to a new process."""
        return self._listener.accept()

    def reap(self, pid: int) -> None:
        """Returns when the process has let go of all that it held."""
        self._control.send(pid)
        self._control.recv()

    def close(self) -> None:
        self._control.close()
        self._listener.close()
        self._process.kill()
        self._process.wait()


def _other_hash_seed(of_this_process: str | None) -> str:
    """Another one than this process has, and the same in each run."""
    return "2" if of_this_process == "1" else "1"


def _no_seed(errors: str) -> str:
    why = next(reversed(errors.splitlines()), "it said nothing")
    return f"Python cannot start another process with the kit in it: {why}"


def main() -> None:
    """Fork a worker for each `Setting` that comes; end when the other end is closed."""
    with suppress(EOFError, KeyboardInterrupt):
        _sow(Connection(int(sys.argv[1])))


def _sow(control: Connection) -> None:
    module, libraries, address, key = control.recv()
    door = open_door(module)
    for each in (*OFTEN_IMPORTED, *libraries):
        with suppress(Exception):  # then the store that needs it says so
            import_module(each)
    with open(os.devnull, "w") as nowhere:  # what was written so far says why this fails to start
        os.dup2(nowhere.fileno(), 2)
    control.send("ready")
    gc.freeze()  # so that a collection in a child does not copy all that the seed holds
    while True:
        order = control.recv()
        if isinstance(order, int):
            os.waitpid(order, 0)
            control.send(order)
            continue
        link = Client(address, authkey=key)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                control.close()
                serve(link, door, order)
                status = 0
            except EOFError:  # no more work
                status = 0
            finally:
                os._exit(status)  # skips what the store registered with atexit
        link.close()
