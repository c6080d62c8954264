"""THR, DUR and ERR: correct stores are not blamed, and faults are shown and found every time.

Mutants with faults in these capabilities are judged with the others, in test_mutants.py.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.in_process import judge_of, outcomes
from tests.mutants import CAPABILITIES as FAMILIES
from tests.mutants import GENERATIONS
from tokenstore_conformance.contract import CAPABILITIES
from tokenstore_conformance.report.intervals import as_lines

PLACES = {
    "SQLiteStore": "reference_stores.{}.sqlite_store",
    "InMemoryStore": "reference_stores.{}.memory_store",
    "ListStore": "reference_stores.{}.list_store",
    "HonestFile": "tests.correct.{}.honest",
    "Locked": "tests.correct.{}.capable",
    "InFile": "tests.correct.{}.capable",
    "ServesFromMemory": "tests.correct.{}.capable",
    "RefusesWhenBusy": "tests.correct.{}.capable",
    "InADatabase": "tests.correct.{}.capable",
    "OneProcess": "tests.correct.{}.capable",
    "Unlocked": "tests.mutants.{}.threads",
    "WritesInPlace": "tests.mutants.{}.files",
}
"""The module of each store, for a generation."""

each_generation = pytest.mark.parametrize("generation", GENERATIONS)


def store_of(generation: str, name: str) -> type:
    """Return the store of a generation that has this name."""
    found: type = getattr(import_module(PLACES[name].format(generation)), name)
    return found


def each_store(every_run: tuple[str, ...], nightly: tuple[str, ...] = ()) -> pytest.MarkDecorator:
    """Run a test with these stores of each generation, with ``nightly`` ones only at night."""
    params: list[Any] = [
        pytest.param(
            store_of(generation, name),
            id=f"{generation}-{name}",
            marks=[pytest.mark.nightly] if name in nightly else [],
        )
        for generation in GENERATIONS
        for name in (*every_run, *nightly)
        if (generation, name) != ("zohocrmsdk", "InADatabase")
    ]
    return pytest.mark.parametrize("store", params)


@pytest.mark.slow
@each_store(
    ("Locked",),
    ("InMemoryStore", "ListStore", "SQLiteStore", "InFile", "ServesFromMemory", "InADatabase"),
)
def test_what_is_right_is_not_blamed(store: type, tmp_path: Path) -> None:
    """Every clause on what the store can do passes, and the others do not apply."""
    judge = judge_of(store, tmp_path)

    failed = outcomes(judge, FAMILIES, "failed")
    skipped = {judge.clauses[id].capability for id in outcomes(judge, FAMILIES, "skipped")}

    all_of_them = CAPABILITIES if store.__name__ == "SQLiteStore" else ("threads",)
    assert failed == set()
    assert skipped == set(CAPABILITIES) - set(getattr(store, "has", all_of_them))


@each_store(("InFile", "ServesFromMemory", "InADatabase"))
def test_files_and_outages_blame_no_right_store(store: type, tmp_path: Path) -> None:
    """A store that continues from memory and one that refuses every call are both correct."""
    judge = judge_of(store, tmp_path)

    assert outcomes(judge, ("ERR",), "passed") == {"ERR-1", "ERR-2"}
    assert judge.judge("DUR-1").outcome == "passed"


@pytest.mark.slow
@each_store(("RefusesWhenBusy",))
def test_a_save_may_be_refused_after_a_wait(store: type, tmp_path: Path) -> None:
    """A store that refuses a save, and stores the login when it is saved again, loses nothing."""
    judged = judge_of(store, tmp_path, clauses=["DUR-2"])

    assert judged.judge("DUR-2").outcome == "passed"


@pytest.mark.slow
def test_a_process_that_is_stopped_may_hold_what_another_one_waits_for(tmp_path: Path) -> None:
    """It holds a shared lock from a read before the save, but continues before others give up."""
    store: Any = import_module("tests.correct.zohocrmsdk.databases").LooksBeforeItSaves

    judge = judge_of(store, tmp_path)

    assert outcomes(judge, FAMILIES, "failed") == set()


@each_store(("OneProcess",))
def test_a_store_for_one_process_at_a_time_is_durable(store: type, tmp_path: Path) -> None:
    """It holds its tokens after a restart and a kill. Only clauses about several processes fail."""
    judge = judge_of(store, tmp_path)

    assert outcomes(judge, ("DUR",), "passed") == {"DUR-1", "DUR-3", "DUR-4"}
    assert outcomes(judge, ("DUR",), "failed") == {"DUR-2"}
    assert judge.judge("DUR-2").effect == "cannot be opened by several processes at once"
    assert judge.judge("DUR-5").causes == ("DUR-2",)


@each_store(("InMemoryStore",))
def test_what_does_not_apply_says_why(store: type, tmp_path: Path) -> None:
    """A store in memory is not durable, and has no backend that the kit could take down."""
    judge = judge_of(store, tmp_path)

    assert judge.judge("DUR-1").message.startswith("not durable: ")
    assert judge.judge("ERR-1").message.startswith("the kit cannot cause an outage")


@each_store(("InFile",))
def test_what_a_store_alone_leaves_out_is_not_blamed_on_another(
    store: type, tmp_path: Path
) -> None:
    """DUR-4 asks for no deletion that the store does not make either while no other uses it."""
    deletes_nothing = type("DeletesNothing", (store,), {"_remove": lambda self, record: None})

    result = judge_of(deletes_nothing, tmp_path).judge("DUR-4")

    assert str(result.status) == "not-judged"
    assert "DEL-1" in result.causes


@each_store(("Unlocked",))
def test_the_history_of_threads_is_shown(store: type, tmp_path: Path) -> None:
    """The history shows where a thread was stopped, and each call with its interval and answer."""
    history = judge_of(store, tmp_path).judge("THR-2").history

    assert history is not None
    assert history.switches[0].thread == 0
    assert "get_tokens() -> [token(" in "\n".join(as_lines(history))


@pytest.mark.slow
@each_generation
@pytest.mark.parametrize(
    ("clause", "name"),
    [
        ("THR-2", "Unlocked"),
        ("DUR-3", "WritesInPlace"),
        pytest.param("THR-3", "Locked", marks=pytest.mark.nightly),
        pytest.param("DUR-2", "WritesInPlace", marks=pytest.mark.nightly),
    ],
)
def test_the_verdict_is_the_same_again(
    clause: str, name: str, generation: str, tmp_path: Path
) -> None:
    """The result does not depend on chance."""
    store = store_of(generation, name)

    first, second = (judge_of(store, tmp_path / each).judge(clause) for each in "ab")

    assert first.outcome == second.outcome
    assert first.expected == second.expected


@pytest.mark.slow
@each_store(("HonestFile",))
def test_the_sdks_own_way_of_writing_is_found(store: type, tmp_path: Path) -> None:
    """A file that is rewritten in place loses saves when processes share it or one is killed."""
    judge = judge_of(store, tmp_path)

    assert {"DUR-2", "DUR-3"} <= outcomes(judge, ("DUR",), "failed")


@pytest.mark.nightly
@each_generation
def test_the_unlocked_are_found_each_time(generation: str, tmp_path: Path) -> None:
    """The locked stores never fail: the kit does not blame a correct store by chance."""
    unlocked, locked = store_of(generation, "Unlocked"), store_of(generation, "Locked")

    found = [judge_of(unlocked, tmp_path / f"u{n}").judge("THR-2") for n in range(200)]
    right = [judge_of(locked, tmp_path / f"l{n}").judge("THR-2") for n in range(100)]

    assert {each.outcome for each in found} == {"failed"}
    assert {each.outcome for each in right} == {"passed"}
