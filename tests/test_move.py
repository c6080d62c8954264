"""`python -m tokenstore_conformance move` copies every token of one store into another."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("zohocrmsdk")

from tests.drivers.in_use import (
    DOOR,
    in_database,
    login,
    on_mariadb,
    save_in_database,
    write_file,
)
from tests.servers import on_postgres
from tokenstore_conformance.__main__ import main
from tokenstore_conformance.commands.move import bar
from tokenstore_conformance.records import Record, zoho_token


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


MOVE = ["move", "sdk-file:tokens.txt", "sqlite:tokens.db"]
ANN, BOB = login("ann", id="1"), login("bob", id="own-id")


def test_every_token_is_copied_and_none_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    """The target holds each token with its id and all its fields; the file does not change."""
    write_file(ANN, BOB)
    before = Path("tokens.txt").read_bytes()

    status = main(MOVE)

    assert status == 0
    assert in_database() == {"1": ANN, "own-id": BOB}
    assert Path("tokens.txt").read_bytes() == before
    assert capsys.readouterr().out == (
        "sdk-file:tokens.txt holds 2 tokens\n"
        "2 tokens saved in sqlite:tokens.db, 0 already there\n"
        "2 of 2 verified: listed, found by key and by id\n"
        "nothing was deleted in sdk-file:tokens.txt\n"
    )


def test_no_output_shows_a_token_or_an_email(capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens, users and chosen ids are masked, even if something is wrong with them."""
    write_file(ANN, ANN.but(id="2", expires_in=None), BOB.but(expires_in="soon"))

    main(MOVE)

    printed = "".join(capsys.readouterr())
    assert "a***@***:" in printed
    for record in (ANN, BOB):
        hidden = [record.refresh_token, record.access_token, record.client_secret]
        for value in (*hidden, str(record.user), str(record.user).split(":")[0], "own-id"):
            assert str(value) not in printed


DAMAGE = {
    "two records of a user": (
        [ANN.but(id="7", refresh_token=None), ANN.but(id="3", expires_in="1800000000000")],
        {"7": ANN.but(id="7")},
        "2 records of one user (ids 3, 7); kept the one that expires last, with refresh_token",
    ),
    "two records of a user, with other clients": (
        [login("ann", id="7", client_id="1000.B", refresh_token=None), ANN.but(expires_in="1")],
        {"7": login("ann", id="7", client_id="1000.B", refresh_token=None)},
        "2 records of one user (ids 1, 7); kept the one that expires last\n",
    ),
    "a repeated id": (
        [ANN, login("bob", id="1")],
        {"1": ANN, "2": login("bob", id="2")},
        "an id that another record has too; it gets the id 2",
    ),
    "no id": (
        [ANN.but(id=None), login("bob", id="1")],
        {"2": ANN.but(id="2"), "1": login("bob", id="1")},
        "no id; it gets the id 2",
    ),
    "no expiry": (
        [ANN.but(expires_in=None)],
        {"1": ANN.but(expires_in="0")},
        "no expiry: the SDK uses the access token after it has expired; saved as expired",
    ),
    "an expiry in words": (
        [ANN.but(expires_in="soon")],
        {"1": ANN.but(expires_in="0")},
        "an expiry that is not a number: the SDK fails with ValueError; saved as expired",
    ),
    "no expiry and no refresh token": (
        [ANN.but(expires_in=None, refresh_token=None)],
        {"1": ANN.but(expires_in=None, refresh_token=None)},
        "copied as it is: no refresh token",
    ),
    "no token": (
        [ANN.only("id", "user"), BOB],
        {"own-id": BOB},
        "no grant, refresh or access token; left out",
    ),
}


@pytest.mark.parametrize(("records", "left", "said"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_reported_and_not_carried_on(
    records: list[Record],
    left: dict[str, Record],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The move says what was wrong at the source and what it did; a second run changes nothing."""
    write_file(*records)

    status = main(MOVE)
    first = in_database()
    again = main(MOVE)

    assert (status, again) == (0, 0)
    assert said in capsys.readouterr().out
    assert first == in_database() == left


def test_a_login_without_a_user_beside_the_users_own() -> None:
    """A record that shares its refresh token with a user's record stays separate."""
    nameless = ANN.but(id="2", user=None, access_token=zoho_token("other"))
    write_file(ANN, nameless)

    statuses = [main(MOVE), main(MOVE)]

    assert statuses == [0, 0]
    assert in_database() == {"1": ANN, "2": nameless}


def test_a_second_run_saves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens that the target already holds as it should are left alone."""
    write_file(ANN, BOB)
    main(MOVE)
    capsys.readouterr()

    status = main(MOVE)

    assert status == 0
    assert "0 tokens saved in sqlite:tokens.db, 2 already there" in capsys.readouterr().out


def test_a_filled_target_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """If the target holds a token that the source does not, nothing is saved."""
    write_file(ANN)
    save_in_database(BOB)

    status = main(MOVE)

    assert status == 1
    assert "holds 1 token that this move would not save" in capsys.readouterr().err
    assert in_database() == {"own-id": BOB}


def test_a_login_refreshed_in_the_target_is_not_overwritten() -> None:
    """Running the move again after the program has used the target loses nothing."""
    write_file(ANN)
    main(MOVE)
    newer = ANN.but(access_token=zoho_token("newer"))
    save_in_database(newer)

    status = main(MOVE)

    assert status == 1
    assert in_database() == {"1": newer}


def test_merge_updates_by_the_match_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """A user's record is updated and keeps its id. The move takes over no id of another record."""
    write_file(ANN, login("bob", id="2"))
    carl = login("carl", id="2")
    save_in_database(login("ann", id="9", access_token=zoho_token("older")), carl)

    statuses = [main([*MOVE, "--merge"]), main([*MOVE, "--merge"])]

    assert statuses == [0, 0]
    assert in_database() == {"9": ANN.but(id="9"), "2": carl, "10": login("bob", id="10")}
    assert "another record of the target has this id; it gets the id 10" in capsys.readouterr().out


KILLED = """
import os, signal, sys
from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore
from tokenstore_conformance.__main__ import main

save, count = SQLiteStore.save_token, 0

def killing(self, token):
    global count
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, token)

SQLiteStore.save_token = killing
main(sys.argv[1:])
"""


def test_a_move_that_was_killed_goes_on() -> None:
    """Run again after SIGKILL, the move leaves what an uninterrupted move would leave."""
    logins = [login(name, id=str(number)) for number, name in enumerate("abcde", 1)]
    write_file(*logins)
    killed = subprocess.run([sys.executable, "-c", KILLED, *MOVE], check=False)
    left = len(in_database())

    status = main(MOVE)

    assert (killed.returncode, left, status) == (-signal.SIGKILL, 2, 0)
    assert in_database() == {each.id: each for each in logins}


LOSING = """
from reference_stores.zohocrmsdk.list_store import ListStore

class Losing(ListStore):
    def save_token(self, token):
        token.set_{field}(None)
        super().save_token(token)

class Silent(ListStore):
    def save_token(self, token):
        pass

class Refusing(ListStore):
    def save_token(self, token):
        raise ValueError(f"cannot save {{token.get_refresh_token()}}")
"""


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("Losing", "listed 0 times"),
        ("Silent", "listed 0 times"),
        ("Refusing", "not saved: ValueError: cannot save 1000."),
    ],
)
def test_a_target_that_loses_tokens_is_found_out(
    store: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The move looks up each token afterwards, since a store may lose one and raise nothing."""
    write_file(ANN)
    Path("losing.py").write_text(LOSING.format(field="api_domain"))

    status = main(["move", "sdk-file:tokens.txt", f"losing.py:{store}"])

    printed = "".join(capsys.readouterr())
    assert status == 1
    assert said in printed
    assert str(ANN.refresh_token) not in printed


def test_a_source_that_changes_meanwhile_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """A token that a program still saves to the source would be lost."""
    write_file(ANN)
    Path("busy.py").write_text(
        "from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore\n"
        "from reference_stores.zohocrmsdk.list_store import ListStore\n"
        "class Busy(ListStore):\n"
        "    def save_token(self, token):\n"
        "        FileStore('tokens.txt').save_token(token)\n"
        "        super().save_token(token)\n"
        "        token.set_access_token('refreshed')\n"
        "        FileStore('tokens.txt').save_token(token)\n"
    )

    status = main(["move", "sdk-file:tokens.txt", "busy.py:Busy"])

    assert status == 1
    assert "changed while it was copied" in capsys.readouterr().out


REFUSED = {
    "a file that is not there": ("sdk-file:gone.txt", "there is no file gone.txt"),
    "a database that is not there": ("sqlite:gone.db", "there is no file gone.db"),
    "a URL of a database that is not there": (
        "sqlalchemy:sqlite:///gone.db",
        "there is no file gone.db",
    ),
    "a short name without a place": ("sdk-file", "say where it is, as in sdk-file:zoho_tokens.txt"),
    "a store in memory": ("memory", "it keeps its tokens in memory"),
    "a factory of tests": ("mine.py:store", "store asks for tmp_path, a place of a test"),
    "a harness": ("mine.py:Mine", "a harness makes a store for each test"),
    "no store": ("mine.py:number", "5 is not a token store"),
    "a factory that fails": ("mine.py:failing", "opening the store failed: KeyError"),
    "an unset variable": ("sqlite:env:NOT_SET", "the environment variable NOT_SET is not set"),
    "a word": ("nonsense", "it is not a target"),
    "a file of nine columns": ("sdk-file:old.txt", "an older line of the SDK wrote old.txt"),
}


@pytest.mark.parametrize(("source", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_opened_is_one_clear_line(
    source: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a wrong place, the command prints no traceback and creates no file."""
    Path("old.txt").write_text("a,b,c,d,e,f,g,h,i\n")
    Path("mine.py").write_text(
        "from tokenstore_conformance.harness import Harness\n"
        "def store(tmp_path): return None\n"
        "def number(): return 5\n"
        "def failing(): raise KeyError('DATABASE')\n"
        "class Mine(Harness):\n"
        "    def open(self): return None\n"
    )
    before = sorted(each.name for each in Path().iterdir() if each.name != "__pycache__")

    status = main(["move", source, "sqlite:new.db"])

    error = capsys.readouterr().err
    assert status == 1
    assert error.startswith("error: ")
    assert said in error
    assert error.count("\n") == 1
    after = sorted(each.name for each in Path().iterdir() if each.name != "__pycache__")
    assert after == before


def test_a_password_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A URL is shown without its password; env:NAME keeps it off the command line."""
    monkeypatch.setenv("NEW_URL", "postgresql://me:hunter2@127.0.0.1:1/none")
    write_file(ANN)

    main(["move", "sdk-file:tokens.txt", "sqlalchemy:env:NEW_URL"])
    main(["move", "sdk-file:tokens.txt", "sqlalchemy:postgresql://me:hunter2@127.0.0.1:1/none"])

    printed = "".join(capsys.readouterr())
    assert "postgresql://me:***@127.0.0.1:1/none" in printed
    assert "hunter2" not in printed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "count", "drawn"),
    [(Terminal(), 101, True), (Terminal(), 100, False), (io.StringIO(), 101, False)],
    ids=["a terminal", "few tokens", "a file"],
)
def test_a_bar_is_for_many_tokens_on_a_terminal(
    stream: io.StringIO, count: int, drawn: bool
) -> None:
    """A terminal shows a bar for more than 100 tokens; a log never does."""
    progress = bar(stream)

    progress("saved", count, count)

    assert (
        f"saved [##############################] {count}/{count}\n" in stream.getvalue()
    ) is drawn


def test_from_file_store_to_sqlalchemy_on_postgresql(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The move that users ask for, with two records of one user, on a real server."""
    write_file(ANN.but(expires_in="1800000000000"), ANN.but(id="2"), BOB)

    with on_postgres() as url:
        statuses = [main(["move", "sdk-file:tokens.txt", f"sqlalchemy:{url}"]) for _ in "12"]
        back = main(["move", f"sqlalchemy:{url}", "sqlite:back.db"])

    assert (statuses, back) == ([0, 0], 0)
    assert in_database("back.db") == {"2": ANN.but(id="2"), "own-id": BOB}
    assert "2 records of one user (ids 1, 2)" in capsys.readouterr().out


def test_from_the_sdks_database_store(capsys: pytest.CaptureFixture[str]) -> None:
    """DBStore stores a login that is saved again as a second record; the move keeps one."""
    with on_mariadb() as (url, harness):
        for _ in range(2):
            harness.open().save_token(*DOOR.to_save(ANN.but(id=None)).arguments)

        status = main(["move", f"sdk-db:{url}", "sqlite:tokens.db"])

    assert status == 0
    assert list(in_database().values()) == [ANN.but(id="2")]
    assert "2 records of one user (ids 1, 2)" in capsys.readouterr().out


def test_into_the_sdks_stores() -> None:
    """The move also works back: to a file of FileStore, and to the table of DBStore."""
    save_in_database(ANN, login("bob", id="2"))

    with on_mariadb() as (url, _):
        places = [f"sdk-db:{url}", "sdk-file:back.txt"]
        statuses = [main(["move", "sqlite:tokens.db", place]) for place in places]

    assert statuses == [0, 0]
