"""The move and the audit for `zcrmsdk`, the five-method generation, from the SDK's FileStore."""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("zcrmsdk", reason="needs the SDK of the five-method generation")

from zcrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

from reference_stores.zcrmsdk.sqlite_store import SQLiteStore
from tests.drivers.pytest_run import Judge
from tests.servers import on_postgres
from tokenstore_conformance.__main__ import main
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.sdk.zcrmsdk.door import ATTRIBUTES

if not ATTRIBUTES:
    pytest.skip("the FileStore of the lines 2.x is that of zohocrmsdk", allow_module_level=True)

DOOR = open_door("zcrmsdk")
MOVE = ("move", "sdk-file:tokens.txt")
OLDER = ("--generation=zcrmsdk",)


def login(name: str, **changes: str | None) -> Record:
    """Return a login as the SDK's FileStore keeps it."""
    whole = Record(
        user=f"{name}@users.example",
        client_id="1000.CLIENT",
        refresh_token=zoho_token(f"{name}.refresh"),
        access_token=zoho_token(f"{name}.access"),
        expires_in="1900000000000",
    )
    return whole.but(**changes)


ANN, BOB = login("ann"), login("bob", grant_token=zoho_token("bob.grant"))
OLD_ANN = ANN.but(access_token=zoho_token("ann.old"), expires_in="1800000000000")


@pytest.fixture(autouse=True)
def in_an_empty_directory(pytester: pytest.Pytester) -> None:
    """Change to pytester's directory: the tests write their files there."""


def write_file(*records: Record) -> None:
    """Write tokens.txt as FileStore does, also with records that only two threads can make."""
    FileStore("tokens.txt")
    names = ("user", "client_id", "refresh_token", "access_token", "grant_token", "expires_in")
    with Path("tokens.txt").open("a", newline="") as file:
        csv.writer(file).writerows(
            [getattr(each, name) or "" for name in names] for each in records
        )


def records_of(place: str) -> list[Record]:
    """Return what is stored in a target of the move, without ids, sorted by user."""
    kind, _, where = place.partition(":")
    if kind == "sqlite":
        store = SQLiteStore(where)
    else:
        store = pytest.importorskip("reference_stores.zcrmsdk.sqlalchemy_store").SQLAlchemyStore(
            where.replace("postgresql:", "postgresql+psycopg:")
        )
    with contextlib.closing(store):
        found = [DOOR.read(token).without("id") for token in store.get_tokens()]
    return sorted(found, key=lambda record: str(record.user))


@pytest.fixture(params=["sqlite", "sqlalchemy on SQLite", "sqlalchemy on PostgreSQL"])
def target(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield an empty place for a reference store."""
    if request.param == "sqlite":
        yield "sqlite:new.db"
        return
    pytest.importorskip("sqlalchemy")
    if request.param == "sqlalchemy on SQLite":
        yield "sqlalchemy:sqlite:///new.db"
        return
    with on_postgres() as url:
        yield f"sqlalchemy:{url}"


def test_two_records_of_a_user_become_one(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The record that expires last is kept, and a second run changes nothing."""
    write_file(ANN, OLD_ANN, BOB)
    before = Path("tokens.txt").read_bytes()

    statuses, left = [], []
    for _ in range(2):
        statuses.append(main([*MOVE, target, *OLDER]))
        left.append(records_of(target))

    assert statuses == [0, 0]
    assert left == [[ANN, BOB], [ANN, BOB]]
    assert Path("tokens.txt").read_bytes() == before
    printed = capsys.readouterr().out
    assert "2 records of one user (ids none, none); kept the one that expires last" in printed
    assert "2 tokens saved" in printed
    assert "0 tokens saved" in printed


def test_the_program_goes_on_with_the_new_store(target: str) -> None:
    """The new store has the refresh token, which the SDK gets by the program's grant token."""
    write_file(BOB)

    main([*MOVE, target, *OLDER])

    assert [each.refresh_token for each in records_of(target)] == [BOB.refresh_token]


def test_a_refresh_token_that_an_earlier_move_lost() -> None:
    """When the move is run again with --merge, it saves that token."""
    write_file(BOB)
    lost = BOB.without("refresh_token")
    with contextlib.closing(SQLiteStore("new.db")) as store:
        store.save_token(*DOOR.to_save(lost).arguments)

    statuses = [main([*MOVE, "sqlite:new.db", *OLDER, *each]) for each in ((), ("--merge",))]

    assert statuses == [1, 0]
    assert records_of("sqlite:new.db") == [BOB]


def test_a_refresh_token_that_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it, nothing is saved, and the message is masked."""
    Path("deaf.py").write_text(
        "from zcrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore\n"
        "class Deaf(FileStore):\n"
        "    def __init__(self): super().__init__('tokens.txt')\n"
        "    def get_token(self, user, token): raise OSError(user.email)\n"
    )
    write_file(BOB)

    status = main(["move", "deaf.py:Deaf", "sqlite:new.db", *OLDER])

    assert status == 1
    said = capsys.readouterr().err
    assert "b***@*** (id none): its refresh token cannot be read: OSError: b***@***" in said
    assert records_of("sqlite:new.db") == []


def test_the_audit_finds_two_records_of_a_user(judge: Judge) -> None:
    """The audit says which user has them, masked, and writes nothing."""
    write_file(ANN, OLD_ANN, BOB)
    before = Path("tokens.txt").read_bytes()

    result = judge(
        "--tokenstore=sdk-file:tokens.txt",
        "--tokenstore-audit",
        "--tokenstore-generation=zcrmsdk",
        "--tokenstore-report=audit.json",
    )

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["several records of one user (1)", "1 problem found"])
    (store,) = json.loads(Path("audit.json").read_text())["stores"]
    assert [each["records"] for each in store["findings"]] == ["a***@*** (id none)"]
    assert store["generation"] == "zcrmsdk"
    assert Path("tokens.txt").read_bytes() == before


def test_a_sound_file(judge: Judge) -> None:
    """FileStore's own records, with a grant token or a refresh token, do no harm."""
    store = FileStore("tokens.txt")
    for record in (ANN, BOB):
        store.save_token(*DOOR.to_save(record).arguments)

    result = judge(
        "--tokenstore=sdk-file:tokens.txt",
        "--tokenstore-audit",
        "--tokenstore-generation=zcrmsdk",
    )

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["no problems found"])
