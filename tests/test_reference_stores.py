"""What the reference stores promise beyond the contract that every store must keep.

Other tests run the contract itself on them. Here: the file that `SQLiteStore` shares with other
programs and other processes, what accidents do to it, and the promise that each store stands alone.
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

import pytest

pytest.importorskip("zohocrmsdk", reason="needs the SDK of the six-method generation")

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from reference_stores import InMemoryStore, ListStore, SQLiteStore
from reference_stores.zohocrmsdk import list_store, memory_store, sqlite_store
from tests.accidents import ACCIDENTS, Accident
from tests.logins import CALLS

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = (
    "id",
    "user_name",
    "client_id",
    "client_secret",
    "refresh_token",
    "access_token",
    "grant_token",
    "expiry_time",
    "redirect_url",
    "api_domain",
)
# The table as the published sample creates it: no index, and SQLite's default journal.
SAMPLE_TABLE = (
    "CREATE TABLE  oauthtoken (id varchar(10) NOT NULL,user_name varchar(255), client_id "
    "varchar(255), client_secret varchar(255), refresh_token varchar(255), access_token "
    "varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url varchar("
    "255), api_domain varchar(255), primary key (id))"
)


def token_of(user: str, access: str = "access") -> OAuthToken:
    token = OAuthToken(
        user_signature=UserSignature(user),
        client_id="client",
        client_secret="secret",
        refresh_token=f"refresh of {user}",
        access_token=access,
    )
    token.set_expires_in("1893456000000")
    return token


def users(store: SQLiteStore) -> list[str]:
    return sorted(token.get_user_signature().get_name() for token in store.get_tokens())


def access_of(store: SQLiteStore, user: str) -> str | None:
    found = store.find_token(OAuthToken(user_signature=UserSignature(user)))
    return None if found is None else found.get_access_token()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def in_another_process(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start Python on `code`, with the names that `head` defines."""
    head = """
        import os, sys
        from reference_stores import SQLiteStore
        from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
        from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature
        def token_of(user, access="access"):
            return OAuthToken(user_signature=UserSignature(user), access_token=access)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(code), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), *sys.path]))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], said: str | None = None) -> str:
    """Wait for the process to end with status 0; return what it printed."""
    output, errors = process.communicate(said, timeout=60)
    assert process.returncode == 0, errors
    return output


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore(path)
    yield store
    store.close()


class TestCopying:
    """A store is one file that can be copied into any project."""

    @pytest.mark.parametrize("module", [list_store, memory_store, sqlite_store])
    def test_stands_alone(self, module: ModuleType) -> None:
        """A store imports only the standard library and the SDK: not the kit, and no sibling."""
        tree = ast.parse(inspect.getsource(module))

        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }

        tops = {str(name).split(".")[0] for name in imported}
        assert tops - {"zohocrmsdk"} <= set(sys.stdlib_module_names)

    def test_package_needs_no_sdk(self) -> None:
        """Importing the package of the stores does not import an SDK."""
        code = "import reference_stores; print('zohocrmsdk' in sys.modules)"

        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stdout.strip() == "False"

    def test_package_names_its_stores(self) -> None:
        """The package lists its stores, and raises AttributeError for any other name."""
        import reference_stores

        assert {"InMemoryStore", "ListStore", "SQLiteStore"} <= set(dir(reference_stores))
        with pytest.raises(AttributeError, match="no attribute 'OtherStore'"):
            _ = reference_stores.OtherStore


class TestRefusal:
    """No store keeps a token that could not be used or found again."""

    @pytest.mark.parametrize("make", [InMemoryStore, ListStore, lambda: SQLiteStore(":memory:")])
    def test_token_without_a_key(self, make: Callable[[], SQLiteStore]) -> None:
        """An access token with client credentials and nothing else is refused, not kept forever."""
        store = make()
        token = OAuthToken(client_id="client", client_secret="secret", access_token="access")

        with pytest.raises(SDKException, match="nothing that it could be found by"):
            store.save_token(token)

        assert store.get_tokens() == []


class TestSharedKeys:
    """Several records can share a token. The store then makes a useful choice."""

    @pytest.mark.parametrize("make", [InMemoryStore, ListStore, lambda: SQLiteStore(":memory:")])
    def test_named_record_is_preferred(self, make: Callable[[], SQLiteStore]) -> None:
        """A refresh token finds the record that names a user, not an older one that does not."""
        store = make()
        nameless = OAuthToken(client_id="client", client_secret="secret", refresh_token="r")
        store.save_token(nameless)
        named = token_of("user")
        named.set_refresh_token("r")
        store.save_token(named)

        found = store.find_token(
            OAuthToken(client_id="client", client_secret="secret", refresh_token="r")
        )

        assert found is not None
        assert found.get_id() == named.get_id()


class TestTable:
    """The table has the columns of the published sample, so that each can read the other's."""

    def test_columns(self, store: SQLiteStore, path: Path) -> None:
        """The columns, their order and the key are those of the sample."""
        with closing(sqlite3.connect(path)) as ours, closing(sqlite3.connect(":memory:")) as theirs:
            theirs.execute(SAMPLE_TABLE)

            question = "SELECT cid, name, pk FROM pragma_table_info('oauthtoken')"
            assert ours.execute(question).fetchall() == theirs.execute(question).fetchall()

    @pytest.mark.parametrize("key", ["user_name", "access_token", "grant_token", "refresh_token"])
    def test_look_ups_use_an_index(self, store: SQLiteStore, path: Path, key: str) -> None:
        """No look-up reads the whole table."""
        with closing(sqlite3.connect(path)) as connection:
            plan = connection.execute(
                f"EXPLAIN QUERY PLAN SELECT * FROM oauthtoken WHERE {key} = ? ORDER BY rowid", "x"
            ).fetchall()

        assert [f"USING INDEX oauthtoken_{key}" in step[3] for step in plan] == [True]

    def test_opens_what_the_sample_wrote(self, path: Path) -> None:
        """Records that the sample wrote are found and updated, and not duplicated."""
        row = ("1", "user", "client", "secret", "refresh", "old", "grant", "1", "url", "domain")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(SAMPLE_TABLE)
            connection.execute(f"INSERT INTO oauthtoken VALUES ({','.join('?' * 10)})", row)

        with closing(SQLiteStore(path)) as store:
            store.save_token(token_of("user", access="new"))

            assert access_of(store, "user") == "new"
            assert [token.get_id() for token in store.get_tokens()] == ["1"]

    def test_tolerates_doubles_of_the_sample(self, path: Path) -> None:
        """The sample can leave two records for one user. Find and save then use the same one."""
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(SAMPLE_TABLE)
            for id in ("1", "2"):
                connection.execute(
                    "INSERT INTO oauthtoken (id, user_name, access_token) VALUES (?, 'user', ?)",
                    (id, f"old {id}"),
                )

        with closing(SQLiteStore(path)) as store:
            store.save_token(token_of("user", access="new"))

            assert access_of(store, "user") == "new"

    def test_the_sample_reads_what_we_write(self, store: SQLiteStore, path: Path) -> None:
        """While the store is open, a statement of the sample sees a saved token at once."""
        store.save_token(token_of("user"))

        with closing(sqlite3.connect(path)) as connection:
            row = connection.execute("select * from oauthtoken where user_name='user'").fetchone()

        assert dict(zip(COLUMNS, row, strict=True))["refresh_token"] == "refresh of user"


class TestFile:
    """The file is where it was named, and only its owner can open it."""

    @pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
    def test_created_for_its_owner_only(self, path: Path) -> None:
        """Under a lax umask, the file and the journal of a save stay private."""
        umask = os.umask(0)
        try:
            with closing(SQLiteStore(path)) as store, store._session("") as connection:
                connection.execute("BEGIN")
                connection.execute("INSERT INTO oauthtoken (id) VALUES ('1')")
                modes = {file.name: mode(file) for file in path.parent.iterdir()}
        finally:
            os.umask(umask)

        assert modes == dict.fromkeys(("tokens.db", "tokens.db-journal"), 0o600)

    @pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
    def test_keeps_the_mode_of_an_existing_file(self, path: Path) -> None:
        """A file that was opened to a group stays open to it."""
        path.touch()
        path.chmod(0o660)

        with closing(SQLiteStore(path)) as store:
            store.save_token(token_of("user"))

        assert mode(path) == 0o660

    def test_stays_where_it_was(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative path refers to the working directory at the time the store is made."""
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(tmp_path)
        with closing(SQLiteStore()) as store:
            monkeypatch.chdir(elsewhere)
            store.save_token(token_of("user"))

        assert (tmp_path / "zohooauth.db").exists()
        assert list(elsewhere.iterdir()) == []

    @pytest.mark.parametrize("name", ["a b.db", "50%25.db", "what?.db", "a#b.db", "f\u00fcr.db"])
    def test_any_name(self, tmp_path: Path, name: str) -> None:
        """A file name is taken literally, though SQLite is given a URI."""
        with closing(SQLiteStore(tmp_path / name)):
            assert (tmp_path / name).exists()

    def test_is_all_there_is(self, store: SQLiteStore, path: Path) -> None:
        """Between calls the file alone holds all tokens, so that a copy of it is complete."""
        store.save_token(token_of("user"))

        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_log_of_another_program(self, path: Path) -> None:
        """A database in WAL mode is taken over. From then on, one file holds its tokens."""
        with closing(SQLiteStore(path)) as store:
            store.save_token(token_of("user"))
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA journal_mode = WAL")

        with closing(SQLiteStore(path)) as store:
            assert users(store) == ["user"]
            assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_closed_store_opens_again(self, store: SQLiteStore) -> None:
        """A store can be closed, even twice. The next call opens its file again."""
        store.save_token(token_of("user"))
        store.close()
        store.close()

        assert users(store) == ["user"]

    def test_dropped_store_closes_itself(self, path: Path) -> None:
        """A store that was never closed leaves no open connection and no ResourceWarning."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            store = SQLiteStore(path)
            store.save_token(token_of("user"))
            connection = store._connection
            assert connection is not None
            del store
            gc.collect()

        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")

    def test_closed_memory_is_gone(self) -> None:
        """A closed store in memory raises. It does not claim to be empty."""
        store = SQLiteStore(":memory:")
        store.save_token(token_of("user"))
        store.close()

        with pytest.raises(SDKException):
            store.get_tokens()

    @pytest.mark.parametrize("name", ["missing/tokens.db", "."])
    def test_cannot_be_created(self, tmp_path: Path, name: str) -> None:
        """A store that cannot create its file raises at once."""
        with pytest.raises(SDKException, match="cannot be opened"):
            SQLiteStore(tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot move a file that is open")
@pytest.mark.parametrize("accident", ACCIDENTS, ids=lambda accident: accident.__name__)
class TestAccidents:
    """A connection still works after its file is gone. The store raises instead."""

    @pytest.mark.parametrize("call", CALLS)
    def test_raises_and_recovers(
        self, store: SQLiteStore, path: Path, accident: Accident, call: str
    ) -> None:
        """During an accident, a call raises, even the second time. After it, the token is there."""
        store.save_token(token_of("user"))

        undo = accident(path)
        for _ in range(2):
            with pytest.raises(SDKException):
                CALLS[call](store)
        undo()

        assert users(store) == ["user"]

    def test_keeps_the_cause(self, store: SQLiteStore, path: Path, accident: Accident) -> None:
        """The exception carries the first error as the SDK's `cause` and Python's `__cause__`."""
        accident(path)

        with pytest.raises(SDKException) as raised:
            store.get_tokens()

        assert isinstance(raised.value.cause, (OSError, sqlite3.Error))
        assert raised.value.__cause__ is raised.value.cause

    def test_restart_destroys_nothing(
        self, store: SQLiteStore, path: Path, accident: Accident
    ) -> None:
        """A store that starts during an accident does no harm to the tokens that come back."""
        store.save_token(token_of("user"))

        undo = accident(path)
        with suppress(SDKException):
            SQLiteStore(path).close()
        undo()

        assert users(store) == ["user"]


class TestLocked:
    """Another program may hold a lock on the file."""

    def test_save_raises(self, path: Path) -> None:
        """A save that does not get the lock in time raises, and its token still has no id."""
        store = SQLiteStore(path, busy_timeout=0.05)
        token = token_of("user")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")

            with pytest.raises(SDKException, match="locked") as raised:
                store.save_token(token)

        assert isinstance(raised.value.cause, sqlite3.OperationalError)
        assert token.get_id() is None
        assert users(store) == []

    def test_find_raises(self, path: Path) -> None:
        """A find that cannot read in time raises. It answers once the lock is gone."""
        store = SQLiteStore(path, busy_timeout=0.05)
        store.save_token(token_of("user"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")

            with pytest.raises(SDKException, match="locked"):
                access_of(store, "user")

        assert access_of(store, "user") == "access"

    def test_find_answers_during_a_save(self, store: SQLiteStore, path: Path) -> None:
        """Until another process commits, a find answers with what was saved before."""
        store.save_token(token_of("user"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")

            assert access_of(store, "user") == "access"


class TestSecrets:
    """No exception shows what a token holds."""

    def test_unreadable_text(self, store: SQLiteStore, path: Path) -> None:
        """If SQLite's message would quote a damaged value, the store does not show it."""
        store.save_token(token_of("user"))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE oauthtoken SET access_token = CAST(x'736563ff' AS TEXT)")

        with pytest.raises(SDKException) as raised:
            store.get_tokens()

        assert "sec" not in str(raised.value)
        assert "sec" not in repr(raised.value.__cause__)

    def test_unwritable_text(self, store: SQLiteStore) -> None:
        """A value that is not valid Unicode text is refused, and not shown."""
        with pytest.raises(SDKException) as raised:
            store.save_token(token_of("user", access="sec\ud800"))

        assert "sec" not in str(raised.value)
        assert "sec" not in repr(raised.value.__cause__)
        assert users(store) == []


class TestProcesses:
    """One file serves many processes."""

    def test_second_process_sees_the_first(self, store: SQLiteStore, path: Path) -> None:
        """What one process saves, another finds, and the other way round."""
        store.save_token(token_of("ours"))

        finish(
            in_another_process(
                """
                store = SQLiteStore(sys.argv[1])
                assert store.find_token(OAuthToken(user_signature=UserSignature("ours")))
                store.save_token(token_of("theirs"))
                """,
                path,
            )
        )

        assert users(store) == ["ours", "theirs"]

    @pytest.mark.slow
    def test_two_processes_start_and_save_at_once(self, path: Path) -> None:
        """Two processes that create one file lose nothing; a shared user has one record."""
        code = """
            print("ready", flush=True)
            sys.stdin.readline()
            store = SQLiteStore(sys.argv[1])
            for number in range(50):
                store.save_token(token_of(f"{sys.argv[2]} {number:02}"))
                store.save_token(token_of("both", access=str(number)))
        """
        processes = [in_another_process(code, path, name) for name in ("a", "b")]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()

        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            finish(process)

        with closing(SQLiteStore(path)) as store:
            expected = [f"{name} {number:02}" for name in "ab" for number in range(50)]
            assert users(store) == [*expected, "both"]

    def test_survives_a_kill(self, path: Path) -> None:
        """A save that returned is still there after the process is killed."""
        process = in_another_process(
            """
            store = SQLiteStore(sys.argv[1])
            store.save_token(token_of("user"))
            print("saved", flush=True)
            store.save_token(token_of(sys.stdin.readline()))
            """,
            path,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "saved\n"

        process.kill()
        process.communicate()

        with closing(SQLiteStore(path)) as store:
            assert users(store) == ["user"]


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

    def test_both_go_on(self, store: SQLiteStore) -> None:
        """Parent and child both save through the same store, and both records are there."""
        store.save_token(token_of("before"))

        status = self.in_a_child(lambda: store.save_token(token_of("child")))
        store.save_token(token_of("parent"))

        assert status == 0
        assert users(store) == ["before", "child", "parent"]

    def test_connection_is_not_inherited(self, store: SQLiteStore) -> None:
        """SQLite forbids using or closing a connection after a fork, so the child opens one."""
        inherited = store._connection
        assert inherited is not None

        def child() -> None:
            store.save_token(token_of("child"))
            assert store._connection is not inherited
            inherited.execute("SELECT 1")  # raises if it is closed

        assert self.in_a_child(child) == 0
        assert users(store) == ["child"]
        assert store._connection is inherited

    def test_another_thread_is_waited_for(self, store: SQLiteStore) -> None:
        """A fork waits for another thread's call, so that the child inherits no held lock."""
        under_way = threading.Event()
        ended: list[bool] = []

        def call() -> None:
            with store._session("") as connection:
                connection.execute("BEGIN IMMEDIATE")
                under_way.set()
                time.sleep(0.1)
                ended.append(True)

        def child() -> None:
            assert ended
            store.save_token(token_of("child"))

        thread = threading.Thread(target=call)
        thread.start()
        under_way.wait()
        status = self.in_a_child(child)
        thread.join()

        assert status == 0
        assert users(store) == ["child"]

    def test_memory_is_copied(self) -> None:
        """In the child, a store in memory continues with a copy of what it held."""
        store = SQLiteStore(":memory:")
        store.save_token(token_of("user"))

        def child() -> None:
            assert users(store) == ["user"]
            store.delete_tokens()

        assert self.in_a_child(child) == 0
        assert users(store) == ["user"]
