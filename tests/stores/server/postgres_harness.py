"""PostgresStore on a real server, the one that PGHOST, PGUSER and the like name."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from postgres_store import PostgresStore

from tokenstore_conformance.harness import Harness


class OnPostgres(Harness):
    """A role for each storage, and a schema of its name; whoever runs this may create roles."""

    capabilities = ("threads", "durable", "processes", "crash-safe", "outage")
    reuses_storage = True  # emptied between two tests, and not made again

    def set_up(self) -> None:
        name = self.namespace
        _administer(
            f"CREATE ROLE {name} LOGIN PASSWORD '{name}'",
            f"CREATE SCHEMA AUTHORIZATION {name}",  # what the role finds first
        )
        self.open().create_table()

    def open(self) -> PostgresStore:
        name = self.namespace
        return PostgresStore(
            lambda: psycopg.connect(user=name, password=name, dbname="postgres", connect_timeout=5)
        )

    def tear_down(self) -> None:
        _administer(f"DROP OWNED BY {self.namespace}", f"DROP ROLE {self.namespace}")

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Refuse new connections and close those that are open."""
        _administer(
            f"ALTER ROLE {self.namespace} NOLOGIN",
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            f"WHERE usename = '{self.namespace}'",
        )
        yield
        _administer(f"ALTER ROLE {self.namespace} LOGIN")


def _administer(*statements: str) -> None:
    with psycopg.connect(dbname="postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
