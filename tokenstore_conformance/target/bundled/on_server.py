"""The base of the harnesses for reference stores that can keep their tokens on a server.

``TOKENSTORE_URL`` names the server, and a user who may create users on it.
"""

from __future__ import annotations

import abc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from tokenstore_conformance.contract import CAPABILITIES
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.target.bundled.database import DatabaseUnavailable
from tokenstore_conformance.target.bundled.servers import Server, server_at


class OnServer(Harness):
    """Makes a place on the server for each storage. If no server is named, see `default`."""

    capabilities = CAPABILITIES
    extra: ClassVar[str]
    """What to install: an extra of this distribution."""
    default: ClassVar[str | None] = None
    """The URL if the environment names none. None means a file in the storage's directory."""

    def __init__(self, tmp_path: Path, namespace: str) -> None:
        super().__init__(tmp_path, namespace)
        self._opened: list[Any] = []

    @classmethod
    def _url(cls) -> str | None:
        return os.environ.get("TOKENSTORE_URL") or cls.default

    @classmethod
    def _server(cls) -> Server | None:
        url = cls._url()
        return server_at(url) if url else None

    @abc.abstractmethod
    def store(self, url: str | None) -> Any:
        """Return a store at this URL, in the storage's namespace, or on a file without a URL."""

    @classmethod
    def has_outage(cls) -> bool:
        """Whether there is a server. The kit makes the outages of files itself."""
        return cls._url() is not None

    def set_up(self) -> None:
        with installed(self.extra):
            if server := self._server():
                server.create(self.namespace)

    def open(self) -> Any:
        with installed(self.extra):
            server = self._server()
            store = self.store(server.url(self.namespace) if server else None)
        self._opened.append(store)
        return store

    def close(self, store: Any) -> None:
        self._opened.remove(store)
        super().close(store)

    def tear_down(self) -> None:
        for store in list(self._opened):
            self.close(store)
        if server := self._server():
            server.drop(self.namespace)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Have the server cut the connections of the storage's user, and refuse new ones."""
        server = self._server()
        assert server, "there is none to put out"
        server.refuse(self.namespace)
        yield
        server.admit(self.namespace)


@contextmanager
def installed(extra: str) -> Iterator[None]:
    """If a library is missing inside the block, raise an error that names the extra to install."""
    try:
        yield
    except ImportError as error:
        install = f"pip install 'tokenstore-conformance[{extra}]'"
        raise DatabaseUnavailable(f"{error}; {install}") from error
