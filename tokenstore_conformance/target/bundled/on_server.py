"""A harness for each reference store that may keep its tokens on a server.

The environment names the server, and somebody who may create users on it: ``TOKENSTORE_URL``.
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
    """A place on the server for each storage; where none is named, what `file` says."""

    capabilities = CAPABILITIES
    extra: ClassVar[str]
    """What to install: an extra of this distribution."""
    default: ClassVar[str | None] = None
    """The URL where the environment names none; None for a file in the storage's directory."""

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
        """A store at this URL, in the storage's namespace; without one, on a file."""

    @classmethod
    def has_outage(cls) -> bool:
        """Whether a server is named: the kit makes the outages of files itself."""
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
        """The server cuts the connections of the storage's user, and refuses new ones."""
        server = self._server()
        assert server, "there is none to put out"
        server.refuse(self.namespace)
        yield
        server.admit(self.namespace)


@contextmanager
def installed(extra: str) -> Iterator[None]:
    """Where a library is missing, say with which extra it is installed."""
    try:
        yield
    except ImportError as error:
        install = f"pip install 'tokenstore-conformance[{extra}]'"
        raise DatabaseUnavailable(f"{error}; {install}") from error
