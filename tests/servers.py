"""The servers of compose.yaml, for the tests that need one.

A test is skipped if its server does not answer. If ``TOKENSTORE_SERVERS`` names the server, the
test fails instead. ``.ci/run`` names the servers that it can reach. ``TOKENSTORE_POSTGRES_URL`` and
similar variables say where a server is, if it is not at the default address.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from tokenstore_conformance.target.bundled.servers import START, server_at

URLS = {
    "postgres": "postgresql://postgres@127.0.0.1:5432/postgres",
    "mariadb": "mysql://root@127.0.0.1:3306",
    "redis": "redis://127.0.0.1:6379",
}
LIBRARIES = {"postgres": "psycopg", "mariadb": "pymysql", "redis": "redis"}


def url_of(server: str) -> str:
    """Return the URL of a server; skip the test if the server does not answer."""
    url = os.environ.get(f"TOKENSTORE_{server.upper()}_URL", URLS[server])
    if server not in os.environ.get("TOKENSTORE_SERVERS", "").split():
        pytest.importorskip(LIBRARIES[server], reason=f"needs {LIBRARIES[server]}")
        address = urlsplit(url)
        try:
            socket.create_connection((address.hostname or "", address.port or 0), 2).close()
        except OSError:
            at = f"{address.hostname}:{address.port}"
            pytest.skip(f"no {server} answers at {at}; to start one: {START}")
    return url


@contextmanager
def on_postgres() -> Iterator[str]:
    """Yield the URL of an empty place on PostgreSQL; skip the test if no server answers."""
    server, name = server_at(url_of("postgres")), free_name()
    server.create(name)
    yield server.url(name)
    server.drop(name)


def free_name() -> str:
    """Return a name that no other place on a server has."""
    return f"tokenstore_{uuid.uuid4().hex[:12]}"


class Proxy:
    """A proxy to a server. It can be cut, as if the server were stopped."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._port = 0
        self._listening: socket.socket | None = None

    @property
    def url(self) -> str:
        """The URL of the server through this proxy."""
        credentials = self._url.netloc.rpartition("@")[0]
        return self._url._replace(netloc=f"{credentials}@127.0.0.1:{self._port}").geturl()

    def open(self) -> None:
        """Accept connections, at the same port each time."""
        self._listening = listening = socket.create_server(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """Close all connections, and refuse new ones."""
        assert self._listening
        for each in (self._listening, *(end for pair in self._pairs for end in pair)):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._pairs.clear()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, _ = listening.accept()
                address = (self._url.hostname or "", self._url.port or 0)
                there = socket.create_connection(address)
                self._pairs.append((here, there))
                for ends in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_to(url: str) -> Iterator[Proxy]:
    """Run a proxy to a server; cut it at the end."""
    proxy = Proxy(url)
    proxy.open()
    yield proxy
    proxy.cut()
