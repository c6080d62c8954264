"""The SDK's own DBStore on a server of MariaDB or MySQL, for either generation of the SDK.

The environment names the server: ``TOKENSTORE_URL``, such as ``mysql://root@127.0.0.1:3306``, or
what the clients of MySQL read: ``MYSQL_HOST``, ``MYSQL_TCP_PORT``, ``MYSQL_USER``, ``MYSQL_PWD``.
The default is 127.0.0.1:3306, as root with an empty password.
"""

from __future__ import annotations

import abc
import contextlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from tokenstore_conformance.harness import Harness

INSTALL: Final = "pip install mysql-connector-python"
START: Final = (
    "docker run --rm -d -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 -p 3306:3306 mariadb:10.11"
)
"""A command that starts the server that is used if the environment names none."""

_CANNOT_CONNECT: Final = range(2000, 2100)
"""Error numbers of a client that reaches no server. Those of a server start at 1000 and 3000."""


class DatabaseUnavailable(Exception):
    """The server cannot be used. The message says what to do, and shows no password."""


class NoServer(DatabaseUnavailable):
    """Nothing answers at the address of the server."""


@dataclass(frozen=True)
class ServerAddress:
    """The address of the server, and the user who creates databases on it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @classmethod
    def named_in(cls, environment: Mapping[str, str]) -> ServerAddress:
        """Return the server that the environment names. Raises `DatabaseUnavailable`."""
        url = environment.get("TOKENSTORE_URL")
        if url:
            return cls._at(url)
        port = environment.get("MYSQL_TCP_PORT") or "3306"
        if not port.isascii() or not port.isdigit():
            raise DatabaseUnavailable(f"MYSQL_TCP_PORT is {port!r}, not a port such as 3306")
        return cls(
            environment.get("MYSQL_HOST") or "127.0.0.1",
            int(port),
            environment.get("MYSQL_USER") or "root",
            environment.get("MYSQL_PWD") or "",
        )

    @classmethod
    def _at(cls, url: str) -> ServerAddress:
        with contextlib.suppress(ValueError):  # a port that is not a number
            parts = urlsplit(url)
            user, password = unquote(parts.username or "root"), unquote(parts.password or "")
            if parts.scheme in ("mysql", "mariadb") and parts.hostname:
                return cls(parts.hostname, parts.port or 3306, user, password)
        raise DatabaseUnavailable(
            "TOKENSTORE_URL does not name a server; write mysql://user:password@host:3306"
        )

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def run(self, *statements: str) -> list[Any]:
        """Run SQL statements one after another. Return the rows of the last one.

        Raises `DatabaseUnavailable`.
        """
        try:
            import mysql.connector
        except ImportError as error:
            raise DatabaseUnavailable(f"the SDK's DBStore needs a driver; {INSTALL}") from error
        try:
            connection = mysql.connector.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password,
                connection_timeout=5,
            )
            rows: list[Any] = []
            with contextlib.closing(connection), contextlib.closing(connection.cursor()) as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    rows = cursor.fetchall() if cursor.description else []
            return rows
        except mysql.connector.Error as error:
            raise self._unavailable(error) from error

    def disconnect(self, database: str) -> None:
        """End all connections to a database: an open transaction would keep its tables locked."""
        found = self.run(f"SELECT id FROM information_schema.processlist WHERE db = '{database}'")
        for (id,) in found:
            with contextlib.suppress(DatabaseUnavailable):  # the connection is gone already
                self.run(f"KILL {id}")

    def _unavailable(self, error: Any) -> DatabaseUnavailable:
        """Return what to raise for an error of the driver."""
        yours = "TOKENSTORE_URL=mysql://user:password@host:3306"
        if error.errno in _CANNOT_CONNECT:
            return NoServer(
                f"no MariaDB or MySQL answers at {self.address}; start one ({START}), or name "
                f"yours: {yours}"
            )
        return DatabaseUnavailable(
            f"the server at {self.address} refuses {self.user}: {error.msg}; name a user that may "
            f"create databases: {yours}"
        )


class OnMySQL(Harness):
    """A database for each storage, with the table that the SDK documents."""

    @abc.abstractmethod
    def table(self) -> str:
        """Return the statement that creates the table ``oauthtoken`` in the SDK's documentation."""

    def set_up(self) -> None:
        self._run(f"CREATE DATABASE {self.namespace}", f"USE {self.namespace}", self.table())

    def tear_down(self) -> None:
        ServerAddress.named_in(os.environ).disconnect(self.namespace)
        self._run(f"DROP DATABASE {self.namespace}")

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Rename the table: the server refuses every statement of the store."""
        here, away = f"{self.namespace}.oauthtoken", f"{self.namespace}.away"
        self._run(f"RENAME TABLE {here} TO {away}")
        yield
        self._run(f"RENAME TABLE {away} TO {here}")

    def connected_by(self, store: type) -> Any:
        """Return a store of the SDK's DBStore class on the database of this storage."""
        server = ServerAddress.named_in(os.environ)
        return store(
            host=server.host,
            database_name=self.namespace,
            user_name=server.user,
            password=server.password,
            port_number=str(server.port),
        )

    def _run(self, *statements: str) -> None:
        ServerAddress.named_in(os.environ).run(*statements)
