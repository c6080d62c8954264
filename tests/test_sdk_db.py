"""The target sdk-db: the SDK's own DBStore, on a real server if one answers."""

from __future__ import annotations

import os
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.in_process import Judged, judge_of
from tests.drivers.pytest_run import Judge, refused
from tests.mutants import GENERATIONS
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import resolve
from tokenstore_conformance.target.bundled.database import (
    START,
    DatabaseUnavailable,
    NoServer,
    OnMySQL,
    ServerAddress,
)
from tokenstore_conformance.target.opened import PROBE

OURS = ("TOKENSTORE_URL", "MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_USER", "MYSQL_PWD")
CLOSED = "127.0.0.1:1"
"""An address where nothing answers."""


# -- which server ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "server"),
    [
        pytest.param({}, ServerAddress("127.0.0.1", 3306, "root", ""), id="nothing"),
        pytest.param(
            {"TOKENSTORE_URL": "mysql://ann:p%40ss@db.example:3307"},
            ServerAddress("db.example", 3307, "ann", "p@ss"),
            id="a url",
        ),
        pytest.param(
            {"TOKENSTORE_URL": "mariadb://db.example"},
            ServerAddress("db.example", 3306, "root", ""),
            id="a host alone",
        ),
        pytest.param(
            {
                "MYSQL_HOST": "db.example",
                "MYSQL_TCP_PORT": "3307",
                "MYSQL_USER": "ann",
                "MYSQL_PWD": "pass",
            },
            ServerAddress("db.example", 3307, "ann", "pass"),
            id="what mysql reads",
        ),
        pytest.param(
            {"TOKENSTORE_URL": "mysql://127.0.0.1", "MYSQL_HOST": "db.example"},
            ServerAddress("127.0.0.1", 3306, "root", ""),
            id="both",
        ),
    ],
)
def test_the_environment_names_the_server(
    environment: dict[str, str], server: ServerAddress
) -> None:
    """It is a URL, or the variables of MySQL's own clients. The URL takes precedence."""
    assert ServerAddress.named_in(environment) == server


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"TOKENSTORE_URL": "postgres://ann:secret@db.example"}, "write mysql://"),
        ({"TOKENSTORE_URL": "mysql://ann:secret@db.example:port"}, "write mysql://"),
        ({"TOKENSTORE_URL": "db.example"}, "write mysql://"),
        ({"MYSQL_TCP_PORT": "mysql", "MYSQL_PWD": "secret"}, "not a port"),
    ],
)
def test_a_server_that_is_not_understood(environment: dict[str, str], words: str) -> None:
    """The message says what to write, and does not repeat a password."""
    with pytest.raises(DatabaseUnavailable, match=words) as caught:
        ServerAddress.named_in(environment)

    assert "secret" not in str(caught.value)


def test_the_password_is_not_shown() -> None:
    """A traceback that shows the server does not show its password."""
    assert "secret" not in repr(ServerAddress("db.example", 3306, "ann", "secret"))


# -- where it cannot be judged ---------------------------------------------------------------------


@pytest.mark.parametrize("generation", GENERATIONS)
def test_no_server(generation: str, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says how to start a server, before anything is judged."""
    pytest.importorskip("mysql.connector", reason="it is the driver that finds no server")
    monkeypatch.setenv("TOKENSTORE_URL", f"mysql://root@{CLOSED}")

    result = judge("--tokenstore=sdk-db", f"--tokenstore-generation={generation}")

    refused(result, f"sdk-db: *no MariaDB or MySQL answers at {CLOSED}; start one ({START})*")


@pytest.fixture
def without_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the driver, as if it were not installed; skip if the SDK cannot do without it."""
    module = "zohocrmsdk.src.com.zoho.api.authenticator.store.db_store"
    if hasattr(pytest.importorskip(module), "mysql"):
        pytest.skip("this line of the SDK cannot be imported without the driver")
    monkeypatch.setitem(sys.modules, "mysql", None)
    monkeypatch.setitem(sys.modules, "mysql.connector", None)


@pytest.mark.usefixtures("without_driver")
def test_no_driver(judge: Judge) -> None:
    """One line says what to install."""
    result = judge("--tokenstore=sdk-db", "--tokenstore-generation=zohocrmsdk")

    refused(result, "sdk-db: *pip install mysql-connector-python*")


@pytest.mark.usefixtures("without_driver")
@pytest.mark.parametrize("name", ["sqlite", "sdk-file"])
def test_the_other_short_names_need_no_driver(name: str, judge: Judge) -> None:
    """They are in the same module as sdk-db."""
    result = judge(f"--tokenstore={name}", "--tokenstore-generation=zohocrmsdk", "-k", "LIST-1")

    assert result.ret == pytest.ExitCode.OK


# -- on a server -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> ServerAddress:
    """Return the server that the environment names; skip if none answers."""
    pytest.importorskip("mysql.connector", reason="DBStore needs mysql-connector-python")
    server = ServerAddress.named_in(os.environ)
    try:
        server.run()
    except NoServer as error:
        pytest.skip(str(error))
    return server


@pytest.fixture
def statements(server: ServerAddress, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of the statements that make and remove storages, as they run on the server."""
    ran: list[str] = []
    run = ServerAddress.run

    def noted(self: ServerAddress, *statements: str) -> Any:
        ran.extend(statements)
        return run(self, *statements)

    monkeypatch.setattr(ServerAddress, "run", noted)
    return ran


@pytest.fixture
def harness(server: ServerAddress, tmp_path: Path) -> Iterator[Callable[[str], OnMySQL]]:
    """Return a function that makes and sets up a harness of a generation."""
    made: list[OnMySQL] = []

    def make(generation: str) -> OnMySQL:
        target = resolve("sdk-db", generation=generation)
        assert target.harness is not None
        namespace = f"tokenstore_{uuid.uuid4().hex[:12]}"
        harness: Any = target.harness(tmp_path, namespace)
        harness.set_up()
        made.append(harness)
        return harness  # type: ignore[no-any-return]

    yield make
    for each in made:
        each.tear_down()


@pytest.mark.parametrize("generation", GENERATIONS)
def test_stores_over_one_storage_share_their_tokens(
    generation: str, harness: Callable[[str], OnMySQL]
) -> None:
    """Another store finds what the first one saved, and another storage is empty."""
    storage = harness(generation)
    door = open_door(generation)

    storage.open().save_token(*door.to_save(PROBE).arguments)

    assert [door.read(token).user for token in storage.open().get_tokens()] == [PROBE.user]
    assert harness(generation).open().get_tokens() == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_an_outage_ends(generation: str, harness: Callable[[str], OnMySQL]) -> None:
    """A call fails during the outage. Afterwards, all tokens are back."""
    storage = harness(generation)
    door = open_door(generation)
    store = storage.open()
    store.save_token(*door.to_save(PROBE).arguments)

    with storage.outage(), pytest.raises(door.refusal):
        store.get_tokens()

    assert len(store.get_tokens()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("generation", GENERATIONS)
def test_nothing_is_left_behind(generation: str, statements: list[str], judge: Judge) -> None:
    """Every database that a run creates is dropped, even if clauses fail."""
    result = judge(
        "--tokenstore=sdk-db",
        f"--tokenstore-generation={generation}",
        *("-k", "LIST-1 or FIND-14 or ERR-2 or DUR-1"),
    )

    created = re.findall(r"^CREATE DATABASE (\w+)", "\n".join(statements), re.M)
    dropped = re.findall(r"^DROP DATABASE (\w+)", "\n".join(statements), re.M)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert len(created) > 4
    assert sorted(created) == sorted(dropped)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_an_open_transaction_does_not_keep_its_database(
    generation: str, harness: Callable[[str], OnMySQL], server: ServerAddress
) -> None:
    """The database is dropped at once, even if a connection to it has a table locked."""
    storage = harness(generation)
    import mysql.connector

    with mysql.connector.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        database=storage.namespace,
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("START TRANSACTION")
        cursor.execute("SELECT * FROM oauthtoken")
        cursor.fetchall()

        storage.tear_down()

        found = server.run(f"SHOW DATABASES LIKE '{storage.namespace}'")
    assert found == []
    storage.set_up()  # so that the fixture can remove it


@pytest.mark.slow
@pytest.mark.parametrize("generation", ["zcrmsdk"])
def test_a_locked_database_hides_no_failure(
    generation: str, server: ServerAddress, tmp_path: Path
) -> None:
    """If a clause fails while the store locks its table, the message says what the store did."""
    if generation not in GENERATIONS:
        pytest.skip(f"{generation} is not installed")

    result = judged(generation, tmp_path).judge("FIND-6")

    assert "tear_down" not in result.message
    assert "Unread result found" in result.message


# -- the verdict -----------------------------------------------------------------------------------


def judged(generation: str, directory: Path, clauses: list[str] | None = None) -> Judged:
    return judge_of(resolve("sdk-db", generation=generation), directory, clauses=clauses)


@pytest.mark.parametrize(
    ("generation", "clause", "words"),
    [
        ("zohocrmsdk", "SAVE-11", "Data too long for column 'id'"),
        ("zohocrmsdk", "SAVE-14", "Duplicate entry '10'"),
        ("zohocrmsdk", "FIND-14", "no record has the user"),
        ("zohocrmsdk", "BYID-2", "Given Id is invalid"),
        ("zohocrmsdk", "BYID-3", "no record has the id '1 '"),
        ("zohocrmsdk", "DEL-3", "before delete_token('1 ')"),
        ("zcrmsdk", "DATA-1", "You have an error in your SQL syntax"),
        ("zcrmsdk", "DEL-2", "the same records as before delete_token"),
        pytest.param(
            *("zcrmsdk", "CLEAR-1", "oauthtokens"),
            marks=pytest.mark.skipif(
                "zcrmsdk" not in GENERATIONS or open_door("zcrmsdk").by_id,
                reason="the lines 2.x delete from the right table",
            ),
        ),
    ],
)
def test_what_was_measured_is_found(
    generation: str, clause: str, words: str, server: ServerAddress, tmp_path: Path
) -> None:
    """Each fault that DBStore was seen to have is found by its clause, with these words."""
    if generation not in GENERATIONS:
        pytest.skip(f"{generation} is not installed")

    result = judged(generation, tmp_path, [clause]).judge(clause)

    assert result.outcome == "failed"
    assert words in result.message


@pytest.mark.slow
@pytest.mark.parametrize("generation", ["zcrmsdk"])
def test_a_race_is_judged_where_no_repair_is_part_of_it(
    generation: str, server: ServerAddress, tmp_path: Path
) -> None:
    """delete_tokens fails before and after the race, and has no part in what the race loses."""
    if generation not in GENERATIONS or open_door(generation).by_id:
        pytest.skip("delete_tokens works there")

    result = judged(generation, tmp_path, ["CLEAR-1", "THR-2"]).judge("THR-2")

    assert result.outcome == "failed"
    assert "has 2 records" in result.got


@pytest.mark.parametrize("clause", ["SHAPE-4", "SAVE-1", "SAVE-6", "LIST-1", "DUR-1", "ERR-1"])
@pytest.mark.parametrize("generation", GENERATIONS)
def test_what_it_does_right_passes(
    clause: str, generation: str, server: ServerAddress, tmp_path: Path
) -> None:
    """DBStore stores a login, keeps users apart, and reports that its server is away."""
    assert judged(generation, tmp_path, [clause]).judge(clause).outcome == "passed"


@pytest.mark.nightly
def test_the_whole_verdict(server: ServerAddress, tmp_path: Path) -> None:
    """No clause passes that was measured to fail, and no kill loses a login."""
    if "zohocrmsdk" not in GENERATIONS:
        pytest.skip("zohocrmsdk is not installed")
    broken = [
        *("SAVE-11", "SAVE-14", "SAVE-17", "SAVE-18", "SAVE-20", "FIND-10", "FIND-14"),
        *("BYID-2", "BYID-3", "DEL-3", "THR-2"),
    ]

    verdict = judged("zohocrmsdk", tmp_path)

    outcomes = {id: verdict.judge(id).outcome for id in [*broken, "DUR-3"]}
    assert [id for id in broken if outcomes[id] == "passed"] == []
    assert outcomes["DUR-3"] != "failed"
