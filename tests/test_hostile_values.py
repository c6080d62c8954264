"""Whatever a store answers with is data: the kit goes on, and a clause says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.in_process import judge_of
from tests.hostile_values import VALUES
from tests.mutants import GENERATIONS
from tokenstore_conformance.judging.result import as_data, from_data
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.report.json_file import report
from tokenstore_conformance.report.script import reproduction
from tokenstore_conformance.report.terminal import _block
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import Target

RETURNING = {
    "zohocrmsdk": ("find_token", "find_token_by_id", "get_tokens"),
    "zcrmsdk": ("get_token", "get_tokens"),
}
"""The methods whose answers are used; those of the others are judged by SHAPE-3."""


def answering_in_a_field(generation: str, field: str, value: Any) -> type:
    """A store that answers with this value in one field of each token."""
    honest = import_module(f"tests.correct.{generation}.honest")

    def put(token: Any) -> Any:
        if generation == "zohocrmsdk" and field == "user":
            token.set_user_signature(honest.UserSignature(value))
        else:
            honest.set_field(token, field, value)
        return token

    class Odd(honest.Honest):
        def _token(self, record):
            return put(super()._token(record))

        def _fill(self, token, record):
            return put(super()._fill(token, record))

        def _tell(self, token, record):
            super()._tell(token, record)
            if field == "id" and hasattr(token, "set_id"):
                token.set_id(value)

    return Odd


def returning(generation: str, method: str, value: Any) -> type:
    """A store of which one method does its work and returns this value."""
    honest = import_module(f"tests.correct.{generation}.honest").Honest

    def answer(self: Any, *arguments: Any) -> Any:
        getattr(honest, method)(self, *arguments)
        return value

    return type("Odd", (honest,), {method: answer})


def listing(generation: str, value: Any) -> type:
    """A store that lists this value beside its tokens, once there are any."""
    honest = import_module(f"tests.correct.{generation}.honest").Honest

    class Odd(honest):
        def get_tokens(self):
            tokens = super().get_tokens()
            return [*tokens, value] if tokens else []

    return Odd


def raising(generation: str, value: Any) -> type:
    """A store whose misses raise an exception that says this value."""
    honest = import_module(f"tests.correct.{generation}.honest").Honest

    class Odd(honest):
        def _miss(self, token):
            raise LookupError(value)

    return Odd


def places(generation: str) -> dict[str, Callable[[Any], type]]:
    """Where a value can be, by name."""
    fields = import_module(f"tests.correct.{generation}.honest").FIELDS
    methods = open_door(generation).methods
    return {
        **{f"field {f}": (lambda v, f=f: answering_in_a_field(generation, f, v)) for f in fields},
        **{f"from {m}": (lambda v, m=m: returning(generation, m, v)) for m in methods},
        "in the listing": lambda v: listing(generation, v),
        "in an exception": lambda v: raising(generation, v),
    }


def judged(store: type, generation: str, directory: Path, *, but: tuple[str, ...]) -> Verdict:
    """The whole verdict, but some families."""
    judge = judge_of(store, directory, examples=3)
    verdict = Verdict("odd", None, generation=generation)
    for id, clause in judge.clauses.items():
        if clause.family not in but:
            verdict.add(judge.judge(id))
    return verdict


def whole_reports(verdict: Verdict, generation: str, directory: Path) -> None:
    """Every report can be written of it, and what is sent between processes comes back."""
    door = open_door(generation)
    target = Target("odd", "tests", "Odd", dict, ())
    for clause, result in verdict.results():
        sent = json.loads(json.dumps(as_data(result), allow_nan=False).encode("utf-8"))
        assert from_data(sent).message == result.message
        compile(reproduction(result, clause, target, door, directory), "script", "exec")
        result.message.encode("utf-8")
    json.dumps(report([verdict]), allow_nan=False)
    "\n".join(line for line, _ in _block(verdict, 80)).encode("utf-8")


CASES = [
    pytest.param(generation, place, name, id=f"{generation}-{place}-{name}".replace(" ", "-"))
    for generation in GENERATIONS
    for place in places(generation)
    for name in VALUES
]


@pytest.mark.parametrize(("generation", "place", "name"), CASES)
def test_every_answer_is_data(generation: str, place: str, name: str, tmp_path: Path) -> None:
    """No error of the kit, whole reports, and a clause that fails."""
    store = places(generation)[place](VALUES[name])

    verdict = judged(store, generation, tmp_path, but=("DUR", "ERR", "THR", "RES", "SEQ"))

    failed = [clause.id for clause, result in verdict.results() if result.failed]
    assert failed
    whole_reports(verdict, generation, tmp_path)
