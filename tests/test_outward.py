"""The moments at which a save can be stopped: before calls that leave the process, no others."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tokenstore_conformance.processes.outward import is_outward, outward_calls


def calls_of(work, monkeypatch, tmp_path: Path) -> list[str]:
    """Return the outward calls that ``work`` makes, in order."""
    monkeypatch.chdir(tmp_path)
    places: list[str] = []
    with outward_calls(lambda number, place: places.append(str(place()))):
        work()
    return [place.rpartition("before ")[2] for place in places]


def rewrite() -> None:
    with open("tokens.json", "w") as file:
        file.write(json.dumps({"anna": "token"}))


def rewrite_in_one_line() -> None:
    Path("tokens.json").write_text("token")


def insert() -> None:
    connection = sqlite3.connect(":memory:")
    with connection:
        connection.execute("CREATE TABLE tokens (id TEXT)")
    connection.close()


def compute() -> None:
    sorted({str(each): json.dumps([each]) for each in range(3)})


def test_a_file_that_is_rewritten_is_seen_at_every_step(monkeypatch, tmp_path):
    """There is a moment between the opening, which empties the file, and the writing."""
    assert calls_of(rewrite, monkeypatch, tmp_path) == [
        "open",
        "TextIOWrapper.write",
        "TextIOWrapper.__exit__",
    ]


def test_the_standard_library_is_looked_into(monkeypatch, tmp_path):
    """A line of the store can be many steps of a library: `write_text` opens, writes and closes."""
    calls = calls_of(rewrite_in_one_line, monkeypatch, tmp_path)

    assert "TextIOWrapper.write" in calls
    assert calls.index("TextIOWrapper.write") > 0


def test_the_end_of_a_transaction_is_a_step(monkeypatch, tmp_path):
    """`with connection` commits when the block ends."""
    calls = calls_of(insert, monkeypatch, tmp_path)

    assert calls == [
        "connect",
        "Connection.execute",
        "Connection.__exit__",
        "Connection.close",
    ] or calls[-3:] == ["Connection.execute", "Connection.__exit__", "Connection.close"]


def test_computing_is_no_step(monkeypatch, tmp_path):
    """Calls that no other process could notice are not counted."""
    assert calls_of(compute, monkeypatch, tmp_path) == []


@pytest.mark.parametrize(
    ("called", "outward"),
    [(open, True), (print, True), (len, False), ({}.get, False), ("".join, False)],
    ids=["open", "print", "len", "dict.get", "str.join"],
)
def test_a_call_is_known_by_what_it_belongs_to(called, outward):
    """Calls on files and databases are outward; calls on strings, lists and mappings are not."""
    assert is_outward(called) is outward


def test_a_place_names_the_line_of_the_program(monkeypatch, tmp_path):
    """It is not the line of the library that makes the call."""
    places: list[str] = []
    monkeypatch.chdir(tmp_path)
    with outward_calls(lambda number, place: places.append(str(place()))):
        rewrite_in_one_line()

    assert {place.partition(":")[0] for place in places} == {"test_outward.py"}
