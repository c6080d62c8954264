"""Stores in use, as accidents leave them: a file of FileStore, a table of DBStore, and others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore
from tests.servers import free_name, url_of
from tokenstore_conformance.records import Record, zoho_token, zoho_user
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target.bundled.database import ServerAddress
from tokenstore_conformance.target.bundled.zohocrmsdk import SDKDatabase

DOOR = open_door()


def login(name: str, **changes: str | None) -> Record:
    """Return a complete login of a user, as the SDK stores it."""
    whole = Record(
        user=zoho_user(name),
        client_id="1000.CLIENT",
        client_secret="the secret of the client",
        refresh_token=zoho_token(f"{name}.refresh"),
        access_token=zoho_token(f"{name}.access"),
        expires_in="1900000000000",
        redirect_url="https://program.example/back",
        api_domain="https://api.program.example",
    )
    return whole.but(**changes)


def write_file(*records: Record) -> None:
    """Write tokens.txt, a file of the SDK's FileStore with these records."""
    FileStore("tokens.txt")
    with Path("tokens.txt").open("a", encoding="utf-8", newline="") as file:
        for record in records:
            fields = [record.id, record.user, record.client_id, record.client_secret]
            fields += [record.refresh_token, record.access_token, record.grant_token]
            fields += [record.expires_in, record.redirect_url, record.api_domain]
            file.write(",".join(str(field or "") for field in fields) + "\r\n")


def in_database(path: str = "tokens.db") -> dict[str | None, Record]:
    """Return the records of a SQLite store, by their ids."""
    store = SQLiteStore(path)
    records = [DOOR.read(token) for token in store.get_tokens()]
    store.close()
    return {record.id: record for record in records}


def save_in_database(*records: Record) -> None:
    """Save records in tokens.db, a SQLite store."""
    store = SQLiteStore("tokens.db")
    for record in records:
        store.save_token(*DOOR.to_save(record).arguments)
    store.close()


@contextmanager
def on_mariadb() -> Iterator[tuple[str, SDKDatabase]]:
    """Yield the URL of a database with the SDK's table, and a harness that opens its DBStore."""
    url, name = url_of("mariadb"), free_name()
    before = os.environ.get("TOKENSTORE_URL")
    os.environ["TOKENSTORE_URL"] = url
    harness = SDKDatabase(Path(), name)
    harness.set_up()
    try:
        server = ServerAddress.named_in(os.environ)
        yield f"mysql://{server.user}:{server.password}@{server.address}/{name}", harness
    finally:
        harness.tear_down()
        os.environ.pop("TOKENSTORE_URL")
        if before is not None:
            os.environ["TOKENSTORE_URL"] = before
