"""Servers for the reference stores: a place of its own for each storage, and a real outage.

A place belongs to a user of the server who has access to nothing else. In an outage the server
cuts the connections of that user, and refuses new ones.
"""

from __future__ import annotations

import abc
import functools
from typing import Any, Final

from tokenstore_conformance.target.bundled.database import DatabaseUnavailable, NoServer

START: Final = "docker compose up -d"
"""Starts the servers of compose.yaml. The stores are tested on these."""

DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""The driver to use if the URL names none."""

CREDENTIALS: Final = ("user", "password", "passwd")
"""Keys in the query of a URL that may name an administrator."""


def server_at(url: str) -> Server:
    """Return the server that an administrator's URL names. Raises `DatabaseUnavailable`."""
    scheme, _, rest = url.partition("://")
    scheme = DRIVERS.get(scheme, scheme)
    kinds: dict[str, type[Server]] = {"postgresql": Postgres, "mysql": MySQL, "mariadb": MySQL}
    kinds |= {"redis": Redis, "rediss": Redis}
    kind = kinds.get(scheme.partition("+")[0])
    if kind is None or not rest:
        raise DatabaseUnavailable(
            "TOKENSTORE_URL does not name a server; write postgresql://user:password@host/database,"
            " mysql://user:password@host, or redis://host:6379"
        )
    return kind(f"{scheme}://{rest}")


class Server(abc.ABC):
    """A server that an administrator's URL names."""

    def __init__(self, url: str) -> None:
        self._url = url

    @abc.abstractmethod
    def create(self, name: str) -> None:
        """Make a place of this name, and a user who owns it, with the name as the password."""

    @abc.abstractmethod
    def url(self, name: str) -> str:
        """Return the URL with which that user reaches the place."""

    @abc.abstractmethod
    def refuse(self, name: str) -> None:
        """Cut the connections of the user, and refuse new ones."""

    @abc.abstractmethod
    def admit(self, name: str) -> None:
        """Let the user in again."""

    @abc.abstractmethod
    def drop(self, name: str) -> None:
        """Remove the user, and the place with all that it holds."""


class _Database(Server):
    """A server that is reached through SQLAlchemy."""

    def url(self, name: str) -> str:
        from sqlalchemy import make_url

        url = make_url(self._url).difference_update_query(CREDENTIALS)
        database = url.database if url.drivername.startswith("postgresql") else name
        own = url.set(username=name, password=name, database=database)
        return str(own.render_as_string(hide_password=False))

    def _run(self, *statements: str) -> list[Any]:
        """Run SQL statements. Return the rows of the last one."""
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        found: list[Any] = []
        try:
            with _engine(self._url).connect() as connection:
                for statement in statements:
                    result = connection.execute(text(statement))
                    found = list(result) if result.returns_rows else []
        except SQLAlchemyError as error:
            raise self._unavailable(error) from error
        return found

    def _unavailable(self, error: Any) -> DatabaseUnavailable:
        from sqlalchemy import make_url

        shown = make_url(self._url).difference_update_query(CREDENTIALS).render_as_string()
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        if getattr(error, "statement", None) is None:
            return NoServer(f"no server answers at {shown} ({reason}); start one: {START}")
        return DatabaseUnavailable(
            f"the server at {shown} refuses: {reason}; name a user that may create users"
        )


@functools.cache
def _engine(url: str) -> Any:
    from sqlalchemy import create_engine

    return create_engine(url, pool_pre_ping=True, pool_size=1, isolation_level="AUTOCOMMIT")


class Postgres(_Database):
    """A schema for each place. The user of the place looks there first."""

    def create(self, name: str) -> None:
        self._run(
            f"CREATE ROLE {name} LOGIN PASSWORD '{name}'",
            f"GRANT {name} TO CURRENT_USER",
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

    def create(self, name: str) -> None:
        self._run(
            f"CREATE DATABASE {name}",
            f"CREATE USER {name} IDENTIFIED BY '{name}'",
            f"GRANT ALL ON {name}.* TO {name}",
        )

    def refuse(self, name: str) -> None:
        open_ones = self._run(
            f"ALTER USER {name} ACCOUNT LOCK",
            f"SELECT id FROM information_schema.processlist WHERE user = '{name}'",
        )
        self._run(*(f"KILL {number}" for (number,) in open_ones))

    def admit(self, name: str) -> None:
        self._run(f"ALTER USER {name} ACCOUNT UNLOCK")

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name}", f"DROP USER {name}")


class Redis(Server):
    """A prefix of keys for each place, with the hash tag that the store puts around it."""

    def create(self, name: str) -> None:
        allowed = ("+@all", "-@admin", "-@dangerous", "+info")
        self._run("ACL", "SETUSER", name, "reset", "on", f">{name}", f"~{{{name}}}*", *allowed)

    def url(self, name: str) -> str:
        from urllib.parse import urlsplit

        parts = urlsplit(self._url)
        address = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{name}:{name}@{address}").geturl()

    def refuse(self, name: str) -> None:
        self._run("ACL", "SETUSER", name, "off")
        self._run("CLIENT", "KILL", "USER", name)

    def admit(self, name: str) -> None:
        self._run("ACL", "SETUSER", name, "on")

    def drop(self, name: str) -> None:
        self._run("ACL", "DELUSER", name)
        with self._client() as client:
            for key in client.scan_iter(match=f"{{{name}}}*", count=1000):
                client.delete(key)

    def _client(self) -> Any:
        import redis

        return redis.Redis.from_url(self._url)

    def _run(self, *command: str) -> None:
        import redis

        try:
            with self._client() as client:
                client.execute_command(*command)
        except redis.ConnectionError as error:
            raise NoServer(f"no Redis answers: {error}; start one: {START}") from error
        except redis.RedisError as error:
            raise DatabaseUnavailable(f"the Redis refuses to {command[0]}: {error}") from error
