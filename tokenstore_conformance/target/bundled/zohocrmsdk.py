"""Factories for the short names that no class alone can stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenstore_conformance.target.bundled.database import OnMySQL


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
