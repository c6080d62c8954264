"""No false alarms: correct stores that are built in very different ways keep every clause."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.in_process import judge_of, outcomes
from tests.mutants import CALL_BY_CALL, GENERATIONS
from tokenstore_conformance.contract import contract_of
from tokenstore_conformance.sdk import open_door

REFERENCE = {
    "list_store": "ListStore",
    "memory_store": "InMemoryStore",
    "sqlite_store": "SQLiteStore",
}
"""The reference stores, by file name."""


def stores(generation: str) -> list[type]:
    """Return the correct stores of a generation: of all kinds, and the reference stores."""
    honest = import_module(f"tests.correct.{generation}.honest")
    reference = [
        getattr(import_module(f"reference_stores.{generation}.{file}"), name)
        for file, name in REFERENCE.items()
    ]
    return [honest.Honest, honest.HonestFile, *reference, *others(generation)]


def others(generation: str) -> list[type]:
    """Return the correct stores of all other kinds."""
    found: list[type] = import_module(f"tests.correct.{generation}").correct_stores()
    return found


IN_EVERY_RUN = ("Honest", "ListStore", "InMemoryStore")
"""The small stores. The others are slow, and those that use dbm take a minute."""


def marks(store: type) -> list[pytest.MarkDecorator]:
    if store.__name__ in ("Shelf", "Dbm"):
        return [pytest.mark.nightly]
    return [] if store.__name__ in IN_EVERY_RUN else [pytest.mark.slow]


STORES = [(generation, store) for generation in GENERATIONS for store in stores(generation)]
"""Every correct store, with its generation."""


def one_in(count: int) -> list[Any]:
    """Return every correct store as parameters. The small ones are in every run. Of the others,
    all but about one in ``count`` are nightly.
    """
    return [
        pytest.param(
            generation,
            store,
            id=f"{generation}-{store.__name__}",
            marks=[
                *marks(store),
                *([pytest.mark.nightly] if number % count and marks(store) else []),
            ],
        )
        for number, (generation, store) in enumerate(STORES)
    ]


PARAMS = one_in(5)


def broken_shoulds(store: type) -> set[str]:
    """Return the SHOULD clauses that a store says it does not keep."""
    return set(getattr(store, "breaks_should", ()))


def without_ids(generation: str) -> bool:
    """Whether tokens have no ids in the installed distribution, as in zcrmsdk 3."""
    return generation == "zcrmsdk" and not open_door(generation).by_id


@pytest.mark.parametrize(("generation", "store"), PARAMS)
def test_a_correct_store_is_never_blamed(generation: str, store: type, tmp_path: Path) -> None:
    """It fails only SHOULD clauses that it says it does not keep. Only ids may be skipped."""
    judge = judge_of(store, tmp_path)

    failed = outcomes(judge, CALL_BY_CALL, "failed")
    skipped = outcomes(judge, CALL_BY_CALL, "skipped")

    about_ids = {id for id, clause in judge.clauses.items() if clause.family == "BYID"}
    about_ids.add("SAVE-29")
    assert failed == broken_shoulds(store) - {"SDK-11", "SEC-1"}
    assert skipped == (about_ids if without_ids(generation) else set())


@pytest.mark.slow
@pytest.mark.parametrize(("generation", "store"), one_in(4))
def test_a_program_finds_no_fault(generation: str, store: type, tmp_path: Path) -> None:
    """The SDK works with it. It gives no secret away, leaves nothing open, and works anywhere.

    SEC-2 does not apply to a store that creates no file.
    """
    judge = judge_of(store, tmp_path)
    others = ("SEC", "RES", "HOST")
    families = others if generation == "zohocrmsdk" else ("SDK", *others)

    failed = outcomes(judge, families, "failed")
    skipped = outcomes(judge, families, "skipped")

    assert skipped - {"SEC-2"} == ({"SDK-4"} if without_ids(generation) else set())
    assert failed == broken_shoulds(store) & {"SDK-11", "SEC-1"}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_what_a_correct_store_breaks_is_a_should(generation: str) -> None:
    """No correct store breaks a MUST."""
    should = {each.id for each in contract_of(generation).clauses if each.level == "SHOULD"}

    assert set().union(*map(broken_shoulds, others(generation))) <= should


@pytest.mark.parametrize(("generation", "store"), [each for each in PARAMS if not each.marks])
def test_sequences_blame_no_honest_store(generation: str, store: type, tmp_path: Path) -> None:
    """The model agrees with the smallest correct stores."""
    assert judge_of(store, tmp_path, examples=20).judge("SEQ-1").outcome == "passed"


@pytest.mark.slow
@pytest.mark.parametrize(("generation", "store"), one_in(5))
def test_long_sequences_blame_no_correct_store(
    generation: str, store: type, tmp_path: Path
) -> None:
    """The model agrees with every correct store over the default number of sequences."""
    assert judge_of(store, tmp_path).judge("SEQ-1").outcome == "passed"
