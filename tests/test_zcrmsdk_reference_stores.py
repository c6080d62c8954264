"""The stores for `zcrmsdk`, the five-method generation: what they promise beyond the contract.

Every test runs on the one of zcrmsdk 3.1, zohocrmsdk2_0 and zohocrmsdk2_1 that is installed. Other
tests run the contract itself on these stores. Here: what the contract leaves open but a user of
these stores may rely on, the file that `SQLiteStore` shares with other processes, and what
accidents do to it.
"""

from __future__ import annotations

import ast
import gc
import inspect
import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("zcrmsdk", reason="needs the SDK of the five-method generation")

from zcrmsdk.src.com.zoho.api.authenticator import oauth_token
from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from reference_stores.zcrmsdk import list_store, memory_store, sqlite_store
from reference_stores.zcrmsdk.list_store import ListStore
from reference_stores.zcrmsdk.memory_store import InMemoryStore
from reference_stores.zcrmsdk.sqlite_store import SQLiteStore
from tests.accidents import ACCIDENTS, Accident
from tests.sdk_programs import TOMORROW, YESTERDAY
from tokenstore_conformance.sdk.stand_in import StandIn
from tokenstore_conformance.sdk.zcrmsdk.program import Program, sdk_program

ROOT = Path(__file__).resolve().parent.parent
FIELDS = (
    "id",
    "user_mail",
    "client_id",
    "client_secret",
    "grant_token",
    "refresh_token",
    "access_token",
    "expires_in",
    "redirect_url",
)
ANN, BOB = UserSignature("ann@a.eu"), UserSignature("bob@a.eu")
ACCESSORS = hasattr(OAuthToken, "get_id")
"""Whether tokens have getters and setters, as in the 2.x lines, which find tokens by id."""


def token_of(**fields: Any) -> Any:
    """Return a token with exactly these fields, made by the constructor, in any of the SDKs."""
    if ACCESSORS:
        token = OAuthToken(id="unset")
    else:
        token = OAuthToken("unset", None, "unset", oauth_token.TokenType.GRANT)
    write(token, **{**dict.fromkeys(FIELDS), **fields})
    return token


def write(token: Any, **fields: Any) -> None:
    """Set these fields of a token."""
    for name, value in fields.items():
        if ACCESSORS:
            getattr(token, f"set_{name}")(value)
        else:
            setattr(token, name, value)


def login_of(who: str, **fields: Any) -> Any:
    """Return a complete token, except for the email, which the store sets."""
    login = {
        "id": f"id of {who}",
        "client_id": "client",
        "client_secret": "secret",
        "grant_token": f"grant of {who}",
        "refresh_token": f"refresh of {who}",
        "access_token": f"access of {who}",
        "expires_in": TOMORROW,
        "redirect_url": "https://a.eu/back",
    }
    return token_of(**{**login, **fields})


def query(**fields: Any) -> Any:
    """Return what a program knows when it starts: its client, and a grant or a refresh token."""
    return token_of(client_id="client", client_secret="secret", **fields)


def read(token: Any) -> dict[str, Any]:
    """Return the fields of a token that are set."""
    values = {
        name: getattr(token, f"get_{name}")() if ACCESSORS else getattr(token, name)
        for name in FIELDS
    }
    return {name: value for name, value in values.items() if value is not None}


def tokens(store: Any) -> list[dict[str, Any]]:
    return [read(token) for token in store.get_tokens()]


def access(store: Any, user: Any = ANN, **key: str) -> str | None:
    """Return the access token of the login with this key; None if there is none."""
    found = store.get_token(user, query(**key))
    return None if found is None else read(found)["access_token"]


Make = Callable[[Path], Any]
MAKES: dict[str, Make] = {
    "list": lambda directory: ListStore(),
    "dictionary": lambda directory: InMemoryStore(),
    "sqlite memory": lambda directory: SQLiteStore(":memory:"),
    "sqlite file": lambda directory: SQLiteStore(directory / "tokens.db"),
}


@pytest.fixture(params=list(MAKES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Return each of the stores in turn."""
    return MAKES[request.param](tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.db"


@pytest.fixture
def file_store(path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore(path)
    yield store
    store.close()


class TestCopying:
    """A store is one file that can be copied into any project."""

    @pytest.mark.parametrize("module", [list_store, memory_store, sqlite_store])
    def test_stands_alone(self, module: ModuleType) -> None:
        """A store imports only the standard library and the SDK: not the kit, and no sibling."""
        nodes = list(ast.walk(ast.parse(inspect.getsource(module))))

        imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        imported |= {
            each.name for node in nodes if isinstance(node, ast.Import) for each in node.names
        }

        tops = {str(name).split(".")[0] for name in imported}
        assert tops - {"zcrmsdk"} <= set(sys.stdlib_module_names)

    @pytest.mark.parametrize("module", [list_store, memory_store, sqlite_store])
    def test_can_be_imported_first(self, module: ModuleType) -> None:
        """A program may import the store before any module of the SDK."""
        done = subprocess.run(
            [sys.executable, str(module.__file__)], capture_output=True, text=True, timeout=60
        )

        assert (done.returncode, done.stderr) == (0, "")

    def test_is_a_store_to_the_sdk(self, store: Any) -> None:
        """The SDK starts with it: it is a TokenStore, and has every method of this line."""
        assert isinstance(store, TokenStore)


class TestSave:
    """A save stores one record, of one user."""

    def test_complete(self, store: Any) -> None:
        """A saved token is stored with all of its fields, and the user's email."""
        store.save_token(ANN, login_of("ann"))

        assert tokens(store) == [{**read(login_of("ann")), "user_mail": "ann@a.eu"}]

    def test_sets_the_email(self, store: Any) -> None:
        """The token gets the user's email, and everything else in it stays as it was."""
        token = login_of("ann")

        store.save_token(ANN, token)

        assert read(token) == {**read(login_of("ann")), "user_mail": "ann@a.eu"}

    @pytest.mark.parametrize("key", ["grant_token", "refresh_token"])
    def test_update(self, store: Any, key: str) -> None:
        """A token with the same grant token, or refresh token, replaces the first."""
        login = {"grant_token": None, "refresh_token": None, key: "key"}
        store.save_token(ANN, login_of("ann", **login))

        store.save_token(ANN, login_of("ann", **login, access_token="new", expires_in=YESTERDAY))

        (stored,) = tokens(store)
        assert stored[key] == "key"
        assert (stored["access_token"], stored["expires_in"]) == ("new", YESTERDAY)

    def test_update_keeps_what_is_left_blank(self, store: Any) -> None:
        """A field that the new token leaves blank stays: a login needs its refresh token."""
        store.save_token(ANN, login_of("ann"))

        store.save_token(ANN, query(grant_token="grant of ann", access_token="new", id=""))

        expected = read(login_of("ann", access_token="new"))
        assert tokens(store) == [{**expected, "user_mail": "ann@a.eu"}]

    def test_grant_before_refresh(self, store: Any) -> None:
        """A token with another grant token is another login, even with the same refresh token."""
        store.save_token(ANN, login_of("ann"))

        store.save_token(ANN, login_of("ann", grant_token="another"))

        assert [each["grant_token"] for each in tokens(store)] == ["grant of ann", "another"]

    def test_users_stay_separate(self, store: Any) -> None:
        """Two users with the same client, and even the same tokens, each have a record."""
        store.save_token(ANN, login_of("both"))
        store.save_token(BOB, login_of("both", access_token="of bob"))

        assert access(store, ANN, grant_token="grant of both") == "access of both"
        assert access(store, BOB, grant_token="grant of both") == "of bob"

    def test_clients_stay_separate(self, store: Any) -> None:
        """A user may log in with two clients."""
        store.save_token(ANN, login_of("ann"))
        store.save_token(ANN, login_of("ann", client_id="another", access_token="new"))

        assert access(store, grant_token="grant of ann") == "access of ann"

    @pytest.mark.parametrize("expires_in", [1893456000000, "1893456000000", -1, "-1"])
    def test_expiry(self, store: Any, expires_in: int | str) -> None:
        """An expiry comes back unchanged, as a number or as text."""
        store.save_token(ANN, login_of("ann", expires_in=expires_in))

        (stored,) = tokens(store)
        assert stored["expires_in"] == expires_in

    @pytest.mark.parametrize(
        "text",
        ["O'Brien", '"; DROP TABLE oauthtoken; --', "%_*\\,", "\0\r\n\u2028", "für \U0001f600"],
    )
    def test_text(self, store: Any, text: str) -> None:
        """Text comes back unchanged, and is a key like any other."""
        store.save_token(ANN, login_of(text))

        assert read(store.get_token(ANN, query(grant_token=f"grant of {text}"))) == tokens(store)[0]

    def test_keeps_its_own_copy(self, store: Any) -> None:
        """Changing a token after it was saved does not change what is stored."""
        token = login_of("ann")
        store.save_token(ANN, token)

        write(token, **dict.fromkeys(FIELDS, "x"))

        assert tokens(store) == [{**read(login_of("ann")), "user_mail": "ann@a.eu"}]


class TestRefusal:
    """A token that could never be found again is refused, and nothing is stored."""

    @pytest.mark.parametrize("thing", [None, "token", {"client_id": "client"}])
    def test_no_token(self, store: Any, thing: object) -> None:
        """Only the SDK's OAuthToken is kept."""
        with pytest.raises(SDKException, match="OAuthToken"):
            store.save_token(ANN, thing)

        assert tokens(store) == []

    def test_no_user(self, store: Any) -> None:
        """Without a user, a token is neither saved nor looked up."""
        with pytest.raises(SDKException, match="no email"):
            store.save_token(None, login_of("ann"))
        with pytest.raises(SDKException, match="no email"):
            store.get_token(None, query(grant_token="grant of ann"))

        assert tokens(store) == []

    @pytest.mark.parametrize(
        "blank", [{"grant_token": None, "refresh_token": ""}, {"client_id": None}]
    )
    def test_nothing_to_find_it_by(self, store: Any, blank: dict[str, Any]) -> None:
        """It may be an access token alone, which the SDK never saves, or lack a client."""
        token = login_of("ann", **blank)

        with pytest.raises(SDKException, match="nothing that it could be found by"):
            store.save_token(ANN, token)

        assert tokens(store) == []
        assert "user_mail" not in read(token)


class TestGet:
    """A token that is found is filled, and ready for the SDK."""

    @pytest.mark.parametrize("key", ["grant_token", "refresh_token"])
    def test_fills_in_place(self, store: Any, key: str) -> None:
        """The given token is returned, with everything that was saved."""
        store.save_token(ANN, login_of("ann"))
        given = token_of(client_id="client", **{key: f"{key[:-6]} of ann"})

        found = store.get_token(ANN, given)

        assert found is given
        assert read(found) == {**read(login_of("ann")), "user_mail": "ann@a.eu"}

    def test_keeps_what_the_program_knows(self, store: Any) -> None:
        """The program's client secret stays, because it may be a new one."""
        store.save_token(ANN, login_of("ann"))
        given = token_of(client_id="client", client_secret="new", grant_token="grant of ann")

        store.get_token(ANN, given)

        assert read(given)["client_secret"] == "new"

    def test_replaces_what_the_token_carried(self, store: Any) -> None:
        """The login is the stored one, whatever the token had from another login."""
        store.save_token(ANN, login_of("ann"))
        given = query(grant_token="grant of ann", refresh_token="old", access_token="old", id="old")

        store.get_token(ANN, given)

        assert read(given) == {**read(login_of("ann")), "user_mail": "ann@a.eu"}

    @pytest.mark.parametrize(
        ("user", "fields"),
        [
            pytest.param(BOB, {}, id="user"),
            pytest.param(UserSignature("aNn@a.eu"), {}, id="case of the user"),
            pytest.param(ANN, {"client_id": "another"}, id="client"),
            pytest.param(ANN, {"client_id": None}, id="no client"),
            pytest.param(ANN, {"grant_token": "another"}, id="grant, though the refresh is known"),
            pytest.param(ANN, {"grant_token": "Grant of ann"}, id="case"),
            pytest.param(ANN, {"grant_token": "grant of ann "}, id="blank"),
            pytest.param(ANN, {"grant_token": "grant of ánn"}, id="accent"),
            pytest.param(ANN, {"grant_token": "grant of %"}, id="wildcard"),
            pytest.param(ANN, {"grant_token": None, "refresh_token": None}, id="nothing"),
        ],
    )
    def test_miss(self, store: Any, user: Any, fields: dict[str, Any]) -> None:
        """If any part of the key differs, the store returns None and does not change the token."""
        store.save_token(ANN, login_of("ann"))
        asked = {"client_id": "client", "grant_token": "grant of ann", **fields}
        asked.setdefault("refresh_token", "refresh of ann")
        given = token_of(**asked)
        before = read(given)

        assert store.get_token(user, given) is None
        assert read(given) == before

    def test_newest_of_several(self, store: Any) -> None:
        """If several logins have the same refresh token, it finds the newest."""
        store.save_token(ANN, login_of("ann"))
        store.save_token(ANN, login_of("ann", grant_token="another", access_token="new"))

        assert access(store, refresh_token="refresh of ann") == "new"

    def test_returned_tokens_are_the_callers(self, store: Any) -> None:
        """Changing a token that was found or listed does not change what is stored."""
        store.save_token(ANN, login_of("ann"))
        before = tokens(store)

        for token in (store.get_token(ANN, login_of("ann")), *store.get_tokens()):
            write(token, **dict.fromkeys(FIELDS, "x"))

        assert tokens(store) == before


class TestGetById:
    """The 2.x lines can start with an id alone. The stores have the method in all lines."""

    def test_complete(self, store: Any) -> None:
        """The given token is filled with everything that was saved, and returned."""
        store.save_token(ANN, login_of("ann"))
        store.save_token(BOB, login_of("bob"))
        given = token_of(id="id of ann")

        found = store.get_token_by_id("id of ann", given)

        assert found is given
        assert read(found) == {**read(login_of("ann")), "user_mail": "ann@a.eu"}

    @pytest.mark.parametrize("id", ["id of bob", "ID OF ANN", "id of ann ", "1 or 1=1", "%", None])
    def test_miss(self, store: Any, id: str | None) -> None:
        """An unknown id finds nothing. None does not even find a record without an id."""
        store.save_token(ANN, login_of("ann"))
        store.save_token(BOB, login_of("bob", id=None))
        given = token_of(id=id)

        assert store.get_token_by_id(id, given) is None
        assert read(given) == ({} if id is None else {"id": id})

    def test_id_of_two_logins(self, store: Any) -> None:
        """An id that two users share gives neither of them the other's token."""
        store.save_token(ANN, login_of("ann", id="python_a_b_1234"))
        store.save_token(BOB, login_of("bob", id="python_a_b_1234"))

        with pytest.raises(SDKException, match="Several"):
            store.get_token_by_id("python_a_b_1234", token_of(id="python_a_b_1234"))

    def test_id_of_one_login_twice(self, store: Any) -> None:
        """An id that a program saved again under another user's name finds the newest."""
        store.save_token(ANN, login_of("ann"))
        store.save_token(BOB, login_of("ann", access_token="new"))

        found = store.get_token_by_id("id of ann", token_of(id="id of ann"))

        assert read(found)["access_token"] == "new"


class TestDelete:
    """A token is deleted for the user whose email it carries."""

    @pytest.mark.parametrize("key", ["grant_token", "refresh_token"])
    def test_that_one_alone(self, store: Any, key: str) -> None:
        """The record with the token's key is deleted, and no other."""
        store.save_token(ANN, login_of("ann"))
        store.save_token(BOB, login_of("ann"))

        store.delete_token(query(user_mail="ann@a.eu", **{key: f"{key[:-6]} of ann"}))

        assert [each["user_mail"] for each in tokens(store)] == ["bob@a.eu"]

    def test_one_that_was_found(self, store: Any) -> None:
        """A token found by its refresh token can be deleted as it is."""
        store.save_token(ANN, login_of("ann"))

        store.delete_token(store.get_token(ANN, query(refresh_token="refresh of ann")))

        assert tokens(store) == []

    def test_no_match(self, store: Any) -> None:
        """A token that matches nothing deletes nothing, silently."""
        store.save_token(ANN, login_of("ann"))

        store.delete_token(login_of("bob", user_mail="ann@a.eu"))
        store.delete_token(token_of(user_mail="ann@a.eu"))

        assert len(tokens(store)) == 1

    def test_without_an_email(self, store: Any) -> None:
        """The token must name its user; else the SDK would claim that it was removed."""
        store.save_token(ANN, login_of("ann"))

        with pytest.raises(SDKException, match="no email"):
            store.delete_token(login_of("ann"))

        assert len(tokens(store)) == 1

    def test_saved_again(self, store: Any) -> None:
        """What was deleted can be saved again, and is found by every key."""
        store.save_token(ANN, login_of("ann"))
        store.delete_token(login_of("ann", user_mail="ann@a.eu"))
        assert access(store, refresh_token="refresh of ann") is None

        store.save_token(ANN, login_of("ann"))

        assert access(store, refresh_token="refresh of ann") == "access of ann"

    def test_all(self, store: Any) -> None:
        """A cleared store finds nothing, and still works. Clearing an empty one raises nothing."""
        store.delete_tokens()
        store.save_token(ANN, login_of("ann"))

        store.delete_tokens()

        assert tokens(store) == []
        assert store.get_token_by_id("id of ann", token_of(id="id of ann")) is None
        store.save_token(ANN, login_of("ann"))
        assert len(tokens(store)) == 1


class TestThreads:
    """One store serves all threads."""

    def test_nothing_is_lost(self, store: Any) -> None:
        """Threads that save their own users and a common one leave a record of each."""
        together = threading.Barrier(4)

        def save(thread: int) -> None:
            together.wait()
            for number in range(10):
                store.save_token(ANN, login_of(f"{thread} {number}"))
                store.save_token(BOB, login_of("both"))

        threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len({each["id"] for each in tokens(store)}) == len(tokens(store)) == 41


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        stand_in.add_login("ann@a.eu", grant="grant of ann", refresh="refresh of ann")
        stand_in.add_login("bob@a.eu", grant="grant of bob", refresh="refresh of bob")
        yield stand_in


@pytest.fixture
def program(store: Any, stand_in: StandIn) -> Iterator[Program]:
    with sdk_program(store, stand_in) as program:
        yield program


def log_in(program: Program, token: Any, user: Any = ANN) -> str:
    """Start a program with this token. Return the access token that it uses."""
    program.start(token, user)
    return program.authenticate(token)


class TestSDK:
    """The real SDK, against a stand-in for Zoho."""

    def test_first_login(self, program: Program, store: Any) -> None:
        """A login by grant token makes one record, with all that the next start needs."""
        used = log_in(program, query(grant_token="grant of ann"))

        (stored,) = tokens(store)
        assert stored["access_token"] == used
        assert stored["refresh_token"] == "refresh of ann"
        assert (stored["user_mail"], stored["client_secret"]) == ("ann@a.eu", "secret")

    @pytest.mark.parametrize("key", ["grant_token", "refresh_token"])
    def test_second_start(self, program: Program, stand_in: StandIn, key: str) -> None:
        """A program that starts again asks Zoho for nothing."""
        used = log_in(program, query(grant_token="grant of ann"))

        assert log_in(program, query(**{key: f"{key[:-6]} of ann"})) == used
        assert len(stand_in.asked("token")) == 1

    @pytest.mark.parametrize("key", ["grant_token", "refresh_token"])
    def test_expired(self, program: Program, store: Any, stand_in: StandIn, key: str) -> None:
        """An expired token is refreshed, and the record that it came from is updated."""
        store.save_token(ANN, login_of("ann", expires_in=YESTERDAY))

        used = log_in(program, query(**{key: f"{key[:-6]} of ann"}))

        assert stand_in.refreshed() == ["refresh of ann"]
        (stored,) = tokens(store)
        assert stored["access_token"] == used != "access of ann"
        assert stored["refresh_token"] == "refresh of ann"

    def test_listed_token(self, program: Program, store: Any) -> None:
        """A token of `get_tokens` can be refreshed and saved as it is."""
        store.save_token(ANN, login_of("ann", expires_in=YESTERDAY, access_token=None))
        (listed,) = store.get_tokens()

        used = log_in(program, listed)

        (stored,) = tokens(store)
        assert stored["access_token"] == used

    def test_two_users(self, program: Program, stand_in: StandIn) -> None:
        """Users that switch back and forth have a login each."""
        anns = log_in(program, query(grant_token="grant of ann"))
        bobs = query(grant_token="grant of bob")
        program.switch(bobs, BOB)

        assert program.authenticate(bobs) != anns
        assert log_in(program, query(grant_token="grant of ann")) == anns
        assert len(stand_in.asked("token")) == 2

    @pytest.mark.skipif(not ACCESSORS, reason="zcrmsdk 3.1 has no ids")
    @pytest.mark.parametrize("expires_in", [TOMORROW, YESTERDAY], ids=["ahead", "expired"])
    def test_by_id(self, program: Program, store: Any, stand_in: StandIn, expires_in: str) -> None:
        """An id alone is enough to continue, and to refresh."""
        store.save_token(ANN, login_of("ann", expires_in=expires_in))

        used = log_in(program, OAuthToken(id="id of ann"))

        (stored,) = tokens(store)
        assert stored["access_token"] == used
        assert len(stand_in.refreshed()) == (expires_in == YESTERDAY)

    def test_remove(self, program: Program, store: Any) -> None:
        """A token in use can be removed. One that was only made cannot, and the SDK says so."""
        store.save_token(ANN, login_of("ann"))
        store.save_token(BOB, login_of("bob"))
        used = query(refresh_token="refresh of ann")
        log_in(program, used)

        assert program.remove(query(refresh_token="refresh of bob")) is False
        assert program.remove(used) is True
        assert [each["user_mail"] for each in tokens(store)] == ["bob@a.eu"]


class TestFile:
    """The file that a store creates and uses."""

    @pytest.mark.skipif(os.name == "nt", reason="needs POSIX modes")
    def test_for_its_owner_only(self, path: Path) -> None:
        """Under a lax umask, the file and the journal of a save stay private."""
        umask = os.umask(0)
        try:
            with closing(SQLiteStore(path)) as store, store._session("") as connection:
                connection.execute("BEGIN")
                connection.execute("INSERT INTO oauthtoken (id) VALUES ('1')")
                modes = {each.name: each.stat().st_mode for each in path.parent.iterdir()}
        finally:
            os.umask(umask)

        assert {name: stat.S_IMODE(each) for name, each in modes.items()} == {
            "tokens.db": 0o600,
            "tokens.db-journal": 0o600,
        }

    def test_is_all_there_is(self, file_store: SQLiteStore, path: Path) -> None:
        """Between calls the file alone holds all tokens, so that a copy of it is complete."""
        file_store.save_token(ANN, login_of("ann"))

        assert [each.name for each in path.parent.iterdir()] == [path.name]

    def test_log_of_another_program(self, path: Path) -> None:
        """A database in WAL mode is taken over. From then on, one file holds its tokens."""
        with closing(SQLiteStore(path)) as store:
            store.save_token(ANN, login_of("ann"))
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA journal_mode = WAL")

        with closing(SQLiteStore(path)) as store:
            assert len(tokens(store)) == 1
            assert [each.name for each in path.parent.iterdir()] == [path.name]

    def test_uses_its_indexes(self, file_store: SQLiteStore, path: Path) -> None:
        """No look-up reads the whole table."""
        with closing(sqlite3.connect(path)) as other:
            for where in ("id = ?", "user_mail = ? AND client_id = ? AND grant_token = ?"):
                plan = f"EXPLAIN QUERY PLAN {sqlite_store._SELECT} WHERE {where}"
                ((*_, step),) = other.execute(plan, ("x",) * where.count("?"))
                assert "USING INDEX" in step

    def test_stays_where_it_was_made(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative path refers to the working directory at the time the store is made."""
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(tmp_path)
        store = SQLiteStore()
        monkeypatch.chdir(elsewhere)

        store.save_token(ANN, login_of("ann"))

        assert (tmp_path / "zohooauth.db").exists()
        assert list(elsewhere.iterdir()) == []

    @pytest.mark.parametrize("name", ["a b.db", "50%25.db", "what?.db", "a#b.db", "f\u00fcr.db"])
    @pytest.mark.skipif(os.name == "nt", reason="not all of these are names there")
    def test_any_name(self, tmp_path: Path, name: str) -> None:
        """A file name is taken literally, though SQLite is given a URI."""
        SQLiteStore(tmp_path / name)

        assert (tmp_path / name).exists()

    def test_restart(self, file_store: SQLiteStore, path: Path) -> None:
        """Another store over the file sees what the first saved, while that one is still open."""
        file_store.save_token(ANN, login_of("ann"))

        assert tokens(SQLiteStore(path)) == tokens(file_store) != []

    def test_closed_store_opens_again(self, file_store: SQLiteStore) -> None:
        """A store can be closed, even twice. The next call opens its file again."""
        file_store.save_token(ANN, login_of("ann"))
        file_store.close()
        file_store.close()

        assert len(tokens(file_store)) == 1

    def test_dropped_store_closes_itself(self, path: Path) -> None:
        """A store that was never closed leaves no open connection and no ResourceWarning."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            store = SQLiteStore(path)
            store.save_token(ANN, login_of("ann"))
            connection = store._connection
            assert connection is not None
            del store
            gc.collect()

        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")

    def test_closed_memory_is_gone(self) -> None:
        """A closed store in memory raises. It does not claim to be empty."""
        store = SQLiteStore(":memory:")
        store.save_token(ANN, login_of("ann"))
        store.close()

        with pytest.raises(SDKException):
            store.get_tokens()

    @pytest.mark.parametrize("name", ["missing/tokens.db", "."])
    def test_cannot_be_created(self, tmp_path: Path, name: str) -> None:
        """A store that cannot create its file raises at once."""
        with pytest.raises(SDKException, match="cannot be opened"):
            SQLiteStore(tmp_path / name)


CALLS: dict[str, Callable[[Any], object]] = {
    "get_token": lambda store: store.get_token(ANN, query(grant_token="grant of ann")),
    "get_token_by_id": lambda store: store.get_token_by_id("id of ann", token_of(id="id of ann")),
    "save_token": lambda store: store.save_token(BOB, login_of("bob")),
    "delete_token": lambda store: store.delete_token(login_of("ann", user_mail="ann@a.eu")),
    "get_tokens": lambda store: store.get_tokens(),
    "delete_tokens": lambda store: store.delete_tokens(),
}


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot move a file that is open")
@pytest.mark.parametrize("accident", ACCIDENTS, ids=lambda accident: accident.__name__)
class TestAccidents:
    """A connection still works after its file is gone. The store raises instead."""

    @pytest.mark.parametrize("call", CALLS)
    def test_raises_and_recovers(
        self, file_store: SQLiteStore, path: Path, accident: Accident, call: str
    ) -> None:
        """During an accident, a call raises, even the second time. After it, the token is there."""
        file_store.save_token(ANN, login_of("ann"))

        undo = accident(path)
        for _ in range(2):
            with pytest.raises(SDKException):
                CALLS[call](file_store)
        undo()

        assert [each["user_mail"] for each in tokens(file_store)] == ["ann@a.eu"]

    def test_keeps_the_cause(self, file_store: SQLiteStore, path: Path, accident: Accident) -> None:
        """The exception carries the first error as the SDK's `cause` and Python's `__cause__`."""
        accident(path)

        with pytest.raises(SDKException) as raised:
            file_store.get_tokens()

        assert isinstance(raised.value.cause, (OSError, sqlite3.Error))
        assert raised.value.__cause__ is raised.value.cause

    def test_restart_destroys_nothing(
        self, file_store: SQLiteStore, path: Path, accident: Accident
    ) -> None:
        """A store that starts during an accident does no harm to the tokens that come back."""
        file_store.save_token(ANN, login_of("ann"))

        undo = accident(path)
        with suppress(SDKException):
            SQLiteStore(path).close()
        undo()

        assert len(tokens(file_store)) == 1


class TestLocked:
    """Another program may hold a lock on the file."""

    @pytest.mark.parametrize("call", ["save_token", "delete_token", "delete_tokens"])
    def test_writing_raises(self, path: Path, call: str) -> None:
        """A call that does not get the lock in time raises. It works once the lock is gone."""
        store = SQLiteStore(path, busy_timeout=0.05)
        store.save_token(ANN, login_of("ann"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")

            with pytest.raises(SDKException, match="locked") as raised:
                CALLS[call](store)

        assert isinstance(raised.value.cause, sqlite3.OperationalError)
        assert [each["user_mail"] for each in tokens(store)] == ["ann@a.eu"]
        CALLS[call](store)

    def test_failed_save_leaves_the_token(self, path: Path) -> None:
        """A token whose save failed does not have the email that a saved one has."""
        store = SQLiteStore(path, busy_timeout=0.05)
        token = login_of("ann")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")

            with pytest.raises(SDKException):
                store.save_token(ANN, token)

        assert read(token) == read(login_of("ann"))

    def test_finding_raises(self, path: Path) -> None:
        """A find that cannot read in time raises. It answers once the lock is gone."""
        store = SQLiteStore(path, busy_timeout=0.05)
        store.save_token(ANN, login_of("ann"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")

            with pytest.raises(SDKException, match="locked"):
                access(store, grant_token="grant of ann")

        assert access(store, grant_token="grant of ann") == "access of ann"

    def test_finding_answers_during_a_save(self, file_store: SQLiteStore, path: Path) -> None:
        """Until another process commits, a find answers with what was saved before."""
        file_store.save_token(ANN, login_of("ann"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")

            assert access(file_store, grant_token="grant of ann") == "access of ann"


class TestSecrets:
    """No exception shows what a token holds."""

    def test_unreadable_text(self, file_store: SQLiteStore, path: Path) -> None:
        """If SQLite's message would quote a damaged value, the store does not show it."""
        file_store.save_token(ANN, login_of("ann"))
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE oauthtoken SET access_token = CAST(x'736563ff' AS TEXT)")

        with pytest.raises(SDKException) as raised:
            file_store.get_tokens()

        assert "sec" not in f"{raised.value} {raised.value!r} {raised.value.__cause__!r}"

    @pytest.mark.parametrize(
        "unwritable", [{"access_token": "sec\ud800"}, {"expires_in": 2**70}], ids=["text", "number"]
    )
    def test_unwritable_value(self, file_store: SQLiteStore, unwritable: dict[str, Any]) -> None:
        """A value that SQLite cannot store is refused, and not shown."""
        with pytest.raises(SDKException) as raised:
            file_store.save_token(ANN, login_of("ann", **unwritable))

        assert "sec" not in f"{raised.value} {raised.value!r} {raised.value.__cause__!r}"
        assert tokens(file_store) == []


def in_another_process(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start Python on `code`, with the names of this module imported."""
    head = """
        import sys
        from tests.test_zcrmsdk_reference_stores import *
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(code), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), *sys.path]))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def say(process: subprocess.Popen[str], said: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{said}\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


class TestProcesses:
    """One file serves many processes."""

    @pytest.mark.slow
    def test_two_start_and_save_at_once(self, path: Path) -> None:
        """Two processes that create one file lose nothing; a shared login has one record."""
        code = """
            print("ready", flush=True)
            sys.stdin.readline()
            store = SQLiteStore(sys.argv[1])
            for number in range(50):
                store.save_token(ANN, login_of(f"{sys.argv[2]} {number:02}"))
                store.save_token(BOB, login_of("both", access_token=str(number)))
        """
        processes = [in_another_process(code, path, name) for name in ("a", "b")]
        for process in processes:
            assert hear(process) == "ready"

        for process in processes:
            say(process, "go")
        for process in processes:
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors

        expected = [f"id of {name} {number:02}" for name in "ab" for number in range(50)]
        ids = sorted(each["id"] for each in tokens(SQLiteStore(path)))
        assert ids == [*expected, "id of both"]

    def test_survives_a_kill(self, path: Path) -> None:
        """A save that returned is still there after the process is killed."""
        process = in_another_process(
            """
            store = SQLiteStore(sys.argv[1])
            store.save_token(ANN, login_of("ann"))
            print("saved", flush=True)
            sys.stdin.readline()
            """,
            path,
        )
        assert hear(process) == "saved"

        process.kill()
        process.communicate()

        assert [each["user_mail"] for each in tokens(SQLiteStore(path))] == ["ann@a.eu"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
class TestFork:
    """A child forked with an open store continues with its own connection."""

    @staticmethod
    def in_a_child(work: Callable[[], object]) -> int:
        """Run `work` in a forked child; return its exit status."""
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work()
                status = 0
            finally:
                os._exit(status)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def test_both_go_on(self, file_store: SQLiteStore) -> None:
        """Parent and child both save through the same store, and both records are there."""
        file_store.save_token(ANN, login_of("before"))

        status = self.in_a_child(lambda: file_store.save_token(ANN, login_of("child")))
        file_store.save_token(ANN, login_of("parent"))

        assert status == 0
        ids = [each["id"] for each in tokens(file_store)]
        assert ids == ["id of before", "id of child", "id of parent"]

    def test_connection_is_not_inherited(self, file_store: SQLiteStore) -> None:
        """SQLite forbids using or closing a connection after a fork, so the child opens one."""
        inherited = file_store._connection
        assert inherited is not None

        def child() -> None:
            file_store.save_token(ANN, login_of("child"))
            assert file_store._connection is not inherited
            inherited.execute("SELECT 1")  # raises if it is closed

        assert self.in_a_child(child) == 0
        assert [each["id"] for each in tokens(file_store)] == ["id of child"]
        assert file_store._connection is inherited

    def test_another_thread_is_waited_for(self, file_store: SQLiteStore) -> None:
        """A fork waits for another thread's call, so that the child inherits no held lock."""
        under_way = threading.Event()
        ended: list[bool] = []

        def call() -> None:
            with file_store._session("") as connection:
                connection.execute("BEGIN IMMEDIATE")
                under_way.set()
                time.sleep(0.1)
                ended.append(True)

        def child() -> None:
            assert ended
            file_store.save_token(ANN, login_of("child"))

        thread = threading.Thread(target=call)
        thread.start()
        under_way.wait()
        status = self.in_a_child(child)
        thread.join()

        assert status == 0
        assert [each["id"] for each in tokens(file_store)] == ["id of child"]

    def test_memory_is_copied(self) -> None:
        """In the child, a store in memory continues with a copy of what it held."""
        store = SQLiteStore(":memory:")
        store.save_token(ANN, login_of("ann"))

        def child() -> None:
            assert len(tokens(store)) == 1
            store.delete_tokens()

        assert self.in_a_child(child) == 0
        assert len(tokens(store)) == 1
