"""The reference stores on real servers: PostgreSQL, MariaDB and Redis, if these answer."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import uuid
import venv
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zohocrmsdk", reason="needs the SDK of the six-method generation")
pytest.importorskip("sqlalchemy")
pytest.importorskip("redis")
pytest.importorskip("cryptography")

import sqlalchemy as sa
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from reference_stores import EncryptedStore, RedisStore, SQLAlchemyStore, SQLiteStore
from tests.drivers.in_process import judge_of
from tests.drivers.pytest_run import Judge, refused
from tests.logins import CALLS, accesses, at_once, refuses_while_cut, token_of
from tests.mutants import GENERATIONS
from tests.servers import URLS, proxy_to, url_of
from tests.stores import encrypted
from tokenstore_conformance.target import BUNDLED_FOR, resolve
from tokenstore_conformance.target.bundled import servers
from tokenstore_conformance.target.bundled.servers import Server, server_at

DATABASES = ("postgres", "mariadb")
SAMPLE_TABLE = (
    "CREATE TABLE oauthtoken (id varchar(10) NOT NULL, user_name varchar(255), client_id "
    "varchar(255), client_secret varchar(255), refresh_token varchar(255), access_token "
    "varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255), "
    "api_domain varchar(255), primary key (id))"
)
"""The table as the SDK's documentation and the published sample create it."""


@pytest.fixture(params=URLS)
def server(request: pytest.FixtureRequest) -> Server:
    """Return each server in turn."""
    return server_at(url_of(request.param))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the URL of a place on the database that the test's parameter names."""
    yield from place_on(server_at(url_of(request.param)))


def place_on(server: Server) -> Iterator[str]:
    name = f"tokenstore_{uuid.uuid4().hex[:12]}"
    server.create(name)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def place(server: Server) -> Iterator[str]:
    """Yield the URL of a place on each server in turn."""
    yield from place_on(server)


@pytest.fixture
def opened() -> Iterator[Callable[[str], Any]]:
    """Return a function that opens a store at a URL, as another machine would; close all later."""
    stores: list[Any] = []

    def open_store(url: str) -> Any:
        if url.startswith("redis"):
            name = url.partition("//")[2].partition(":")[0]
            stores.append(RedisStore(url, prefix=name))
        else:
            stores.append(SQLAlchemyStore(url))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


# -- judged ----------------------------------------------------------------------------------------

JUDGED = [
    ("sqlalchemy", "zohocrmsdk", "postgres"),
    ("sqlalchemy", "zohocrmsdk", "mariadb"),
    ("sqlalchemy", "zohocrmsdk", None),
    ("sqlalchemy", "zcrmsdk", "postgres"),
    ("sqlalchemy", "zcrmsdk", "mariadb"),
    ("sqlalchemy", "zcrmsdk", None),
    ("django", "zohocrmsdk", "postgres"),
    ("django", "zohocrmsdk", "mariadb"),
    ("django", "zohocrmsdk", None),
    ("redis", "zohocrmsdk", "redis"),
    ("encrypted", "zohocrmsdk", "postgres"),
    ("encrypted", "zohocrmsdk", "mariadb"),
    ("encrypted", "zohocrmsdk", "redis"),
    ("encrypted", "zohocrmsdk", None),
    (f"{encrypted.__name__}:OverDjango", "zohocrmsdk", None),
]
"""Each target and generation, on each server that it may use. None is a SQLite file."""


ALONE = ("-p", "no:django")
"""Disables pytest-django: it would block the databases that another test's Django has set up."""


def named_in_the_environment(server: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if server is None:
        monkeypatch.delenv("TOKENSTORE_URL", raising=False)
    else:
        monkeypatch.setenv("TOKENSTORE_URL", url_of(server))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "generation", "server"),
    [each for each in JUDGED if each[0] != "encrypted" or each[2] in ("redis", None)],
)
def test_the_clauses_that_a_server_makes_hard(
    target: str,
    generation: str,
    server: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """These are exact keys, all characters, another store at the same place, and a real outage."""
    if generation not in GENERATIONS:
        pytest.skip(f"{generation} is not installed")
    named_in_the_environment(server, monkeypatch)
    clauses = ["SAVE-1", "DATA-2", "DUR-1", "ERR-1"]

    with contextlib.closing(
        judge_of(resolve(target, generation=generation), tmp_path, clauses=clauses)
    ) as judged:
        messages = {id: judged.judge(id).message for id in clauses}

    assert messages == dict.fromkeys(clauses, "")


@pytest.mark.nightly
@pytest.mark.parametrize(("target", "generation", "server"), JUDGED)
def test_every_clause(
    target: str,
    generation: str,
    server: str | None,
    judge: Judge,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each target passes every clause, strictly and with all capabilities that it claims."""
    if generation not in GENERATIONS:
        pytest.skip(f"{generation} is not installed")
    named_in_the_environment(server, monkeypatch)

    result = judge(
        f"--tokenstore={target}",
        f"--tokenstore-generation={generation}",
        "--tokenstore-strict",
        *ALONE,
    )

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["CONFORMANT*"])


@pytest.mark.slow
def test_nothing_is_left_behind(
    server: Server, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run drops every place that it creates."""
    kind = type(server)
    made: list[str] = []
    dropped: list[str] = []
    create, drop = kind.create, kind.drop
    monkeypatch.setattr(kind, "create", lambda self, name: (made.append(name), create(self, name)))
    monkeypatch.setattr(kind, "drop", lambda self, name: (drop(self, name), dropped.append(name)))
    monkeypatch.setenv("TOKENSTORE_URL", server._url)
    target = "redis" if isinstance(server, servers.Redis) else "sqlalchemy"

    result = judge(f"--tokenstore={target}", "-k", "LIST-1 or DUR-1")

    assert result.ret == pytest.ExitCode.OK
    assert len(made) > 3
    assert sorted(made) == sorted(dropped)


# -- where it cannot be judged ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "url", "words"),
    [
        ("sqlalchemy", "postgresql://u:hidden@127.0.0.1:1/x", "no server answers at"),
        ("sqlalchemy", "mysql://u:hidden@127.0.0.1:1", "no server answers at"),
        (
            "sqlalchemy",
            "postgresql://127.0.0.1:1/x?user=u&password=hidden",
            "no server answers at postgresql+psycopg://127.0.0.1:1/x",
        ),
        ("django", "postgresql://u:hidden@127.0.0.1:1/x", "no server answers at"),
        ("redis", "redis://u:hidden@127.0.0.1:1", "no Redis answers"),
    ],
)
def test_no_server(
    target: str, url: str, words: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says how to start a server, and shows no password."""
    monkeypatch.setenv("TOKENSTORE_URL", url)

    result = judge(f"--tokenstore={target}", "--tokenstore-generation=zohocrmsdk")

    refused(result, f"{target}: *{words}*; start one: docker compose up -d*")
    result.stderr.no_fnmatch_line("*hidden*")


@pytest.mark.parametrize("url", ["nonsense", "mongodb://u:hidden@127.0.0.1", "redis://"])
def test_a_server_that_is_not_understood(
    url: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to write, and does not repeat the password."""
    monkeypatch.setenv("TOKENSTORE_URL", url)

    result = judge("--tokenstore=encrypted", "--tokenstore-generation=zohocrmsdk")

    refused(result, "encrypted: *TOKENSTORE_URL does not name a server; write postgresql://*")
    result.stderr.no_fnmatch_line("*hidden*")


@pytest.mark.parametrize(
    ("target", "library"),
    [
        ("sqlalchemy", "sqlalchemy"),
        ("django", "django"),
        ("redis", "redis"),
        ("encrypted", "cryptography"),
    ],
)
def test_no_library(
    target: str, library: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what to install."""
    monkeypatch.delenv("TOKENSTORE_URL", raising=False)
    stored = f"reference_stores.zohocrmsdk.{target}_store"
    monkeypatch.delitem(sys.modules, stored, raising=target != "django")
    for module in [library, *(each for each in sys.modules if each.startswith(f"{library}."))]:
        monkeypatch.setitem(sys.modules, module, None)

    result = judge(f"--tokenstore={target}", "--tokenstore-generation=zohocrmsdk", *ALONE)

    refused(result, f"{target}: *pip install 'tokenstore-conformance[{target}]'*")


@pytest.mark.skipif("zcrmsdk" not in GENERATIONS, reason="zcrmsdk is not installed")
@pytest.mark.parametrize("target", BUNDLED_FOR)
def test_a_store_of_the_other_generation(target: str, judge: Judge) -> None:
    """One line says which SDK the store is for."""
    result = judge(f"--tokenstore={target}", "--tokenstore-generation=zcrmsdk")

    refused(result, f"{target}: this store is for zohocrmsdk, and not for zcrmsdk")


# -- several machines ------------------------------------------------------------------------------


def test_machines_that_start_at_once(place: str, opened: Callable[[str], Any]) -> None:
    """The first one creates the tables, and none of the others fails because of it."""
    at_once(*[lambda: opened(place)] * 6)

    assert opened(place).get_tokens() == []


def test_logins_at_the_same_moment(place: str, opened: Callable[[str], Any]) -> None:
    """One user logs in on all machines at once, others on one each: no duplicate, no loss."""
    machines = {name: opened(place) for name in "abcdef"}

    def log_in(name: str) -> None:
        for number in range(10):
            machines[name].save_token(token_of("everywhere", f"{name}{number}"))
            machines[name].save_token(token_of(f"{name}{number}"))

    at_once(*(partial(log_in, name) for name in machines))

    users = {f"{name}{number}" for name in machines for number in range(10)}
    assert accesses(machines["a"]).keys() == {"everywhere", *users}


def test_a_login_without_a_name_at_the_same_moment(
    place: str, opened: Callable[[str], Any]
) -> None:
    """Only the turns keep a token without a user from being stored twice; the database does not."""
    machines = [opened(place) for _ in range(6)]

    for number in range(10):
        at_once(*(partial(each.save_token, grant_of(number)) for each in machines))

    assert len(machines[0].get_tokens()) == 10


def grant_of(number: int) -> OAuthToken:
    return token_of(None, grant_token=f"grant {number}")


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_every_isolation_level(database: str, level: str) -> None:
    """A save that the server refuses because another one came first is tried again."""
    engine = sa.create_engine(database, isolation_level=level, hide_parameters=True)
    stores = [SQLAlchemyStore(engine) for _ in range(4)]

    def save(store: SQLAlchemyStore) -> None:
        for number in range(5):
            store.save_token(token_of("everywhere", str(number)))

    at_once(*(partial(save, store) for store in stores))

    assert accesses(stores[0]) == {"everywhere": "4"}
    engine.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child(place: str, opened: Callable[[str], Any]) -> None:
    """Parent and child continue with the store, each on its own connection."""
    store = opened(place)
    store.save_token(token_of("before"))

    child = os.fork()
    if child == 0:
        try:
            store.save_token(token_of("child"))
            os._exit(0)
        finally:
            os._exit(1)
    store.save_token(token_of("parent"))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert accesses(store).keys() == {"before", "child", "parent"}


# -- outages ---------------------------------------------------------------------------------------


def test_a_server_that_was_stopped(place: str, opened: Callable[[str], Any]) -> None:
    """Every method raises SDKException with a cause. Right after the outage, the store answers."""
    with proxy_to(place) as proxy:
        refuses_while_cut(opened(proxy.url), proxy)


def test_a_server_that_was_stopped_between_calls(place: str, opened: Callable[[str], Any]) -> None:
    """The old connections are dead, but no call fails because of that."""
    for call in CALLS.values():
        with proxy_to(place) as proxy:
            store = opened(proxy.url)
            store.save_token(token_of("user"))

            proxy.cut()
            proxy.open()

            call(store)


# -- the table of others ---------------------------------------------------------------------------


@pytest.fixture
def old_table(database: str) -> Iterator[str]:
    """Make a database with the table of DBStore or of the sample, and one login in it."""
    engine = sa.create_engine(database, hide_parameters=True)
    row = ("1", "ann", "client", "secret", "refresh", "old", "grant", "1893456000000", "url", "us")
    with engine.begin() as connection:
        connection.execute(sa.text(SAMPLE_TABLE))
        connection.execute(sa.text(f"INSERT INTO oauthtoken VALUES {row}"))
    yield database
    engine.dispose()


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_the_table_of_dbstore(old_table: str, opened: Callable[[str], Any]) -> None:
    """Its logins are found, updated and not duplicated, and new ones can be saved."""
    store = opened(old_table)

    store.save_token(token_of("ann", "new"))
    store.save_token(token_of("bert"))

    assert accesses(store) == {"ann": "new", "bert": "access"}
    assert store.find_token(OAuthToken(user_signature=UserSignature("ann"))).get_id() == "1"


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_the_collation_of_an_old_table(old_table: str, opened: Callable[[str], Any]) -> None:
    """The store tells names apart that the database treats as equal."""
    store = opened(old_table)

    for name in ("Ann", "ann ", "\u00e4nn"):
        assert store.find_token(OAuthToken(user_signature=UserSignature(name))) is None
        store.save_token(token_of(name, name))
    store.delete_token("1 ")

    assert accesses(store) == {"ann": "old", **{name: name for name in ("Ann", "ann ", "\u00e4nn")}}


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_a_value_that_does_not_fit(old_table: str, opened: Callable[[str], Any]) -> None:
    """The store refuses it, and does not cut it."""
    store = opened(old_table)

    with pytest.raises(SDKException):
        store.save_token(token_of("ann", "x" * 256))

    assert accesses(store) == {"ann": "old"}


def texts_of(error: BaseException | None) -> list[str]:
    """Return what a traceback may show of an error, and of the errors that led to it."""
    if error is None:
        return []
    return [f"{error} {error!r}", *texts_of(error.__cause__), *texts_of(error.__context__)]


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_a_message_that_quotes_a_value(old_table: str, opened: Callable[[str], Any]) -> None:
    """The store does not pass on what the driver says of a value that its table refuses."""
    store = opened(old_table)
    engine = sa.create_engine(old_table)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE UNIQUE INDEX own ON oauthtoken (access_token)"))
    engine.dispose()
    store.save_token(token_of("ann", "hidden"))

    with pytest.raises(SDKException) as raised:
        store.save_token(token_of("bert", "hidden"))

    assert [each for each in texts_of(raised.value) if "hidden" in each] == []


@pytest.mark.parametrize("key", ["id", "user_name", "access_token", "grant_token", "refresh_token"])
@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_an_old_table_gets_indexes(old_table: str, opened: Callable[[str], Any], key: str) -> None:
    """No look-up reads the whole table."""
    opened(old_table)

    engine = sa.create_engine(old_table)
    indexes = sa.inspect(engine).get_indexes("oauthtoken")
    engine.dispose()
    assert [key] in [index["column_names"] for index in indexes]


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_ids_that_only_blanks_or_case_tell_apart(
    database: str, opened: Callable[[str], Any]
) -> None:
    """MySQL treats "1" and "1 " as equal. The store deletes and updates each alone."""
    store = opened(database)
    for id in ("1", "1 ", "a", "A"):
        store.save_token(token_of(f"user {id}", "old", id=id))

    store.save_token(token_of("user 1 ", "new"))
    store.delete_token("1")
    store.delete_token("A")

    assert accesses(store) == {"user 1 ": "new", "user a": "old"}


def test_tables_that_are_not_to_be_created(tmp_path: Path) -> None:
    """With create=False, a store makes no table. `METADATA` has the tables that it needs."""
    from reference_stores.zohocrmsdk.sqlalchemy_store import METADATA

    engine = sa.create_engine(f"sqlite:///{tmp_path / 'tokens.db'}", hide_parameters=True)
    store = SQLAlchemyStore(engine, create=False)

    with pytest.raises(SDKException):
        store.get_tokens()
    METADATA.create_all(engine)

    assert store.get_tokens() == []
    engine.dispose()


# -- redis -----------------------------------------------------------------------------------------


def test_a_client_that_decodes() -> None:
    """A user's own client may answer with text or with bytes."""
    import redis

    for url in place_on(server_at(url_of("redis"))):
        prefix = url.partition("//")[2].partition(":")[0]
        for decodes in (True, False):
            with redis.Redis.from_url(url, decode_responses=decodes) as client:
                store = RedisStore(client, prefix=prefix)
                store.save_token(token_of("user", str(decodes)))

                assert accesses(store) == {"user": str(decodes)}


def test_the_keys_of_a_cluster() -> None:
    """All keys have one hash tag, and no key is left when all tokens are deleted."""
    import redis

    for url in place_on(server_at(url_of("redis"))):
        prefix = url.partition("//")[2].partition(":")[0]
        with redis.Redis.from_url(url) as client:
            store = RedisStore(client, prefix=prefix)
            store.save_token(token_of("user", grant_token="grant"))
            store.save_token(token_of("other", grant_token="grant"))

            keys = {key.decode().partition("}")[0] for key in client.scan_iter(f"{{{prefix}}}*")}
            for token in store.get_tokens():
                store.delete_token(token.get_id())

            assert keys == {f"{{{prefix}"}
            assert list(client.scan_iter(f"{{{prefix}}}*")) == []


# -- encrypted -------------------------------------------------------------------------------------

OLD, NEW = b"o" * 64, b"n" * 64


@pytest.fixture
def below(tmp_path: Path) -> Iterator[SQLiteStore]:
    """Yield the store under an encrypting one."""
    store = SQLiteStore(tmp_path / "tokens.db")
    yield store
    store.close()


def test_no_secret_is_stored(below: SQLiteStore, tmp_path: Path) -> None:
    """The file holds no secret in plain text, but it holds the user's name."""
    token = token_of("user", "an access token", grant_token="a grant token")
    token.set_client_secret("a client secret")

    EncryptedStore(below, [OLD]).save_token(token)

    written = (tmp_path / "tokens.db").read_bytes()
    secrets = (b"an access token", b"a grant token", b"refresh of user", b"a client secret")
    assert [each for each in secrets if each in written] == []
    assert b"user" in written


@pytest.mark.parametrize("call", ["find_token", "save_token", "get_tokens", "find_token_by_id"])
def test_a_wrong_key(below: SQLiteStore, call: str) -> None:
    """A call raises SDKException, and what is stored does not change."""
    right, wrong = EncryptedStore(below, [OLD]), EncryptedStore(below, [NEW])
    token = token_of("user")
    right.save_token(token)
    calls: dict[str, Callable[[], object]] = {
        "find_token": lambda: wrong.find_token(OAuthToken(user_signature=UserSignature("user"))),
        "save_token": lambda: wrong.save_token(token_of("user", "new")),
        "get_tokens": wrong.get_tokens,
        "find_token_by_id": lambda: wrong.find_token_by_id(token.get_id()),
    }

    with pytest.raises(SDKException, match="cannot be decrypted"):
        calls[call]()

    assert accesses(right) == {"user": "access"}


def test_an_old_key(below: SQLiteStore) -> None:
    """The store finds and updates what it encrypted, and needs it no more after `rotate`."""
    before, between = EncryptedStore(below, [OLD]), EncryptedStore(below, [NEW, OLD])
    nameless = token_of(None)
    for token in (nameless, token_of("user"), token_of("idle")):
        before.save_token(token)

    between.save_token(token_of("user", "new"))
    between.save_token(token_of(None, "new"))
    assert between.find_token(token_of(None)).get_id() == nameless.get_id()
    between.rotate()

    after = EncryptedStore(below, [NEW])
    assert sorted(each.get_access_token() for each in after.get_tokens()) == [
        "access",
        "new",
        "new",
    ]


def test_tokens_that_two_records_share(below: SQLiteStore) -> None:
    """`rotate` says which records still need the old key, and loses none."""
    before, between = EncryptedStore(below, [OLD]), EncryptedStore(below, [NEW, OLD])
    nameless, named = grant_of(1), token_of("user", grant_token="grant 1")
    for token in (nameless, named):
        before.save_token(token)

    with pytest.raises(SDKException, match=f"Keep the older keys.*{nameless.get_id()}"):
        between.rotate()

    assert len(between.get_tokens()) == 2


@pytest.mark.parametrize("accident", ["changed", "moved", "plain"])
def test_a_value_that_somebody_changed(below: SQLiteStore, accident: str) -> None:
    """A value that was changed, moved from another field, or never encrypted, is not returned."""
    store = EncryptedStore(below, [OLD])
    store.save_token(token_of("user"))
    (token,) = below.get_tokens()
    text = token.get_refresh_token()
    values = {"changed": f"A{text[1:]}", "moved": token.get_client_secret(), "plain": "refresh"}

    token.set_refresh_token(values[accident])
    below.save_token(token)

    with pytest.raises(SDKException, match="refresh_token of a stored token cannot be decrypted"):
        store.get_tokens()


# -- to copy ---------------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parent.parent
MADE = {
    "sqlalchemy": 'SQLAlchemyStore(f"sqlite:///{tmp_path}/tokens.db")',
    "redis": 'RedisStore("{redis}", prefix=namespace)',
    "cryptography": "EncryptedStore(ListStore(), [bytes(64)])",
}
"""For each library, the code that makes a store over it."""
FILES = {
    "sqlalchemy": "sqlalchemy_store",
    "redis": "redis_store",
    "cryptography": "encrypted_store",
}
SOME = ("--tokenstore=stores:store", "--tokenstore-strict", "-k", "SAVE-1[ or FIND-1[ or DUR-1")


def project_with(library: str, directory: Path) -> None:
    """Make a project with a copy of the file for this library, and a factory of its store."""
    file = FILES[library]
    made = MADE[library]
    if library == "redis":
        made = made.replace("{redis}", url_of("redis"))
    source = ROOT / "reference_stores" / "zohocrmsdk" / f"{file}.py"
    shutil.copy(source, directory / f"copied_{file}.py")
    (directory / "stores.py").write_text(
        f"from copied_{file} import *\n"
        "from reference_stores.zohocrmsdk.list_store import ListStore\n\n\n"
        f"def store(tmp_path, namespace):\n    made = {made}\n    yield made\n"
        "    made.delete_tokens()\n    made.close()\n",
        "utf-8",
    )


@pytest.mark.parametrize("library", MADE)
def test_one_file_in_an_empty_project(
    library: str, judge: Judge, pytester: pytest.Pytester
) -> None:
    """A file that was copied into an empty project is judged there."""
    project_with(library, pytester.path)

    result = judge(*SOME)

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["MUST*0 failed"])


@pytest.mark.nightly
@pytest.mark.parametrize("library", MADE)
def test_one_file_and_its_one_library(library: str, tmp_path: Path) -> None:
    """The copy also works if only the kit, an SDK and that library are installed."""
    project_with(library, tmp_path)

    in_an_environment_with(library, tmp_path, SOME)


def in_an_environment_with(library: str, project: Path, options: tuple[str, ...]) -> None:
    """Run pytest in a project where only the kit, an SDK and a library are installed."""
    venv.create(project / "venv", with_pip=True)
    python = project / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", f"{ROOT}[zohocrmsdk]", library]
    subprocess.run(install, check=True)

    judged = [python, "-m", "pytest", "-q", *options]
    done = subprocess.run(judged, cwd=project, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
