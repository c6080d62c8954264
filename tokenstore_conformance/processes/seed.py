"""The seed: a process that has the SDK but no target, and forks a worker for each `Setting`.

So nothing of the user's, such as a connection made at import, is carried across a fork. Its workers
hash text differently from the process of the test run, as any two programs do. `Seed` represents
the seed in the process of the test run; `main` runs in the seed.
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
"""The code that the seed runs."""

OFTEN_IMPORTED: Final = ("csv", "dbm", "fcntl", "hashlib", "json", "pickle", "shelve", "sqlite3")
"""Modules of the standard library that stores need. The seed imports them, so that each worker does
not have to."""

LIBRARIES: Final = (
    *("sqlalchemy", "psycopg", "psycopg_binary", "psycopg_pool", "psycopg2", "pymysql", "mysql"),
    *("redis", "boto3", "botocore", "cryptography", "django.db"),
    "tokenstore_conformance.target.bundled",
)
"""Packages that connect to nothing when they are imported. The seed imports those that the process
of the test run has imported: half a second for SQLAlchemy is too long in each of a hundred workers.
The last package is the kit's own: it opens the bundled stores."""


class Seed:
    """The process that forks the workers, as the process of the test run sees it."""

    def __init__(self, module: str, libraries: Sequence[str] = ()) -> None:
        key = secrets.token_bytes(16)
        self._listener = Listener(authkey=key)
        self.address = (self._listener.address, key)
        """The address that a new process connects to, and the key that it needs."""
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
                cwd=tempfile.gettempdir(),  # the current one may be a storage's, and be deleted
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
        """Fork a worker and return the link to it. It sends its id, and then builds its store."""
        self._control.send(setting)
        return self.accepted()

    def accepted(self) -> Connection:
        """Wait for a new process to connect, and return the link to it."""
        return self._listener.accept()

    def reap(self, pid: int) -> None:
        """Wait until a worker has ended and released all that it held."""
        self._control.send(pid)
        self._control.recv()

    def close(self) -> None:
        self._control.close()
        self._listener.close()
        self._process.kill()
        self._process.wait()


def _other_hash_seed(of_this_process: str | None) -> str:
    """Return a hash seed that this process does not have, the same one in each run."""
    return "2" if of_this_process == "1" else "1"


def _no_seed(errors: str) -> str:
    why = next(reversed(errors.splitlines()), "it said nothing")
    return f"Python cannot start another process with the kit in it: {why}"


def main() -> None:
    """Fork a worker for each `Setting` that arrives. End when the other end is closed."""
    with suppress(EOFError, KeyboardInterrupt):
        _sow(Connection(int(sys.argv[1])))


def _sow(control: Connection) -> None:
    module, libraries, address, key = control.recv()
    door = open_door(module)
    for each in (*OFTEN_IMPORTED, *libraries):
        with suppress(Exception):  # the store that needs it will report the error
            import_module(each)
    # Errors so far say why the seed fails to start. Later ones are thrown away.
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    control.send("ready")
    gc.freeze()  # so that a collection in a child does not copy the seed's memory
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
