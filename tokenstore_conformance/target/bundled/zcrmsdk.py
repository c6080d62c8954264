"""Factories for the short names of `zcrmsdk` stores that need more than a class."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.target.bundled.database import OnMySQL
from tokenstore_conformance.target.bundled.on_sqlalchemy import OnSQLAlchemy


def sqlite_memory() -> Any:
    """The SQLite store in memory."""
    from reference_stores.zcrmsdk.sqlite_store import SQLiteStore

    return SQLiteStore(":memory:")


def sdk_file(tmp_path: Path) -> Any:
    """The SDK's own FileStore."""
    from zcrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

    return FileStore(str(tmp_path / "sdk_tokens.txt"))


class SDKDatabase(OnMySQL):
    """The SDK's own DBStore."""

    def open(self) -> Any:
        return self.connected_by(_db_store())

    def table(self) -> str:
        """Return the table of lines 2.0 and 2.1, which find tokens by id, or the one of 3.x."""
        return _TABLE_WITH_IDS if hasattr(_db_store(), "get_token_by_id") else _TABLE


_TABLE: Final = """
    create table oauthtoken(
      id int(11) not null auto_increment,
      user_mail varchar(255) not null,
      client_id varchar(255),
      refresh_token varchar(255),
      access_token varchar(255),
      grant_token varchar(255),
      expiry_time varchar(20),
      primary key (id)
    )
"""
_TABLE_WITH_IDS: Final = """
    CREATE TABLE oauthtoken (
      id varchar(255) NOT NULL,
      user_mail varchar(255) NOT NULL,
      client_id varchar(255),
      client_secret varchar(255),
      refresh_token varchar(255),
      access_token varchar(255),
      grant_token varchar(255),
      expiry_time varchar(20),
      redirect_url varchar(255),
      primary key (id)
    )
"""


def _db_store() -> Any:
    from zcrmsdk.src.com.zoho.api.authenticator.store.db_store import DBStore

    return DBStore


class SQLAlchemy(OnSQLAlchemy):
    """The store over SQLAlchemy."""

    module = "reference_stores.zcrmsdk.sqlalchemy_store"
