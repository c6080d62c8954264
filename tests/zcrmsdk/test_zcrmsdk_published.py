"""The verdict on the older SDK's own FileStore is the one that the README explains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("zcrmsdk", reason="the five-method contract needs its SDK")

from tokenstore_conformance.judging.judge import Judge
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import resolve

README = Path(__file__).resolve().parents[2] / "README.md"


def test_file_store(tmp_path: Path) -> None:
    """It breaks just the clauses that stand in the table, in the column of this line."""
    door = open_door("zcrmsdk")
    judge = Judge(door, resolve("sdk-file", generation="zcrmsdk"), tmp_path)
    row = r"^\| (\S+-\d+) \| (\w+) \| (broken|kept) \| (broken|kept) \|"
    table = re.findall(row, README.read_text("utf-8"), re.M)

    results = {id: judge.judge(id) for id in judge.clauses}

    broken = {id for id, result in results.items() if result.outcome == "failed"}
    assert broken == {row[0] for row in table if row[3 if door.by_id else 2] == "broken"}
    assert {id: str(judge.clauses[id].level) for id in broken} == {
        row[0]: row[1] for row in table if row[0] in broken
    }
