"""The mutator makes the mutants that it should, and every survivor is accounted for."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.mechanical import account
from tests.mechanical.judging import Verdict
from tests.mechanical.mutants import Mutant, edited, mutants_of
from tests.mechanical.source import Source
from tests.mechanical.stores import STORES

ROOT: Final = Path(__file__).resolve().parent.parent

each_store = pytest.mark.parametrize("store", STORES, ids=lambda store: store.name)


def terms(text: str, kind: str) -> set[str]:
    """Return the changes that the edits of a kind make to a source, as the edits name them."""
    found = [term.partition(": ") for _, term, _ in edited(text)]
    return {what for each, _, what in found if each == kind}


def sources(text: str, kind: str) -> list[str]:
    """Return a source after each edit of a kind."""
    return [after for _, term, after in edited(text) if term.startswith(f"{kind}: ")]


EXPRESSIONS: Final = [
    ("comparison", "a == b", ["a == b -> a != b"]),
    ("comparison", "a is not b", ["a is not b -> a is b"]),
    ("comparison", "a not in b", ["a not in b -> a in b"]),
    ("comparison", "a < 2", ["a < 2 -> a <= 2"]),
    ("comparison", "(a := f()) is None", ["(a := f()) is None -> (a := f()) is not None"]),
    ("logic", "a and b", ["a and b -> a or b", "a and b -> b", "a and b -> a"]),
    ("logic", "a or (b and c)", ["a or (b and c) -> a and (b and c)", "b and c -> b"]),
    ("logic", "not (a or b)", ["not (a or b) -> (a or b)"]),
    ("condition", "if a: f()", ["if a -> True"]),
    ("condition", "if a: f()\nelse: g()", ["if a -> True", "if a -> False"]),
    ("condition", "a if b else c", ["a if b else c -> a", "a if b else c -> c"]),
    ("condition", "[a for a in b if c]", ["for ... if c -> True"]),
    ("constant", "f(1)", ["1 -> 2", "1 -> 0"]),
    ("constant", "a[-1]", ["-1 -> 0"]),
    ("constant", "f(5.0)", ["5.0 -> 0.0"]),
    ("constant", "f(0o600)", ["0o600 -> 0o640"]),
    ("constant", 'a == "b"', ["a == \"b\" -> 'xb'"]),
    ("call", "str(a)", ["str(a) -> a"]),
    ("call", "min(a, b)", ["min -> max"]),
    ("call", "not any(a)", ["any -> all"]),
    ("argument", "f(a, b=c)", ["f(b=c) -> f()"]),
    ("lock", "f(lock.acquire)", ["lock.acquire -> lock.release"]),
    ("order", "{**a, **b}", ["{**a, **b} -> {**b, **a}"]),
    ("order", 'a | {"b": c}', ['a | {"b": c} -> {"b": c} | a']),
    ("order", "f(lambda a: (b, c))", ["(b, c) -> (c,)", "(b, c) -> (b,)"]),
    ("exception", "try: f()\nexcept (A, B): pass", ["except A -> nothing", "except B -> nothing"]),
    ("element", 'T = ("a", "b")', ['T: "a" -> nothing', 'T: "b" -> nothing']),
    ("element", 'T = {"a": 1}', ['T: "a": 1 -> nothing']),
    ("field", 'def f(): return a["client_id"]', ['"client_id" -> "client_secret"']),
    ("field", "def f(): return a[GRANT_TOKEN]", ["GRANT_TOKEN -> REFRESH_TOKEN"]),
    ("field", "f(Token.get_id)", ["Token.get_id -> Token.get_refresh_token"]),
    ("field", 'f("WHERE grant_token = ?")', ["grant_token -> refresh_token"]),
]
"""Each item is a kind of edit, a source, and its changes; for logic and locks, some of them."""


@pytest.mark.parametrize(("kind", "text", "wanted"), EXPRESSIONS)
def test_a_term_has_others(kind: str, text: str, wanted: list[str]) -> None:
    """Each kind of edit changes the terms that it is about."""
    found = terms(text, kind)

    assert set(wanted) <= found
    assert kind in ("logic", "lock") or set(wanted) == found


SQL: Final = [
    ("f'{S} WHERE id = :id ORDER BY n'", "WHERE id = :id -> nothing"),
    ("f'{S} WHERE {key(a)} ORDER BY n'", "WHERE {key(a)} -> nothing"),
    ("'DELETE FROM t WHERE id = ?'", "= -> IS"),
    ("'DELETE FROM t WHERE id = ?'", "? -> ? COLLATE NOCASE"),
    ("'a = :a AND b = :b'", "AND -> OR"),
    ("'a = :a AND b = :b'", "a = :a AND -> nothing"),
    ("'a = :a AND b = :b'", "AND b = :b -> nothing"),
    ("'SELECT a FROM t ORDER BY n DESC LIMIT 1'", "ORDER BY n DESC -> nothing"),
    ("'SELECT a FROM t ORDER BY n DESC LIMIT 1'", "DESC -> nothing"),
    ("'SELECT a FROM t ORDER BY n DESC LIMIT 1'", "LIMIT 1 -> nothing"),
    ("'SELECT a FROM t ORDER BY rowid'", "rowid -> id"),
    ("'SELECT a FROM t ORDER BY rowid'", "ORDER BY rowid -> ORDER BY rowid DESC"),
    ("'SELECT MAX(n) FROM t'", "MAX -> MIN"),
    ("'UPDATE t SET a = COALESCE(:a, a)'", "COALESCE(:a, a) -> :a"),
    ("'UPDATE t SET a = COALESCE(:a, a)'", "COALESCE(:a, a) -> COALESCE(a, :a)"),
    ("'INSERT INTO t VALUES (:a)'", "INSERT INTO -> INSERT OR REPLACE INTO"),
    ("'CREATE INDEX i ON t (a)'", "CREATE INDEX -> CREATE UNIQUE INDEX"),
    ("'CREATE TABLE IF NOT EXISTS t (a)'", "IF NOT EXISTS -> nothing"),
    ("'CREATE TABLE t (id TEXT, PRIMARY KEY (id))'", ", PRIMARY KEY (id) -> nothing"),
    ("'CREATE TABLE t (id TEXT)'", "TEXT -> TEXT COLLATE NOCASE"),
    (
        "'CREATE TABLE t (n INTEGER PRIMARY KEY)'",
        "INTEGER PRIMARY KEY -> INTEGER PRIMARY KEY AUTOINCREMENT",
    ),
    ("'BEGIN IMMEDIATE'", "BEGIN IMMEDIATE -> BEGIN"),
    ("'PRAGMA journal_mode = DELETE'", "DELETE -> WAL"),
]


@pytest.mark.parametrize(("text", "wanted"), SQL)
def test_sql_has_other_terms(text: str, wanted: str) -> None:
    """Edits change the terms of SQL within a string."""
    assert wanted in terms(f"f({text})".replace("'", '"'), "sql")


def test_other_strings_have_no_terms_of_sql() -> None:
    """A message with "and" and "=" in it is not SQL."""
    assert terms('f("The token and the user = nothing")', "sql") == set()


LOCKED: Final = """\
def f():
    with lock:
        a()
        b()
"""


def test_a_lock_holds_for_less() -> None:
    """An edit drops the lock, releases it for a moment in between, or releases it early."""
    found = sources(LOCKED, "lock")

    assert found == [
        LOCKED.replace("with lock", "if True"),
        LOCKED.replace("        b()", "    with lock:\n        b()"),
        LOCKED.replace("        b()", "    if True:\n        b()"),
    ]


def test_a_transaction_is_not_one() -> None:
    """An edit replaces the transaction, so that nothing done within it is committed."""
    text = "with self._connect() as connection:\n    a(connection)\n"

    found = sources(text, "transaction")

    held = '__import__("contextlib").nullcontext(self._connect())'
    assert found == [text.replace("self._connect()", held)]


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("def f():\n    a()\n    b()\n", ["a()", "b()"]),
        ("def f(a):\n    a = 1\n    b = 2\n", ["a = 1"]),
        ("def f():\n    self.a = 1\n", ["self.a = 1"]),
        ("def f():\n    if a:\n        return b\n    return c\n", ["if a:", "return b"]),
        ("def f():\n    if a:\n        raise b\n", ["if a:", "raise b"]),
        ("def f():\n    '''Text.'''\n    yield a\n", []),
    ],
)
def test_a_statement_is_left_out(text: str, left_out: list[str]) -> None:
    """An edit leaves out a statement that does something: no docstring, no name's only value."""
    assert terms(text, "statement") == {f"{each} -> pass" for each in left_out}


def test_annotations_and_imports_are_left_alone() -> None:
    """They do not change what a store does."""
    text = "from a import b\ndef f(a: dict[int, str | None] = b) -> c[1]: '''0 == 1'''\n"

    assert list(edited(text)) == []


@pytest.mark.slow
@each_store
def test_mutants_are_python_and_no_two_are_one(store: Any) -> None:
    """Each mutant has its own id and its own source, and the source parses."""
    mutants = mutants_of(store)

    assert len(mutants) > 100
    assert len({each.id for each in mutants}) == len(mutants)
    assert len({each.source for each in mutants} | {store.source}) == len(mutants) + 1
    assert all(ast.parse(each.source) for each in mutants)


@each_store
def test_an_edit_elsewhere_leaves_an_id_as_it_is(store: Any) -> None:
    """A new statement and a comment at the top change no mutant's id."""
    lines = store.source.splitlines(keepends=True)
    future = next(number for number, line in enumerate(lines) if line.startswith("import "))

    changed = "".join([*lines[:future], "import this  # ü\n\n", *lines[future:]])
    assert [each[:2] for each in edited(changed)] == [each[:2] for each in edited(store.source)]


def test_a_place_is_counted_in_characters() -> None:
    """Python counts columns in bytes, and ü has two."""
    source = Source("a = 'üü' + b\n")

    assert source.of(source.tree.body[0].value.right) == "b"  # type: ignore[attr-defined]


MUTANT: Final = Mutant(STORES[0], "f", "logic: a -> b", "")


def verdict(*, survived: bool, is_error: bool = False) -> Verdict:
    return Verdict(MUTANT, survived, "SAVE-1", 0.1, is_error)


def entry(**changes: Any) -> dict[str, Any]:
    """Return the data of a list with one entry."""
    each = {"verdict": "hole", "why": "it is", "ids": [MUTANT.id], **changes}
    return {"survivors": [{name: value for name, value in each.items() if value is not None}]}


@pytest.mark.parametrize(
    ("verdict", "listed", "objection"),
    [
        (verdict(survived=True), False, f"survived, and not in the list: {MUTANT.id}"),
        (verdict(survived=False, is_error=True), False, f"no verdict: {MUTANT.id}: SAVE-1"),
        (verdict(survived=True), True, None),
        (verdict(survived=False), False, None),
    ],
)
def test_what_is_not_as_the_list_says_is_said(
    verdict: Verdict, listed: bool, objection: str | None
) -> None:
    """A survivor must be in the list, and every mutant must get a verdict."""
    entries = account.read(entry()) if listed else {}

    assert list(account.objections([verdict], entries, [MUTANT])) == [objection] * bool(objection)


def test_an_entry_has_a_mutant() -> None:
    """An entry without a mutant is reported, whichever mutants were judged."""
    entries = account.read(entry(ids=["another id"]))

    assert list(account.objections([], entries, [MUTANT])) == [
        "in the list, and no mutant: another id"
    ]


def test_a_listed_mutant_may_be_killed() -> None:
    """It is reported, so that its entry can be deleted, and the run passes."""
    entries = account.read(entry())
    killed = [verdict(survived=False)]

    assert list(account.objections(killed, entries, [MUTANT])) == []
    assert list(account.outdated(killed, entries)) == [
        f"in the list, and did not survive: {MUTANT.id}: SAVE-1"
    ]


@pytest.mark.parametrize(
    "wrong", [{"why": ""}, {"why": None}, {"verdict": "unlikely"}, {"ids": [MUTANT.id, MUTANT.id]}]
)
def test_an_entry_says_why(wrong: dict[str, Any]) -> None:
    """The list is refused if an entry has no reason or an unknown verdict, or repeats an id."""
    with pytest.raises(account.AccountError):
        account.read(entry(**wrong))


def test_an_entry_may_be_of_a_distribution() -> None:
    """An entry for a distribution that is not installed is left out."""
    assert account.read(entry(only_with="zohocrmsdk1_0")) == {}


def test_the_list_is_of_mutants() -> None:
    """Each entry of the list names a mutant that exists."""
    mutants = [mutant for store in STORES for mutant in mutants_of(store)]

    assert list(account.objections([], account.read(), mutants)) == []


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m tests.mechanical` with these arguments."""
    return subprocess.run(
        [sys.executable, "-m", "tests.mechanical", *arguments],
        cwd=ROOT,
        env={name: each for name, each in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_command_judges_what_it_is_asked_for() -> None:
    """A mutant that fails a clause is killed, and the output names both."""
    lost = "zohocrmsdk/list_store: ListStore.save_token: statement: self._rows.append"

    run = command("--id", lost, "--verbose", "--jobs", "1")

    assert run.returncode == 0, run.stdout + run.stderr
    assert "SAVE-1: zohocrmsdk/list_store" in run.stdout
    assert "1 of 1 mutants killed" in run.stdout


@pytest.mark.slow
def test_the_command_samples_by_seed() -> None:
    """The same seed chooses the same mutants; another seed chooses others."""
    first, again, other = (
        command("--sample", "5", "--seed", seed, "--list").stdout for seed in ("1", "1", "2")
    )

    assert first == again != other
    assert len(first.splitlines()) == 5


def test_the_command_takes_several_stores() -> None:
    """It lists the mutants of these stores, and no others."""
    listed = command("--store", "zcrmsdk/list", "--store", "zcrmsdk/memory", "--list").stdout
    stores = {line.split(":")[0] for line in listed.splitlines()}

    assert stores == {"zcrmsdk/list_store", "zcrmsdk/memory_store"}


@pytest.mark.nightly
@each_store
def test_every_survivor_is_accounted_for(store: Any) -> None:
    """The kit kills every mutant of the reference stores, except those that the list explains."""
    run = command("--store", store.name)

    assert run.returncode == 0, run.stdout + run.stderr
