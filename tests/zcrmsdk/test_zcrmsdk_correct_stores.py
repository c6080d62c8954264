"""No false alarm: correct stores of very different construction keep every clause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zcrmsdk", reason="the five-method contract needs its SDK")

from reference_stores.zcrmsdk.list_store import ListStore
from reference_stores.zcrmsdk.memory_store import InMemoryStore
from reference_stores.zcrmsdk.sqlite_store import SQLiteStore
from tests.zcrmsdk.in_process import FAMILIES, judge_of, outcomes
from tests.zcrmsdk.stores.correct import CORRECT
from tests.zcrmsdk.stores.honest import Honest, HonestFile
from tokenstore_conformance.contract import contract_of
from tokenstore_conformance.sdk import open_door

REFERENCE = [ListStore, InMemoryStore, SQLiteStore]
CLAUSES = contract_of("zcrmsdk").clauses

STORES = [*CORRECT, *REFERENCE]

ABOUT_IDS = {each.id for each in CLAUSES if each.family == "BYID"} | {"SDK-4"}


def param(store: type) -> Any:
    """The honest and the reference stores are for every run, the others are for a nightly one."""
    marks = [] if store in (Honest, HonestFile, *REFERENCE) else [pytest.mark.nightly]
    return pytest.param(store, id=store.__name__, marks=marks)


@pytest.mark.parametrize("store", STORES, ids=lambda each: each.__name__)
def test_a_correct_store_is_never_blamed(store: type, tmp_path: Path) -> None:
    """It fails just the SHOULD clauses that it says it does not keep, and nothing is skipped."""
    judge = judge_of(store, tmp_path)

    failed = outcomes(judge, (*FAMILIES, "SDK", "SEC"), "failed")

    assert failed == set(getattr(store, "breaks_should", ()))
    skipped = outcomes(judge, (*FAMILIES, "SDK", "SEC"), "skipped")
    assert skipped == (set() if open_door("zcrmsdk").by_id else ABOUT_IDS)


@pytest.mark.parametrize("store", list(map(param, STORES)))
def test_a_correct_store_leaves_nothing_open(store: type, tmp_path: Path) -> None:
    """A file or a connection that is closed in time is not held against it."""
    assert judge_of(store, tmp_path).judge("RES-1").outcome == "passed"


def test_what_a_store_may_break_is_a_should() -> None:
    """No correct store breaks a MUST."""
    should = {clause.id for clause in CLAUSES if str(clause.level) == "SHOULD"}

    assert {id for store in CORRECT for id in getattr(store, "breaks_should", ())} <= should


@pytest.mark.parametrize("store", [Honest, HonestFile, *REFERENCE], ids=lambda each: each.__name__)
def test_sequences_blame_no_correct_store(store: type, tmp_path: Path) -> None:
    """The model agrees with a correct store."""
    assert judge_of(store, tmp_path, examples=20).judge("SEQ-1").outcome == "passed"


@pytest.mark.nightly
@pytest.mark.parametrize("store", STORES, ids=lambda each: each.__name__)
def test_long_sequences_blame_no_correct_store(store: type, tmp_path: Path) -> None:
    """The model agrees with every correct store over the default number of sequences."""
    assert judge_of(store, tmp_path).judge("SEQ-1").outcome == "passed"
