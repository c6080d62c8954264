"""The kit refuses a store that holds tokens before it writes anything to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, SHARED, Judge, refused

KEEPER = """
import json, pathlib
from reference_stores.zohocrmsdk.memory_store import InMemoryStore
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

FILE = pathlib.Path({file!r})


class MyStore(InMemoryStore):
    '''All stores share what is in memory; every change of it is noted in a file.'''

    shared = InMemoryStore()
    shared.save_token(OAuthToken(access_token="dear"))

    def __init__(self):
        super().__init__()
        self.__dict__ = self.shared.__dict__

    def save_token(self, token):
        super().save_token(token)
        FILE.write_text("saved")

    def delete_token(self, id):
        super().delete_token(id)
        FILE.write_text("deleted")

    def delete_tokens(self):
        super().delete_tokens()
        FILE.write_text("deleted")
"""


@pytest.fixture
def changes(pytester: pytest.Pytester) -> Path:
    """Make mypkg:MyStore, which holds a token. Return the file that exists once it was changed."""
    file = pytester.path / "changes"
    pytester.makepyfile(mypkg=KEEPER.format(file=str(file)))
    return file


@pytest.mark.parametrize("factory", ["", "def store(namespace, tmp_path): yield MyStore()"])
def test_filled_store(pytester: pytest.Pytester, judge: Judge, changes: Path, factory: str) -> None:
    """A store that holds tokens is refused in one line, and not touched."""
    pytester.makepyfile(mypkg=KEEPER.format(file=str(changes)) + factory)

    result = judge(f"--tokenstore=mypkg:{'store' if factory else 'MyStore'}")

    refused(result, "mypkg:*: it holds 1 token already, and judging it would delete it: *")
    assert not changes.exists()


def test_what_a_refused_store_printed_is_shown(
    pytester: pytest.Pytester, judge: Judge, changes: Path
) -> None:
    """The output may say why: here, which storage the store opened."""
    source = KEEPER.format(file=str(changes))
    noisy = source.replace("super().__init__()", "super().__init__(); print('opens shop.db')")
    pytester.makepyfile(mypkg=noisy)

    result = judge("--tokenstore=mypkg:MyStore")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["opens shop.db"])


ENDS = {
    "after the yield": "    yield made\n    made.delete_tokens()\n",
    "finally": "    try:\n        yield made\n    finally:\n        made.delete_tokens()\n",
}
"""How a factory may clean up after its store."""


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("options", [(), ("--tokenstore-generation=zohocrmsdk",)], ids=["", "one"])
def test_the_end_of_a_factory_deletes_nothing(
    pytester: pytest.Pytester, changes: Path, end: str, options: tuple[str, ...]
) -> None:
    """The clean-up of a refused store's factory does not run, not even when Python exits."""
    source = f"{KEEPER.format(file=str(changes))}\ndef store():\n    made = MyStore()\n{end}"
    pytester.makepyfile(mypkg=source)

    result = pytester.runpytest_subprocess("--tokenstore=mypkg:store", *options)

    refused(result, "mypkg:store: it holds 1 token already, and judging it would delete it: *")
    assert not changes.exists()


def test_no_token_is_shown(judge: Judge, changes: Path) -> None:
    """A refusal shows nothing that the store holds."""
    result = judge("--tokenstore=mypkg:MyStore")

    refused(result, "mypkg:MyStore: it holds 1 token already*")
    result.stderr.no_fnmatch_line("*dear*")


@pytest.mark.parametrize("error", ["ValueError('broken')", "SystemExit('broken')"])
def test_unreadable_store(
    pytester: pytest.Pytester, judge: Judge, changes: Path, error: str
) -> None:
    """A store that cannot say whether it is empty is refused, and the message names the clause."""
    listing = f"    def get_tokens(self):\n        raise {error}\n"
    pytester.makepyfile(mypkg=KEEPER.format(file=str(changes)) + listing)

    result = judge("--tokenstore=mypkg:MyStore")

    refused(result, "*cannot tell whether the store is empty: get_tokens raised *broken*LIST-1*")
    assert not changes.exists()


@pytest.mark.parametrize("listed", ["['dear']", "[{'access_token': 'dear'}]", "[None, 1]"])
def test_listing_without_a_token(
    pytester: pytest.Pytester, judge: Judge, changes: Path, listed: str
) -> None:
    """If the listing has no tokens in it, the message does not speak of tokens in the store."""
    listing = f"    def get_tokens(self):\n        return {listed}\n"
    pytester.makepyfile(mypkg=KEEPER.format(file=str(changes)) + listing)

    result = judge("--tokenstore=mypkg:MyStore")

    refused(result, "*get_tokens returned something that is not a list of tokens on a store that*")
    result.stderr.no_fnmatch_line("*dear*")
    assert not changes.exists()


UNREADABLE = """
    def get_tokens(self):
        class Unreadable(OAuthToken):
            def __getattribute__(self, name):
                raise ValueError(name)

        return [Unreadable(access_token="dear") for _ in range(2)]
"""


@pytest.mark.parametrize(("listing", "count"), [("", "1 token"), (UNREADABLE, "* tokens")])
def test_other_stores_are_filled(
    pytester: pytest.Pytester, judge: Judge, changes: Path, listing: str, count: str
) -> None:
    """A target whose second store holds tokens is refused as well, even if they are unreadable."""
    pytester.makepyfile(
        mypkg=KEEPER.format(file=str(changes)) + listing + "made = []\ndef store():\n"
        "    made.append(1)\n"
        "    return InMemoryStore() if len(made) == 1 else MyStore()"
    )

    refused(judge("--tokenstore=mypkg:store"), f"*it holds {count} already*")

    assert not changes.exists()


@pytest.mark.slow
def test_store_without_a_listing(pytester: pytest.Pytester, judge: Judge, changes: Path) -> None:
    """A store without get_tokens fails SHAPE-2, and is not touched."""
    pytester.makepyfile(mypkg=KEEPER.format(file=str(changes)) + "    get_tokens = None\n")

    result = judge("--tokenstore=mypkg:MyStore")

    result.stdout.fnmatch_lines(["SHAPE-2 (MUST)", "  got       get_tokens() is missing"])
    assert not changes.exists()


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_the_end_of_a_factory_without_a_listing(
    pytester: pytest.Pytester, changes: Path, end: str
) -> None:
    """If nothing can be listed, no clean-up runs: it is unknown what it would delete."""
    source = f"{KEEPER.format(file=str(changes))}    get_tokens = None\n"
    pytester.makepyfile(mypkg=f"{source}\ndef store():\n    made = MyStore()\n{end}")

    result = pytester.runpytest_subprocess("--tokenstore=mypkg:store")

    result.stdout.fnmatch_lines(["SHAPE-2 (MUST)", "  got       get_tokens() is missing"])
    assert not changes.exists()


class TestWipe:
    """--tokenstore-wipe"""

    @pytest.mark.slow
    def test_filled_store(self, judge: Judge, changes: Path) -> None:
        """A filled store is emptied and judged."""
        result = judge("--tokenstore=mypkg:MyStore", "--tokenstore-wipe", "-k", "SAVE-1[ or LIST")

        result.assert_outcomes(passed=3, deselected=CLAUSES - 3)
        assert changes.read_text() == "deleted"

    def test_unreadable_store(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """A store that cannot say whether it is empty is judged, and fails LIST-1."""
        pytester.makepyfile(mypkg=f"{GOOD}\n    def get_tokens(self):\n        raise ValueError")

        result = judge("--tokenstore=mypkg:MyStore", "--tokenstore-wipe", "-k", "LIST")

        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(["LIST-1 (MUST)"])

    def test_store_that_cannot_be_emptied(
        self, pytester: pytest.Pytester, judge: Judge, changes: Path
    ) -> None:
        """A filled store that does not delete anything is still refused."""
        never = "    delete_tokens = delete_token = lambda self, *_: None\n"
        pytester.makepyfile(mypkg=KEEPER.format(file=str(changes)) + never)

        result = judge("--tokenstore=mypkg:MyStore", "--tokenstore-wipe")

        refused(result, "*it holds 1 token, and neither delete_tokens nor delete_token removes*")

    def test_every_store_is_filled(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """A target that fills each store that it builds is judged: each is emptied first."""
        pytester.makepyfile(
            mypkg=f"{GOOD}\nfrom zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import "
            "OAuthToken\ndef store():\n    made = MyStore()\n"
            "    made.save_token(OAuthToken(access_token='seed'))\n    return made"
        )

        result = judge("--tokenstore=mypkg:store", "--tokenstore-wipe", "-k", "SAVE-1[ or LIST")

        result.assert_outcomes(passed=3, deselected=CLAUSES - 3)


class TestShared:
    """Stores that share one storage, wherever they are built."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "source",
        [
            pytest.param(SHARED, id="class attribute"),
            pytest.param(
                "from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore\n"
                "def MyStore():\n    return SQLiteStore({file!r})\n",
                id="absolute path",
            ),
        ],
    )
    def test_is_emptied_between_the_clauses(
        self, pytester: pytest.Pytester, judge: Judge, source: str
    ) -> None:
        """Each clause begins with an empty store, and the last leaves it empty."""
        pytester.makepyfile(mypkg=source.replace("{file!r}", repr(str(pytester.path / "my.db"))))
        some = ("--tokenstore=mypkg:MyStore", "-k", "SHAPE or LIST or SAVE-6[ or FIND-6")

        judge(*some).assert_outcomes(passed=8, deselected=CLAUSES - 8)
        judge(*some).assert_outcomes(passed=8, deselected=CLAUSES - 8)

    def test_is_emptied_if_only_one_can_be_open(
        self, pytester: pytest.Pytester, judge: Judge
    ) -> None:
        """If no second store can be opened to find out, the stores count as shared."""
        one_at_a_time = (
            "\nopened = []\ndef store():\n    assert not opened, 'another one is open'\n"
            "    opened.append(1)\n    yield MyStore()\n    opened.clear()\n"
        )
        pytester.makepyfile(mypkg=SHARED + one_at_a_time)

        result = judge("--tokenstore=mypkg:store", "-k", "SAVE-1[ or LIST-1 or FIND-6[")

        result.assert_outcomes(passed=3, deselected=CLAUSES - 3)

    def test_that_cannot_be_emptied(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """If nothing can be deleted, no clause could begin. One line refuses the target."""
        never = "    delete_tokens = delete_token = lambda self, *_: None\n"
        pytester.makepyfile(mypkg=SHARED + never)

        refused(judge("--tokenstore=mypkg:MyStore"), "*its stores share one storage, and neither *")

    def test_namespace_is_left_empty(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """What was saved under a namespace on a server is deleted at the end of the test."""
        pytester.makepyfile(
            mypkg=f"{GOOD}\nimport atexit, collections, pathlib\n"
            "server = collections.defaultdict(MyStore)\n"
            "def store(namespace):\n    yield server[namespace]\n"
            "    left = sum(len(each.get_tokens()) for each in server.values())\n"
            f"    pathlib.Path({str(pytester.path / 'left')!r}).write_text(str(left))\n"
        )

        judge("--tokenstore=mypkg:store", "-k", "SAVE-6[").assert_outcomes(
            passed=1, deselected=CLAUSES - 1
        )

        assert (pytester.path / "left").read_text() == "0"
