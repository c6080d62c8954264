"""--tokenstore-audit reads a store in use, and reports what in it does harm."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("zohocrmsdk")

from tests.drivers.in_use import (
    DOOR,
    login,
    on_mariadb,
    save_in_database,
    write_file,
)
from tests.drivers.pytest_run import Judge, refused
from tokenstore_conformance.records import Record

FILE = ("--tokenstore=sdk-file:tokens.txt", "--tokenstore-audit")
ANN, BOB = login("ann", id="1"), login("bob", id="2")


@pytest.fixture(autouse=True)
def in_the_directory(pytester: pytest.Pytester) -> None:
    """Change to pytester's directory: the tests write their files there."""


def test_a_sound_file(judge: Judge) -> None:
    """For a file without damage, the exit status is 0. The file stays as it is; no test runs."""
    write_file(ANN, BOB)
    before = Path("tokens.txt").read_bytes()

    result = judge(*FILE)

    assert result.ret == pytest.ExitCode.OK
    assert Path("tokens.txt").read_bytes() == before
    assert result.outlines == [
        "audit of sdk-file:tokens.txt: 2 tokens; nothing was written",
        "",
        "no problems found",
    ]


def test_a_sound_database(judge: Judge) -> None:
    """Records that share a refresh token, or have no user, do no harm."""
    nameless = login("carl", id="3", user=None, refresh_token=ANN.refresh_token)
    save_in_database(nameless, ANN, BOB)

    result = judge("--tokenstore=sqlite:tokens.db", "--tokenstore-audit")

    assert result.ret == pytest.ExitCode.OK
    assert "no problems found" in result.outlines


@pytest.mark.parametrize("mark", ["", "@contextlib.contextmanager\n"], ids=["generator", "manager"])
def test_a_factory_that_cleans_up(pytester: pytest.Pytester, judge: Judge, mark: str) -> None:
    """A factory that could delete the tokens at its end is refused, and deletes none."""
    write_file(ANN)
    before = Path("tokens.txt").read_bytes()
    pytester.makepyfile(
        mypkg="import contextlib\n"
        "from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore\n"
        f"{mark}def store():\n"
        "    made = FileStore('tokens.txt')\n    yield made\n    made.delete_tokens()\n"
    )

    result = judge("--tokenstore=mypkg:store", "--tokenstore-audit")

    refused(result, "*mypkg:store: it cleans up after the store, which may delete your tokens; *")
    assert Path("tokens.txt").read_bytes() == before


HARMS = {
    "two records of a user": (
        [ANN, ANN.but(id="2")],
        ["several records of one user (1)", "*2 records (ids 1, 2)*"],
    ),
    "a repeated id": ([ANN, BOB.but(id="1")], ["an id that several records have (1)"]),
    "no id": ([ANN.but(id=None)], ["an id that is missing or not text (1)", "*: no id"]),
    "no expiry": (
        [ANN.but(expires_in=None)],
        ["an expiry that the SDK cannot use (1)", "*no expiry: the SDK uses the access token*"],
    ),
    "an expiry in words": (
        [ANN.but(expires_in="soon")],
        ["*an expiry that is not a number: the SDK fails with ValueError"],
    ),
    "no token": ([ANN.only("id", "user")], ["no token (1)"]),
}


@pytest.mark.parametrize(("records", "lines"), HARMS.values(), ids=HARMS)
def test_damage_in_a_file(records: list[Record], lines: list[str], judge: Judge) -> None:
    """The audit finds the damage that accidents of FileStore leave. The exit status is 1."""
    write_file(*records)

    result = judge(*FILE)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([each.replace("[", "[[]") for each in lines])
    result.stdout.fnmatch_lines(["[1-9]* problem* found"])


def test_a_file_that_cannot_be_read(judge: Judge) -> None:
    """Threads that save at the same time can leave a truncated row; then get_tokens fails."""
    write_file(ANN)
    with Path("tokens.txt").open("a") as file:
        file.write("2,bob\r\n")

    result = judge(*FILE)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["the tokens cannot be listed (1)"])


def test_what_the_database_store_leaves(judge: Judge) -> None:
    """The audit finds a second record of a user, and two users that the collation takes for one."""
    with on_mariadb() as (url, harness):
        for record in (
            ANN,
            ANN,
            login("bob", user="u@u.example:1"),
            login("ubo", user="U@u.example:1"),
        ):
            token = DOOR.to_save(record.but(id=None)).arguments[0]
            if record.user == "U@u.example:1":  # DBStore itself would update the other record
                harness._run(
                    f"USE {harness.namespace}",
                    "INSERT INTO oauthtoken (id, user_name, access_token, expiry_time) "
                    "VALUES ('9', 'U@u.example:1', 'access of U', '1900000000000')",
                    "COMMIT",
                )
            else:
                harness.open().save_token(token)

        result = judge(f"--tokenstore=sdk-db:{url}", "--tokenstore-audit")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines_random(
        [
            "several records of one user (1)",
            "a find that returns another record (1)",
            "*U***@***:1 (id 9): asked for by its user: got the record with the id 3",
        ]
    )


STORES = '''
from reference_stores.zohocrmsdk.list_store import ListStore
from tests.drivers.in_use import DOOR, login


def filled(kind):
    store = kind()
    for name in ("ann", "bob"):
        ListStore.save_token(store, *DOOR.to_save(login(name)).arguments)
    return store


class Counting(ListStore):
    """Another URL after each find."""

    finds = 0

    def find_token(self, token):
        self.finds += 1
        return super().find_token(token)

    def get_tokens(self):
        tokens = super().get_tokens()
        for token in tokens:
            token.set_redirect_url(token.get_redirect_url() + "x" * self.finds)
        return tokens


class Forgetting(ListStore):
    """A token that was found is not listed any more."""

    found = ()

    def find_token(self, token):
        found = super().find_token(token)
        self.found = (*self.found, found.get_id())
        return found

    def get_tokens(self):
        return [each for each in super().get_tokens() if each.get_id() not in self.found]


class Saving(ListStore):
    """Saves what it has found."""

    def find_token(self, token):
        found = super().find_token(token)
        self.save_token(found)
        return found


class Swallowing(Saving):
    def find_token(self, token):
        try:
            return super().find_token(token)
        except Exception:
            return ListStore.find_token(self, token)


class Deaf(ListStore):
    def find_token_by_id(self, id):
        return None


class Mixing(ListStore):
    def find_token_by_id(self, id):
        return self.get_tokens()[0]


class Numbering(ListStore):
    def get_tokens(self):
        tokens = super().get_tokens()
        for number, token in enumerate(tokens):
            token.set_id(number)
            token.set_expires_in(int(token.get_expires_in()))
        return tokens


def counting(): return filled(Counting)
def forgetting(): return filled(Forgetting)
def saving(): return filled(Saving)
def swallowing(): return filled(Swallowing)
def deaf(): return filled(Deaf)
def mixing(): return filled(Mixing)
def numbering(): return filled(Numbering)
'''


@pytest.mark.parametrize(
    ("store", "lines"),
    [
        ("counting", ["a find that changes the listing (2)", "*another redirect_url after each*"]),
        (
            "forgetting",
            ["a find that changes the listing (2)", "*: gone after it was only looked*"],
        ),
        ("saving", ["a find that writes (1)", "*calls save_token, which was refused here"]),
        ("swallowing", ["a find that writes (1)"]),
        ("deaf", ["a record that cannot be found (2)", "*not found by its id"]),
        ("mixing", ["a find that returns another record (1)"]),
        (
            "numbering",
            ["an id that is missing or not text (2)", "*an id of type int, not text"],
        ),
        ("numbering", ["*an expiry of type int: the SDK fails with TypeError"]),
    ],
)
def test_harm_that_a_store_does(store: str, lines: list[str], judge: Judge) -> None:
    """The audit finds that a user's own store finds the wrong record, or writes during a find."""
    Path("mine.py").write_text(STORES)

    result = judge(f"--tokenstore=mine.py:{store}", "--tokenstore-audit")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(lines)


def test_nothing_is_shown_in_full(judge: Judge) -> None:
    """The output masks users and tokens."""
    secret = ANN.but(id="a-secret-session", expires_in="soon")
    write_file(secret, secret.but(user=None), secret.but(id="1", user=None))

    result = judge(*FILE)

    printed = result.stdout.str() + result.stderr.str()
    for value in (ANN.access_token, ANN.refresh_token, "ann@", "a-secret-session"):
        assert str(value) not in printed
    assert f"access token {str(ANN.access_token)[:7]}…" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tokenstore-audit"], "no store is named"),
        (["--tokenstore=sdk-file:gone.txt", "--tokenstore-audit"], "there is no file gone.txt"),
        (["--tokenstore=sqlite", "--tokenstore-audit"], "say where it is, as in sqlite:"),
        ([*FILE, "--tokenstore-wipe"], "leave out --tokenstore-wipe"),
    ],
)
def test_a_wrong_line_is_refused(arguments: list[str], said: str, judge: Judge) -> None:
    """The exit status is 4, with one line of error, and no file is created."""
    result = judge(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{said}*"])
    assert not Path("gone.txt").exists()
