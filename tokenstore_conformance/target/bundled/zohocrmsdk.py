"""Factories for the short names of `zohocrmsdk` stores that need more than a class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenstore_conformance.target.bundled import on_django
from tokenstore_conformance.target.bundled.database import OnMySQL
from tokenstore_conformance.target.bundled.on_server import OnServer, installed
from tokenstore_conformance.target.bundled.on_sqlalchemy import OnSQLAlchemy


def sqlite_memory() -> Any:
    """The SQLite store in memory."""
    from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore

    return SQLiteStore(":memory:")


def sdk_file(tmp_path: Path) -> Any:
    """The SDK's own FileStore."""
    from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

    return FileStore(str(tmp_path / "sdk_tokens.txt"))


class SDKDatabase(OnMySQL):
    """The SDK's own DBStore."""

    def open(self) -> Any:
        from zohocrmsdk.src.com.zoho.api.authenticator.store.db_store import DBStore

        return self.connected_by(DBStore)

    def table(self) -> str:
        return """
        CREATE TABLE oauthtoken (
          id varchar(10) NOT NULL,
          user_name varchar(255),
          client_id varchar(255),
          client_secret varchar(255),
          refresh_token varchar(255),
          access_token varchar(255),
          grant_token varchar(255),
          expiry_time varchar(20),
          redirect_url varchar(255),
          api_domain varchar(255),
          primary key (id)
        )
    """


class SQLAlchemy(OnSQLAlchemy):
    """The store over SQLAlchemy."""

    module = "reference_stores.zohocrmsdk.sqlalchemy_store"


class Django(OnServer):
    """The store over Django, on the database of ``TOKENSTORE_URL``, or on a SQLite file."""

    extra = "django"
    reuses_storage = True  # making the tables takes longer than all else

    def set_up(self) -> None:
        super().set_up()
        with installed(self.extra):
            self._add_database()
            on_django.create_tables(self.namespace)

    def store(self, url: str | None) -> Any:
        self._add_database()
        from reference_stores.zohocrmsdk.django_store import DjangoStore

        if url:
            on_django.connect(self.namespace)
        return DjangoStore(self.namespace)

    def tear_down(self) -> None:
        on_django.remove_database(self.namespace)
        super().tear_down()

    def _add_database(self) -> None:
        if server := self._server():
            database = on_django.at_url(server.url(self.namespace))
        else:
            database = on_django.on_file(self.tmp_path / "tokens.db")
        on_django.add_database(self.namespace, database)


class Redis(OnServer):
    """The store over Redis, under a prefix of its own."""

    extra = "redis"
    default = "redis://127.0.0.1:6379"

    def store(self, url: str | None) -> Any:
        from reference_stores.zohocrmsdk.redis_store import RedisStore

        return RedisStore(url or self.default, prefix=self.namespace)


class Encrypted(OnServer):
    """The encrypting store over another: on the server of ``TOKENSTORE_URL``, or a SQLite file."""

    extra = "encrypted"

    def store(self, url: str | None) -> Any:
        from reference_stores.zohocrmsdk.encrypted_store import EncryptedStore

        return EncryptedStore(self._below(url), [bytes(range(64))])

    def _below(self, url: str | None) -> Any:
        if url is None:
            from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore

            return SQLiteStore(self.tmp_path / "tokens.db")
        kind = Redis if url.startswith("redis") else SQLAlchemy
        return kind(self.tmp_path, self.namespace).store(url)
