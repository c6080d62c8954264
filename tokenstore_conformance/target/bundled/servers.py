"""Real servers for the reference stores: a place of its own for each storage, and a real outage.

The place is a user of the server, who reaches nothing but its own tables or keys. In an outage the
server cuts the connections of that user, and refuses to let it in.
"""

from __future__ import annotations

import abc
import functools
from typing import Any, Final

START: Final = "docker compose up -d"
"""Starts the servers that this repository is tested with; its compose.yaml has the ports."""


class ServerUnavailable(Exception):
    """The server cannot be used; the message says what to do, and shows no password."""


class Server(abc.ABC):
    """A server that an administrator's URL names."""

    @abc.abstractmethod
    def create(self, name: str) -> None:
        """A place of this name, and a user who has it and whose password is the name."""

    @abc.abstractmethod
    def url(self, name: str) -> str:
        """The URL by which that user reaches the place."""

    @abc.abstractmethod
    def refuse(self, name: str) -> None:
        """Cut the connections of the user, and let it in no more."""

    @abc.abstractmethod
    def admit(self, name: str) -> None:
        """Let the user in again."""

    @abc.abstractmethod
    def drop(self, name: str) -> None:
        """Remove the place with all that is in it, and its user."""


class _Database(Server):
    """A server that SQLAlchemy reaches."""

    def __init__(self, url: str) -> None:
        self._administrator = url

    def url(self, name: str) -> str:
        from sqlalchemy import make_url

        own = make_url(self._administrator).set(username=name, password=name)
        return str(self._of(own, name).render_as_string(hide_password=False))

    def _of(self, url: Any, name: str) -> Any:
        return url

    def _run(self, *statements: str) -> list[Any]:
        """Run statements of SQL, and return what the last one found."""
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with _engine(self._administrator).connect() as connection:
                for statement in statements:
                    result = connection.execute(text(statement))
                return list(result) if result.returns_rows else []
        except SQLAlchemyError as error:
            raise _unavailable(self._administrator, error) from error


@functools.cache
def _engine(url: str) -> Any:
    from sqlalchemy import create_engine

    return create_engine(url, pool_pre_ping=True, pool_size=1, isolation_level="AUTOCOMMIT")


def _unavailable(url: str, error: Any) -> ServerUnavailable:
    from sqlalchemy import make_url

    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    shown = make_url(url).render_as_string()
    return ServerUnavailable(f"{shown} cannot be used: {reason}; start a server ({START})")


class Postgres(_Database):
    """A schema for each place, which its user finds first."""

    def create(self, name: str) -> None:
        self._run(
            f"CREATE ROLE {name} LOGIN PASSWORD '{name}'",
            f"CREATE SCHEMA AUTHORIZATION {name}",
        )

    def refuse(self, name: str) -> None:
        self._run(
            f"ALTER ROLE {name} NOLOGIN",
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            f"WHERE usename = '{name}'",
        )

    def admit(self, name: str) -> None:
        self._run(f"ALTER ROLE {name} LOGIN")

    def drop(self, name: str) -> None:
        self._run(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


class MySQL(_Database):
    """A database for each place, on MySQL or MariaDB."""

    def _of(self, url: Any, name: str) -> Any:
        return url.set(database=name)

    def create(self, name: str) -> None:
        self._run(
            f"CREATE DATABASE {name}",
            f"CREATE USER {name} IDENTIFIED BY '{name}'",
            f"GRANT ALL ON {name}.* TO {name}",
        )

    def refuse(self, name: str) -> None:
        found = self._run(
            f"ALTER USER {name} ACCOUNT LOCK",
            f"SELECT id FROM information_schema.processlist WHERE user = '{name}'",
        )
        for (number,) in found:
            self._run(f"KILL {number}")

    def admit(self, name: str) -> None:
        self._run(f"ALTER USER {name} ACCOUNT UNLOCK")

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name}", f"DROP USER {name}")
