"""Factories for the short names that no class alone can stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def sqlite_memory() -> Any:
    """The SQLite store in memory."""
    from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore

    return SQLiteStore(":memory:")


def sdk_file(tmp_path: Path) -> Any:
    """The SDK's own FileStore."""
    from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

    return FileStore(str(tmp_path / "sdk_tokens.txt"))
