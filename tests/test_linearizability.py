"""The checker of concurrent histories: over a register of one value, then over the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tokenstore_conformance.oracle.linearizability import (
    MAIN_THREAD,
    Operation,
    is_linearizable,
    violation,
)
from tokenstore_conformance.oracle.step import NOTHING_STORED, token_store_step
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.intervals import drawn


def register(state: int, operation: Operation) -> Iterator[int]:
    """Yield the next state of a register: `write` sets the value, and `read` returns it."""
    if operation.call == "write":
        assert isinstance(operation.argument, int)
        yield operation.argument
    elif operation.indeterminate or operation.result == state:
        yield state


def write(thread: int, value: int, invoked: int, returned: int | None, error: str | None = None):
    return Operation(thread, "write", value, invoked, returned, None, error)


def read(thread: int, value: int, invoked: int, returned: int):
    return Operation(thread, "read", (), invoked, returned, value)


EXPLAINED = {
    "nothing happened": [],
    "a read after the write sees it": [write(0, 1, 0, 1), read(1, 1, 2, 3)],
    "a read during the write sees it": [write(0, 1, 0, 3), read(1, 1, 1, 2)],
    "a read during the write does not see it yet": [write(0, 1, 0, 3), read(1, 0, 1, 2)],
    "two writes at once, the first began last": [
        write(0, 1, 0, 3),
        write(1, 2, 1, 2),
        read(0, 1, 4, 5),
    ],
    "a write that raised took effect": [write(0, 1, 0, 1, "OSError"), read(1, 1, 2, 3)],
    "a write that raised took no effect": [write(0, 1, 0, 1, "OSError"), read(1, 0, 2, 3)],
    "a write that raised takes effect late": [
        write(0, 1, 0, 1, "OSError"),
        read(1, 0, 2, 3),
        read(1, 1, 4, 5),
    ],
    "a write that never returned took effect": [write(0, 1, 0, None), read(1, 1, 1, 2)],
}

UNEXPLAINED = {
    "a read after the write does not see it": [write(0, 1, 0, 1), read(1, 0, 2, 3)],
    "a read sees what nobody wrote": [write(0, 1, 0, 1), read(1, 7, 2, 3)],
    "one reader sees the write, and a later one does not": [
        write(0, 1, 0, 5),
        read(1, 1, 1, 2),
        read(2, 0, 3, 4),
    ],
    "a write that raised is seen, and then not": [
        write(0, 1, 0, 1, "OSError"),
        read(1, 1, 2, 3),
        read(1, 0, 4, 5),
    ],
}


@pytest.mark.parametrize("history", EXPLAINED.values(), ids=EXPLAINED.keys())
def test_a_history_that_some_order_explains_is_linearizable(history):
    """A history that could have happened one call at a time is never blamed."""
    assert is_linearizable(history, register, 0)


@pytest.mark.parametrize("history", UNEXPLAINED.values(), ids=UNEXPLAINED.keys())
def test_a_history_that_no_order_explains_is_not_linearizable(history):
    """A history that could not have happened one call at a time is found."""
    assert not is_linearizable(history, register, 0)


def test_many_calls_at_once_are_no_obstacle():
    """Twelve overlapping calls have 479 million orders. States already seen are not tried again."""
    writes = [write(thread, thread, thread, 100) for thread in range(12)]

    verdict = is_linearizable([*writes, read(0, 99, 101, 102)], register, 0)

    assert not verdict


def test_the_violation_is_the_shortest_prefix():
    """Calls that began after the contradiction are left out, and running ones are pending."""
    long_write, stale = write(0, 1, 0, 9), read(2, 0, 3, 4)
    history = [long_write, read(1, 1, 1, 2), stale, write(2, 5, 5, 6), read(2, 5, 7, 8)]

    failing = violation(history, register, 0)

    assert failing == (write(0, 1, 0, None), read(1, 1, 1, 2), stale)


def test_a_linearizable_history_has_no_violation():
    """None says that some order explains the history."""
    assert violation([write(0, 1, 0, 1)], register, 0) is None


def test_a_history_is_drawn_as_intervals():
    """Each call gets a line with the thread, the interval, the call and its answer."""
    anna, older = Record(user="anna", access_token="new"), Record("7", "anna", access_token="old")
    history = [
        Operation(0, "save", anna, 0, 3, "7"),
        Operation(1, "find", Record(user="anna"), 1, 2, older),
        Operation(1, "delete", "7", 4, 5, None, "OSError: gone"),
        Operation(MAIN_THREAD, "get_tokens", (), 6, None),
    ]

    assert drawn(history, [older]).splitlines() == [
        "at first [token(id='7', user='anna', access_token='old')]",
        "thread 1 [=====]          save(token(user='anna', access_token='new')) -> '7'",
        "thread 2   [=]            find(token(user='anna'))"
        " -> token(id='7', user='anna', access_token='old')",
        "thread 2         [=]      delete('7') raised OSError: gone",
        "after                [==> get_tokens() had not returned",
    ]


def test_a_drawn_record_shows_the_fields_that_tell_it_apart():
    """A half-old, half-new record shows both halves, but no field that is always the same."""
    old = Record("7", "anna", "client", "secret", "refresh 1", "access 1")
    new = old.but(refresh_token="refresh 2", access_token="access 2")
    torn = old.but(refresh_token="refresh 2")
    history = [Operation(0, "save", new, 0), Operation(1, "find_by_id", "7", 1, 2, torn)]

    text = drawn(history, [old])

    assert (
        "-> token(id='7', user='anna', refresh_token='refresh 2', access_token='access 1')" in text
    )
    assert "secret" not in text


def test_a_drawn_record_without_an_id_and_a_user_shows_its_token():
    """A login without a user is not shown as an empty token."""
    nameless = Record(grant_token="grant", access_token="access 1")

    text = drawn([Operation(0, "save", nameless, 0, 1)])

    assert "save(token(access_token='access 1'))" in text


ANNA = Record(user="anna", access_token="anna.1")
BERT = Record(user="bert", access_token="bert.1")
BOTH = frozenset({ANNA.but(id="1"), BERT.but(id="2")})


def call(name: str, argument: object, invoked: int, returned: int, result: object = None):
    return Operation(invoked, name, argument, invoked, returned, result)


def listing(*records: Record):
    return call("get_tokens", (), 90, 91, records)


RIGHT = {
    "a save tells the id of its record": (
        NOTHING_STORED,
        [call("save", ANNA, 0, 1, "1"), listing(ANNA.but(id="1"))],
    ),
    "a save tells no id": (
        NOTHING_STORED,
        [call("save", ANNA, 0, 1), listing(ANNA.but(id="1"))],
    ),
    "the id that a save did not tell is found": (
        NOTHING_STORED,
        [
            call("save", ANNA, 0, 1),
            call("find", Record(user="anna"), 2, 3, ANNA.but(id="5")),
            call("find_by_id", "5", 4, 5, ANNA.but(id="5")),
            call("delete", "5", 6, 7),
            listing(),
        ],
    ),
    "a save of one user twice at once": (
        NOTHING_STORED,
        [
            call("save", ANNA, 0, 3, "1"),
            call("save", ANNA.but(access_token="anna.2"), 1, 2, "1"),
            listing(ANNA.but(id="1")),
        ],
    ),
    "a delete during a save, either may be last": (
        BOTH,
        [call("save", ANNA, 0, 3, "1"), call("delete", "1", 1, 2), listing(BERT.but(id="2"))],
    ),
    "a save that raised may be stored": (
        NOTHING_STORED,
        [Operation(0, "save", ANNA, 0, 1, None, "OSError"), listing(ANNA.but(id="1"))],
    ),
    "a clear that raised may have cleared": (
        BOTH,
        [Operation(0, "clear", (), 0, 1, None, "OSError"), listing()],
    ),
    "a query that identifies nothing finds nothing": (BOTH, [call("find", Record(), 0, 1)]),
}

WRONG = {
    "a save is lost": (BOTH, [call("save", ANNA.but(user="carl"), 0, 1, "3"), listing(*BOTH)]),
    "two users get one id": (
        NOTHING_STORED,
        [call("save", ANNA, 0, 2, "1"), call("save", BERT, 1, 3, "1")],
    ),
    "one user gets two ids": (
        NOTHING_STORED,
        [call("save", ANNA, 0, 2, "1"), call("save", ANNA, 1, 3, "2")],
    ),
    "an update changes the id": (BOTH, [call("save", ANNA, 0, 1, "9")]),
    "the id that a save did not tell changes": (
        NOTHING_STORED,
        [
            call("save", ANNA, 0, 1),
            call("find", Record(user="anna"), 2, 3, ANNA.but(id="5")),
            listing(ANNA.but(id="6")),
        ],
    ),
    "an id that a save did not tell is another's": (
        frozenset({BERT.but(id="2")}),
        [call("save", ANNA, 0, 1), listing(ANNA.but(id="2"), BERT.but(id="2"))],
    ),
    "a deleted record is found": (
        BOTH,
        [call("delete", "1", 0, 1), call("find", Record(user="anna"), 2, 3, ANNA.but(id="1"))],
    ),
    "a stored record is missed": (BOTH, [call("find_by_id", "1", 0, 1)]),
    "a record is listed twice": (BOTH, [listing(*BOTH, ANNA.but(id="1"))]),
    "a record is listed without an id": (
        NOTHING_STORED,
        [call("save", ANNA, 0, 1), listing(ANNA)],
    ),
    "a clear clears nothing": (BOTH, [call("clear", (), 0, 1), listing(*BOTH)]),
}


@pytest.mark.parametrize(("stored", "history"), RIGHT.values(), ids=RIGHT.keys())
def test_the_contract_explains(stored, history):
    """Every answer that the contract leaves open is accepted."""
    assert is_linearizable(history, token_store_step, stored)


@pytest.mark.parametrize(("stored", "history"), WRONG.values(), ids=WRONG.keys())
def test_the_contract_does_not_explain(stored, history):
    """No answer that the contract rules out is accepted."""
    assert not is_linearizable(history, token_store_step, stored)
