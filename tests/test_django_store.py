"""Test the reference store for Django on a SQLite file, and on each server that answers."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zohocrmsdk", reason="needs the SDK of the six-method generation")
pytest.importorskip("django")
pytest.importorskip("sqlalchemy", reason="makes the places on the servers")
pytest.importorskip("psycopg")

import psycopg
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tests.drivers.pytest_run import Judge, refused
from tests.logins import CALLS, accesses, at_once, refuses_while_cut, token_of
from tests.servers import proxy_to, url_of
from tests.test_server_stores import (
    ALONE,
    DATABASES,
    grant_of,
    in_an_environment_with,
    place_on,
    texts_of,
)
from tokenstore_conformance.target.bundled import on_django
from tokenstore_conformance.target.bundled.servers import server_at

ON_SERVERS = pytest.mark.parametrize("place", DATABASES, indirect=True)
OPEN = {"CONN_MAX_AGE": None}
"""Connections stay open, as in a worker that serves requests."""


@pytest.fixture(params=["sqlite", *DATABASES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The settings of a new database: in a file, and on each server in turn."""
    if request.param == "sqlite":
        yield on_django.on_file(tmp_path / "tokens.db")
    else:
        for url in place_on(server_at(url_of(request.param))):
            yield {**on_django.at_url(url), "url": url}


@contextmanager
def using(place: dict[str, Any], **settings: Any) -> Iterator[Any]:
    """Yield a store with its tables, on a database that Django knows by an alias."""
    with known(place, **settings) as alias:
        on_django.create_tables(alias)
        yield store_on(alias)


@contextmanager
def known(place: dict[str, Any], **settings: Any) -> Iterator[str]:
    """Yield the alias of a database that Django knows while the block runs."""
    alias = f"alias_{os.urandom(6).hex()}"
    on_django.add_database(alias, {**place, **settings})
    yield alias
    on_django.remove_database(alias)


def store_on(alias: str) -> Any:
    from reference_stores.zohocrmsdk.django_store import DjangoStore

    return DjangoStore(alias)


@pytest.fixture
def store(place: dict[str, Any]) -> Iterator[Any]:
    with using(place) as store:
        yield store


@pytest.fixture
def open_store(place: dict[str, Any]) -> Iterator[Any]:
    """A store whose connection in this thread stays open."""
    with using(place, **OPEN) as store:
        yield store


def connection_of(store: Any) -> Any:
    from django.db import connections

    return connections[store._using]


def atomic(store: Any) -> Any:
    from django.db import transaction

    return transaction.atomic(store._using)


# -- judged ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("server", DATABASES)
def test_nothing_is_left_behind(server: str, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run drops every place that it creates."""
    kind = type(server_at(url_of(server)))
    made: list[str] = []
    dropped: list[str] = []
    create, drop = kind.create, kind.drop
    monkeypatch.setattr(kind, "create", lambda self, name: (made.append(name), create(self, name)))
    monkeypatch.setattr(kind, "drop", lambda self, name: (drop(self, name), dropped.append(name)))
    monkeypatch.setenv("TOKENSTORE_URL", url_of(server))

    result = judge("--tokenstore=django", "-k", "LIST-1 or DUR-1", *ALONE)

    assert result.ret == pytest.ExitCode.OK
    assert len(made) > 3
    assert sorted(made) == sorted(dropped)


def test_a_url_of_no_database(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says that Django needs another server."""
    monkeypatch.setenv("TOKENSTORE_URL", url_of("redis"))

    result = judge("--tokenstore=django", "--tokenstore-generation=zohocrmsdk", *ALONE)

    refused(result, "django: *the store over Django needs a database*TOKENSTORE_URL*")


@pytest.mark.slow
def test_in_a_project_of_django(pytester: pytest.Pytester) -> None:
    """One line says that a Django with other apps cannot be used, and what to do."""
    pytester.makepyfile(settings="INSTALLED_APPS = []")
    pytester.makeini("[pytest]\nDJANGO_SETTINGS_MODULE = settings\npythonpath = .")

    result = pytester.runpytest_subprocess("--tokenstore=django")

    refused(result, "django: *Django is set up already*add -p no:django*docs/django.md*")


PROJECT = """
import django
from django.conf import settings
from django.core.management import call_command

databases = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "tokens.db"}}
settings.configure(INSTALLED_APPS=["shop"], DATABASES=databases)
django.setup()


def store():
    from django.db import connection
    from shop.django_store import DjangoStore

    call_command("migrate", run_syncdb=True, verbosity=0)
    connection.close()
    return DjangoStore()
"""
"""Each test runs in its own directory, so it has its own tokens.db."""
SOME = ("--tokenstore=stores:store", "--tokenstore-strict", "-k", "SAVE-1[ or FIND-1[ or DUR-1")


def project_in(directory: Path) -> None:
    """Write a Django project with the file in an app."""
    app = directory / "shop"
    app.mkdir()
    (app / "__init__.py").touch()
    source = Path(on_django.__file__).parents[3] / "reference_stores/zohocrmsdk/django_store.py"
    shutil.copy(source, app)
    (app / "models.py").write_text("from .django_store import ZohoToken, ZohoTokenTurn\n", "utf-8")
    (directory / "stores.py").write_text(PROJECT, "utf-8")


@pytest.mark.slow
def test_one_file_in_an_empty_project(pytester: pytest.Pytester) -> None:
    """The file is judged in an otherwise empty project that it was copied into."""
    project_in(pytester.path)

    result = pytester.runpytest_subprocess(*SOME)

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["MUST*0 failed"])


@pytest.mark.nightly
def test_one_file_and_its_one_library(tmp_path: Path) -> None:
    """The copied file is judged where only the kit, an SDK and Django are installed."""
    project_in(tmp_path)

    in_an_environment_with("django", tmp_path, SOME)


# -- several at once -------------------------------------------------------------------------------


def test_logins_at_the_same_moment(store: Any) -> None:
    """Four threads save a shared user and their own users at once. Nothing is doubled or lost."""

    def log_in(name: str) -> None:
        for number in range(5):
            store.save_token(token_of("everywhere", f"{name}{number}"))
            store.save_token(token_of(f"{name}{number}"))

    at_once(*(partial(log_in, name) for name in "abcd"))

    users = {f"{name}{number}" for name in "abcd" for number in range(5)}
    assert accesses(store).keys() == {"everywhere", *users}


def test_a_login_without_a_name_at_the_same_moment(store: Any) -> None:
    """Turns prevent a token without a user from being stored twice. No constraint does."""
    for number in range(5):
        at_once(*[lambda number=number: store.save_token(grant_of(number))] * 4)

    assert len(store.get_tokens()) == 5


LEVELS = ["read committed", "repeatable read", "serializable"]


@pytest.mark.parametrize("level", LEVELS)
@ON_SERVERS
def test_every_isolation_level(place: dict[str, Any], level: str) -> None:
    """The store tries again if the server refuses a call because another one was first."""
    value: Any = level
    if place["ENGINE"].endswith("postgresql"):
        value = psycopg.IsolationLevel[level.replace(" ", "_").upper()]
    with using(place, OPTIONS={"isolation_level": value}) as store:

        def save() -> None:
            for number in range(5):
                store.save_token(token_of("everywhere", str(number)))

        at_once(*[save] * 4)

        assert accesses(store) == {"everywhere": "4"}


# -- in the transaction of a view ------------------------------------------------------------------


def test_a_block_that_is_committed(open_store: Any) -> None:
    """Others see what the block saved when it ends, and not before."""
    with atomic(open_store):
        open_store.save_token(token_of("user"))
        mine = accesses(open_store)
        theirs = in_a_thread(lambda: accesses(open_store))

    assert mine == {"user": "access"}
    assert theirs == {}
    assert in_a_thread(lambda: accesses(open_store)) == {"user": "access"}


def test_a_block_that_is_rolled_back(open_store: Any) -> None:
    """A rollback removes what was saved in the block. What was stored before stays."""
    open_store.save_token(token_of("before"))

    with suppress(ZeroDivisionError), atomic(open_store):
        open_store.save_token(token_of("within"))
        1 / 0  # noqa: B018

    assert accesses(open_store) == {"before": "access"}


@ON_SERVERS
def test_another_alias_of_the_database(place: dict[str, Any], open_store: Any) -> None:
    """What another alias saves stays when the block is rolled back."""
    with known(place) as alias, suppress(ZeroDivisionError), atomic(open_store):
        open_store.get_tokens()
        store_on(alias).save_token(token_of("login"))
        1 / 0  # noqa: B018

    assert accesses(open_store) == {"login": "access"}


REFUSED = OAuthToken(id="9", client_id="client", client_secret="secret")


def test_a_refusal_leaves_the_block_as_it_was(open_store: Any) -> None:
    """The block continues after the store refuses a token."""
    with atomic(open_store):
        open_store.save_token(token_of("before"))
        with pytest.raises(SDKException):
            open_store.save_token(REFUSED)
        open_store.save_token(token_of("after"))

    assert accesses(open_store).keys() == {"before", "after"}


@pytest.mark.parametrize("call", CALLS)
def test_a_failure_leaves_the_block_as_it_was(place: dict[str, Any], call: str) -> None:
    """A failed call goes back to a savepoint. Otherwise PostgreSQL refuses all that follows."""
    with known(place, **OPEN) as alias:
        store = store_on(alias)
        cursor = connection_of(store).cursor()
        with atomic(store):
            cursor.execute("CREATE TABLE mine (number integer)")
            cursor.execute("INSERT INTO mine VALUES (1)")
            with pytest.raises(SDKException) as raised:
                CALLS[call](store)  # there are no tables
            cursor.execute("INSERT INTO mine VALUES (2)")

        cursor.execute("SELECT number FROM mine ORDER BY number")
        assert [number for (number,) in cursor.fetchall()] == [1, 2]
        assert raised.value.__cause__ is not None
        cursor.close()


# -- connections -----------------------------------------------------------------------------------


def in_a_thread(work: Callable[[], object]) -> Any:
    """Return what `work` returns in another thread, which leaves no connection open."""
    from django.db import connections

    found: list[object] = []

    def run() -> None:
        try:
            found.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    (answer,) = found
    return answer


def test_a_connection_that_was_open_stays(store: Any) -> None:
    """Code that iterates over rows may call the store in between."""
    connection = connection_of(store)
    connection.ensure_connection()
    before = connection.connection

    store.save_token(token_of("user"))

    assert connection.connection is before


def test_a_connection_that_was_not_open_is_closed(store: Any) -> None:
    """No thread keeps a connection that nothing would close."""
    store.save_token(token_of("user"))

    assert connection_of(store).connection is None


def test_in_a_coroutine(open_store: Any) -> None:
    """The store works, leaves no thread behind, and does not use this thread's connection."""
    open_store.save_token(token_of("before"))
    before = threading.active_count()

    async def log_in() -> dict[str, str]:
        open_store.save_token(token_of("user"))
        return accesses(open_store)

    found = asyncio.run(log_in())

    assert found.keys() == {"before", "user"}
    assert threading.active_count() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child(open_store: Any) -> None:
    """Parent and child both continue, each with its own connection."""
    open_store.save_token(token_of("before"))
    inherited = connection_of(open_store).connection
    assert inherited is not None

    child = os.fork()
    if child == 0:
        try:
            for number in range(20):
                open_store.save_token(token_of(f"child {number}"))
            os._exit(0 if connection_of(open_store).connection is not inherited else 2)
        finally:
            os._exit(1)
    for number in range(20):
        open_store.save_token(token_of(f"parent {number}"))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert connection_of(open_store).connection is inherited
    users = {f"{name} {number}" for name in ("child", "parent") for number in range(20)}
    assert accesses(open_store).keys() == {"before", *users}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_pool_is_not_inherited(place: dict[str, Any]) -> None:
    """A child has its own pool, without the connections and threads of its parent's pool."""
    pytest.importorskip("django", minversion="5.1", reason="has pools")
    pytest.importorskip("psycopg_pool")
    with using(place, OPTIONS={"pool": {"min_size": 1, "max_size": 2}}) as store:
        store.save_token(token_of("before"))

        child = os.fork()
        if child == 0:
            for number in range(20):
                store.save_token(token_of(f"child {number}"))
            os._exit(0)
        for number in range(20):
            store.save_token(token_of(f"parent {number}"))

        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len(accesses(store)) == 41
        connection_of(store).close_pool()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_database_in_memory_is_inherited() -> None:
    """Django's test runner forks, and each child continues with a copy."""
    with using({**on_django.on_file(Path("x")), "NAME": ":memory:"}, **OPEN) as store:
        store.save_token(token_of("before"))

        child = os.fork()
        if child == 0:
            os._exit(0 if accesses(store) == {"before": "access"} else 1)

        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# -- outages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, OPEN], ids=["closed", "open"])
@ON_SERVERS
def test_a_server_that_was_stopped(place: dict[str, Any], settings: dict[str, Any]) -> None:
    """During it, every method raises SDKException with a cause. The first call after it works."""
    with proxy_to(place["url"]) as proxy, using(on_django.at_url(proxy.url), **settings) as store:
        refuses_while_cut(store, proxy)


@pytest.mark.parametrize("call", CALLS)
@ON_SERVERS
def test_a_server_that_was_stopped_between_calls(place: dict[str, Any], call: str) -> None:
    """The old connection is dead, but no call fails because of it."""
    with proxy_to(place["url"]) as proxy, using(on_django.at_url(proxy.url), **OPEN) as store:
        store.save_token(token_of("user"))

        proxy.cut()
        proxy.open()

        CALLS[call](store)


@ON_SERVERS
def test_a_server_that_was_stopped_within_a_block(place: dict[str, Any]) -> None:
    """The call raises SDKException, Django ends the block as usual, and the next call works."""
    from django.db import Error

    with proxy_to(place["url"]) as proxy, using(on_django.at_url(proxy.url), **OPEN) as store:
        store.save_token(token_of("user"))
        with suppress(Error), atomic(store):
            store.get_tokens()
            proxy.cut()
            with pytest.raises(SDKException):
                store.save_token(token_of("other"))
        proxy.open()

        assert accesses(store) == {"user": "access"}


# -- what is shown ---------------------------------------------------------------------------------


REFUSING = {
    "postgresql": "ADD CONSTRAINT own CHECK (record = '')",
    "mysql": "MODIFY record integer",
}
"""SQL that makes a table refuse each record, and the database quote it."""


@ON_SERVERS
def test_a_message_that_quotes_a_value(store: Any) -> None:
    """The store does not pass on the driver's message about a value that the table refuses."""
    connection = connection_of(store)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE zohocrmsdk_zohotoken {REFUSING[connection.vendor]}")

    with pytest.raises(SDKException) as raised:
        store.save_token(token_of("bert", "hidden"))

    assert [each for each in texts_of(raised.value) if "hidden" in each] == []


def test_a_record_that_somebody_damaged(store: Any) -> None:
    """It is neither returned nor shown."""
    store.save_token(token_of("ann", "hidden"))
    with connection_of(store).cursor() as cursor:
        cursor.execute("UPDATE zohocrmsdk_zohotoken SET record = '{hidden'")

    with pytest.raises(SDKException) as raised:
        store.get_tokens()

    assert [each for each in texts_of(raised.value) if "hidden" in each] == []


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_table_that_is_missing(place: dict[str, Any]) -> None:
    """Users who have not migrated see what is missing."""
    with known(place) as alias, pytest.raises(SDKException, match="no such table") as raised:
        store_on(alias).get_tokens()

    assert isinstance(raised.value.cause, sqlite3.OperationalError)


@pytest.mark.parametrize("token", [token_of("ann", "hidden"), REFUSED], ids=["stored", "refused"])
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_page_on_an_error(place: dict[str, Any], token: OAuthToken) -> None:
    """Django shows the variables of each frame. Those of the store's frames hold no value."""
    from django.views.debug import ExceptionReporter

    settings = {} if token is REFUSED else {"NAME": f"{place['NAME']}.missing/tokens.db"}
    with using(place), known(place, **settings) as alias:
        try:
            store_on(alias).save_token(token)
        except SDKException:
            frames = ExceptionReporter(None, *sys.exc_info()).get_traceback_frames()

    ours = [frame for frame in frames if frame["filename"].endswith("/django_store.py")]
    shown = " ".join(str(value) for frame in ours for _, value in frame["vars"])
    assert "OAuthToken" in shown
    assert [each for each in ("hidden", "refresh of", "secret") if each in shown] == []


def test_values_that_a_database_takes_for_equal(store: Any) -> None:
    """Each is a separate user and a separate id, whatever the collation."""
    names = ("ann", "Ann", "ann ", "\u00e4nn", "ann\0", "\U0001f600", "a" * 5000, "a" * 4999)
    for name in names:
        assert store.find_token(OAuthToken(user_signature=UserSignature(name))) is None
        store.save_token(token_of(name, id=name))
    store.delete_token("ann")

    assert accesses(store) == dict.fromkeys(names[1:], "access")


def test_an_alias_that_is_not_there() -> None:
    """A misspelt name fails when the store is created."""
    from django.utils.connection import ConnectionDoesNotExist

    on_django.add_database("another", on_django.on_file(Path("another.db")))
    with pytest.raises(ConnectionDoesNotExist, match="tokns"):
        store_on("tokns")
    on_django.remove_database("another")
