"""Any answer of a store is data: the kit continues, and a clause says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.in_process import judge_of
from tests.drivers.verdicts import data
from tests.hostile_values import VALUES
from tests.mutants import CALL_BY_CALL, GENERATIONS
from tokenstore_conformance.contract import contract_of
from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.judging.result_data import as_data, from_data
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.report import gitlab, html, markdown, sarif
from tokenstore_conformance.report.scripts.reproduction import reproduction
from tokenstore_conformance.report.terminal import block
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import Target

WRITES = ("from save_token", "from delete_token", "from delete_tokens")

OPEN = ("field id", "field redirect_url", *WRITES)
"""Places where the contract of zcrmsdk 3 demands nothing: its own stores keep no redirect URL."""

RIGHT = [("none", place) for place in WRITES]
"""Values, by name, that the contract of zohocrmsdk asks for, each with its place."""

QUICK = (*CALL_BY_CALL, "SEC", "HOST")
"""The families that take little time."""


def answering_in_a_field(generation: str, field: str, value: Any) -> type:
    """Return a store that answers with this value in one field of each token."""
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
    """Return a store with one method that does its work and returns this value."""
    honest = import_module(f"tests.correct.{generation}.honest").Honest

    def answer(self: Any, *arguments: Any) -> Any:
        getattr(honest, method)(self, *arguments)
        return value

    return type("Odd", (honest,), {method: answer})


def listing(generation: str, value: Any) -> type:
    """Return a store that lists this value after its tokens, once there are any."""
    honest = import_module(f"tests.correct.{generation}.honest").Honest

    class Odd(honest):
        def get_tokens(self):
            tokens = super().get_tokens()
            return [*tokens, value] if tokens else []

    return Odd


def raising(generation: str, value: Any) -> type:
    """Return a store that raises an exception with this value when it finds nothing."""
    honest = import_module(f"tests.correct.{generation}.honest").Honest

    class Odd(honest):
        def _miss(self, token):
            raise LookupError(value)

    return Odd


def places(generation: str) -> dict[str, Callable[[Any], type]]:
    """Return the places where a value can be, by name, each with what makes such a store."""
    fields = import_module(f"tests.correct.{generation}.honest").FIELDS
    methods = open_door(generation).methods
    return {
        **{f"field {f}": (lambda v, f=f: answering_in_a_field(generation, f, v)) for f in fields},
        **{f"from {m}": (lambda v, m=m: returning(generation, m, v)) for m in methods},
        "in the listing": lambda v: listing(generation, v),
        "in an exception": lambda v: raising(generation, v),
    }


def judged(store: type, generation: str, directory: Path, families: Iterable[str]) -> Verdict:
    """Return the verdict on some families. Only their clauses can explain a failure."""
    clauses = [each.id for each in contract_of(generation).clauses if each.family in families]
    judge = judge_of(store, directory, clauses=clauses, examples=3)
    verdict = Verdict("odd", None, generation=generation)
    for clause in clauses:
        verdict.add(judge.judge(clause))
    return verdict


def whole_reports(verdict: Verdict, generation: str, directory: Path) -> None:
    """Assert that every report can be written, and that results can be sent between processes."""
    door = open_door(generation)
    target = Target("odd", "tests", "Odd", dict, ())
    for clause, result in verdict.results():
        sent = json.loads(json.dumps(as_data(result), allow_nan=False).encode("utf-8"))
        assert from_data(sent).message == result.message
        compile(reproduction(result, clause, target, door, directory), "script", "exec")
        result.message.encode("utf-8")
    report = json.loads(json.dumps(data(verdict), allow_nan=False))
    for each in (html, markdown, sarif, gitlab):
        each.text(report).encode("utf-8")
    "\n".join(line for line, _ in block(verdict, 80)).encode("utf-8")


def cases() -> Iterator[Any]:
    """Yield each value in every place. All but one place of one generation are nightly."""
    for number, generation in enumerate(GENERATIONS):
        there = list(places(generation))
        for row, name in enumerate(VALUES):
            for column, place in enumerate(there):
                every_run = column == row % len(there) and row % len(GENERATIONS) == number
                yield pytest.param(
                    generation,
                    place,
                    name,
                    id=f"{generation}-{name}-{place}".replace(" ", "-"),
                    marks=() if every_run else pytest.mark.nightly,
                )


@pytest.mark.slow
@pytest.mark.parametrize(("generation", "place", "name"), list(cases()))
def test_every_answer_is_data(generation: str, place: str, name: str, tmp_path: Path) -> None:
    """The kit does not fail, the reports are whole, and a clause fails. A write may return None."""
    store = places(generation)[place](VALUES[name])

    verdict = judged(store, generation, tmp_path, QUICK)

    is_right = place in OPEN if generation == "zcrmsdk" else (name, place) in RIGHT
    if not is_right:
        assert [clause.id for clause, result in verdict.results() if result.failed]
    whole_reports(verdict, generation, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["raising", "equal to all", "nan", "lone surrogate"])
@pytest.mark.parametrize("generation", GENERATIONS)
def test_races_and_sequences_take_every_answer(generation: str, name: str, tmp_path: Path) -> None:
    """The answers that threads get are data, too."""
    store = places(generation)["field access_token"](VALUES[name])

    verdict = judged(store, generation, tmp_path, ("SEQ", "THR"))

    found = {clause.id: result.status for clause, result in verdict.results()}
    assert found["SEQ-1"] is found["THR-3"] is Status.FAILED
    assert found["THR-2"] in (Status.FAILED, Status.NOT_JUDGED)  # SEQ-1 may explain it
    whole_reports(verdict, generation, tmp_path)


def test_the_type_of_a_field_fails_one_clause(tmp_path: Path) -> None:
    """A field with the right text but another type fails only the clause that names it."""

    class Url:
        def __init__(self, text: str) -> None:
            self.text = text

        def __str__(self) -> str:
            return self.text

    honest = import_module("tests.correct.zohocrmsdk.honest")

    class Odd(honest.Honest):
        def get_tokens(self):
            tokens = super().get_tokens()
            for token in tokens:
                if token.get_redirect_url():
                    token.set_redirect_url(Url(token.get_redirect_url()))
            return tokens

    verdict = judged(Odd, "zohocrmsdk", tmp_path, (*QUICK, "SEQ"))

    failed = {clause.id: result for clause, result in verdict.results() if result.failed}
    assert list(failed) == ["DATA-1"]
    assert "put str() around it" in failed["DATA-1"].message
    assert "redirect_url" in failed["DATA-1"].message


def test_exceptions_that_cause_one_another(tmp_path: Path) -> None:
    """A store can raise exceptions that cause each other. The kit stops following them."""

    class Circle(import_module("tests.correct.zohocrmsdk.honest").Honest):
        def _miss(self, token):
            first, second = KeyError("first"), KeyError("second")
            first.__cause__, second.__cause__ = second, first
            raise first

    verdict = judged(Circle, "zohocrmsdk", tmp_path, QUICK)

    assert [clause.id for clause, result in verdict.results() if result.failed]
    whole_reports(verdict, "zohocrmsdk", tmp_path)
