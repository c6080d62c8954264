"""A failure is shown at a line of the store, never at one of the kit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.drivers.pytest_run import FORGETFUL, GOOD, Judge

WRONG_ANSWER = f"""{GOOD}
    def find_token_by_id(self, id):
        return None
"""

ANSWERS_TO_EVERY_NAME = f"""{GOOD}
    class Anything:
        def __getattr__(self, name):
            return type(self)()

        def __call__(self, *arguments):
            return None

    find_token_by_id = Anything()
"""


def location(pytester: pytest.Pytester, judge: Judge, source: str, clause: str) -> Any:
    pytester.makepyfile(mypkg=source)
    judge("--tokenstore=mypkg:MyStore", "--tokenstore-report=v.json", "-k", f"{clause}[")
    (store,) = json.loads((pytester.path / "v.json").read_text("utf-8"))["stores"]
    return next(each["location"] for each in store["clauses"] if each["id"] == clause)


def test_the_line_that_raised(pytester: pytest.Pytester, judge: Judge) -> None:
    """If the store raised, the location is the last line of the store in the traceback."""
    found = location(pytester, judge, FORGETFUL, "BYID-2")

    assert found == {"file": "mypkg.py", "line": 10, "function": "find_token_by_id"}


def test_the_method_that_was_called_last(pytester: pytest.Pytester, judge: Judge) -> None:
    """If the answer is wrong, the location is the method that gave it."""
    found = location(pytester, judge, WRONG_ANSWER, "BYID-1")

    assert found["function"] == "find_token_by_id"
    assert found["line"] == 1 + WRONG_ANSWER.strip().splitlines().index(
        "    def find_token_by_id(self, id):"
    )


def test_an_object_that_answers_to_every_name(pytester: pytest.Pytester, judge: Judge) -> None:
    """If a method is not a function, the report names the line of the class."""
    found = location(pytester, judge, ANSWERS_TO_EVERY_NAME, "BYID-1")

    assert found["file"].endswith(".py")
