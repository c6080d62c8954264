"""Where a failure is shown: at a line of the user's repository, never of the kit or a library."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.drivers.pytest_run import Judge

RAISES = """
from reference_stores.zohocrmsdk.memory_store import InMemoryStore


class MyStore(InMemoryStore):
    def find_token_by_id(self, id):
        found = super().find_token_by_id(id)
        if found is None:
            raise KeyError(id)
        return found
"""


def location(pytester: pytest.Pytester, judge: Judge, *options: str) -> Any:
    """Return the place where the report shows the failure of BYID-2."""
    judge("--tokenstore-report=it.json", "-k", "BYID-2", *options)
    (store,) = json.loads((pytester.path / "it.json").read_text("utf-8"))["stores"]
    (failed,) = [each for each in store["clauses"] if each["status"] == "failed"]
    return failed["location"]


def test_as_seen_from_the_repository(
    pytester: pytest.Pytester, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is relative to the repository, wherever in it pytest is started."""
    (pytester.path / ".git").mkdir()
    below = pytester.mkdir("backend")
    (below / "mypkg.py").write_text(RAISES)
    monkeypatch.chdir(below)

    judge("--tokenstore=mypkg:MyStore", "--tokenstore-report=it.json", "-k", "BYID-2")

    (store,) = json.loads((below / "it.json").read_text("utf-8"))["stores"]
    (failed,) = [each for each in store["clauses"] if each["status"] == "failed"]
    assert failed["location"]["file"] == "backend/mypkg.py"


def test_a_store_that_inherits_its_fault(pytester: pytest.Pytester, judge: Judge) -> None:
    """If the line is in a library, the failure is shown at the user's class."""
    pytester.makepyfile(
        mypkg="from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore\n\n\n"
        "class MyStore(FileStore):\n    def __init__(self):\n        super().__init__('t.txt')\n"
    )

    found = location(pytester, judge, "--tokenstore=mypkg:MyStore")

    assert (found["file"], found["line"]) == ("mypkg.py", 4)


def test_a_store_that_is_not_the_users(pytester: pytest.Pytester, judge: Judge) -> None:
    """A store of an installed package has no place in the user's repository."""
    assert location(pytester, judge, "--tokenstore=sdk-file") is None
