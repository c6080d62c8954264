"""How random sequences of calls are made and tried, for either generation.

Hypothesis makes the sequences and shrinks one that fails. What a sequence can do is a list of
rules: each is called with a machine, which makes the calls, and a number, which decides everything
that the rule leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Any, Final, Protocol, TypeVar
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import Flaky

from tokenstore_conformance.checks.replay import keep_what_reproduces
from tokenstore_conformance.failures import Call, CannotJudge, ClauseFailed
from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.history import Snapshot
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.keys import TELLING
from tokenstore_conformance.subject.repairs import COMPOUND, REPAIRED
from tokenstore_conformance.target.storage import NotBuilt

T = TypeVar("T")

M = TypeVar("M", bound="Compared")

STEPS: Final = 50
"""Calls in a sequence, besides those that fill the store at its start."""

LOOKS: Final = 4
"""While no sequence has failed, the store is compared with the model after so many steps each."""

SNAPSHOTS: Final = 12
"""The last snapshots are kept, at most this many."""

INEXACT: Final = COMPOUND | {"SAVE-14", "FIND-7"}
"""The clauses whose repairs leave traces that sequences see: what fails with them is not judged."""

DISAGREE: Final = "the sequences disagree with the model"

FAMILIES: Final = ("SHAPE", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO")


SELDOM: Final = (True, False, False)
"""One choice in three makes a step that ends a state."""

MOSTLY: Final = (True, True, False)

UNREAD: Final = ("nothing", "a save", "a save", "a deletion", "a deletion", "a clear")
"""What is done, and not read, before the store is opened again."""


class Compared(Protocol):
    """What makes the calls of a sequence and notes what the store and the model hold."""

    @property
    def snapshots(self) -> Sequence[Snapshot]: ...

    def fill(self, size: Numbers) -> None:
        """Store some records to begin with."""

    def end(self) -> None:
        """Compare what was not compared since the last steps."""


class Numbers:
    """One drawn number as a series of choices: what the next one is made by."""

    def __init__(self, number: int) -> None:
        self._rest = number

    def choose(self, among: Sequence[T]) -> T:
        self._rest, index = divmod(self._rest, len(among))
        return among[index]


def another_half(token: str) -> str:
    """A token in Zoho's shape that has the first half of this one."""
    return f"{token[:38]}{token[5:37]}"


class Openings:
    """Opens the store of a sequence again, if it keeps its tokens then: a store in memory does not.

    Where the run requires `durable`, two stores over one storage take turns. Else the newest goes
    on alone: what one store does while another is open need not be seen by that one.
    """

    def __init__(self, store: Subject, *records: Record) -> None:
        """``records`` are what is saved to find out whether the store keeps its tokens."""
        self._take_turns = "durable" in store.bench.required
        self._other: Subject | None = None
        try:
            store.given(*records)
            self.keeps_tokens = store.reopened().records() == store.records() != []
        except (CannotJudge, ClauseFailed, NotBuilt):
            self.keeps_tokens = False

    def begin(self) -> None:
        """Another sequence begins, over another storage."""
        self._other = None

    def after(self, store: Subject) -> Subject:
        """The store that goes on; raises `ClauseFailed` where none can be opened."""
        if not self.keeps_tokens:
            return store
        if self._take_turns and self._other is not None:
            other, self._other = self._other, store
            return other
        self._other = store
        try:
            return store.reopened()
        except NotBuilt as failure:
            raise ClauseFailed(
                "a second store over the same storage",
                f"the exception {describe(failure.error)}",
                failure.error,
            ) from failure


LENGTH: Final = 1 + 3 * STEPS
"""Bytes of a sequence: its size at the start, and for each step its rule and the two bytes of the
number that the rule chooses by. Hypothesis shrinks towards zeros, which are steps that do nothing.
"""

sequences: Final = st.binary(min_size=LENGTH, max_size=LENGTH)

FIRST: Final = bytes(1) + Random(0).randbytes(3 * 5)
"""The first sequence has five steps, on an empty store: a slow one gets through it."""

SPARE: Final = 16 * LENGTH
"""Bytes behind those of a sequence, whatever Hypothesis takes them for."""


def try_sequences(
    store: Subject,
    begin: Callable[[Subject], M],
    rules: Sequence[Callable[[M, Numbers], None]],
    *,
    shrinks: bool,
) -> None:
    """Sequences of these rules, each on a machine over a fresh store; raises where one does.

    Where a failure ``shrinks``, the shortest sequence that shows it is tried last.
    """
    done = 0
    shortest: tuple[ClauseFailed, list[Call]] | None = None

    @_settings()
    @seed(0)  # which takes the database away, so that the settings come after it
    @given(sequence=sequences)
    def try_sequence(sequence: bytes) -> None:
        nonlocal done, shortest
        machine = begin(store.fresh())
        try:
            machine.fill(Numbers(sequence[0]))
            for start in range(1, LENGTH, 3):
                rule, high, low = sequence[start : start + 3]
                Numbers(rule).choose(rules)(machine, Numbers(256 * high + low))
            machine.end()
        except ClauseFailed as failure:
            failure.snapshots = tuple(machine.snapshots)
            if shortest is None or len(store.calls) <= len(shortest[1]):
                shortest = failure, list(store.calls)
            raise
        finally:
            limits.library_works()
        done += 1

    try:
        limits.library_works()
        with limits.reaching(lambda: done, f"{store.bench.examples} sequences"):
            _draw(try_sequence, store.bench.examples, every_one=shrinks)
        if shortest is not None:
            with suppress(SkipTest):  # with --hypothesis-seed, Hypothesis replays nothing
                try_sequence()
            found, store.calls[:] = shortest
            raise found
        if done < store.bench.examples:
            raise RuntimeError(f"Hypothesis made {done} of {store.bench.examples} sequences")
    except ClauseFailed as failure:
        if shrinks:
            keep_what_reproduces(store, failure)
        raise
    except Flaky as error:
        raise _flaky(error) from error
    except limits.OutOfTime:
        if shortest is None:
            raise
        found, store.calls[:] = shortest
        raise found from None


def _draw(try_sequence: Any, examples: int, *, every_one: bool) -> None:
    """Have Hypothesis make so many sequences, each of random bytes of ours.

    Its own take time, and depend on its version and on the project: for constants to mix in, it
    reads the source of each module that the user has imported. Of those that fail it keeps the
    shortest, to be replayed and shrunk. Unless ``every_one`` is tried, the first that fails raises.
    """
    make_one = try_sequence.hypothesis.fuzz_one_input
    for number in range(examples):
        drawn = Random(number - 1).randbytes(LENGTH) if number else FIRST
        try:
            make_one(drawn + bytes(SPARE))
        except ClauseFailed:
            if not every_one:
                raise


def failure_of(store: Subject, try_them: Callable[[], object]) -> ClauseFailed | None:
    """How sequences fail, with their calls; None where they do not."""
    try:
        try_them()
    except ClauseFailed as failure:
        failure.calls = tuple(store.calls)
        return failure
    return None


def beyond_repair(store: Subject, failure: ClauseFailed) -> tuple[str, ...]:
    """The clauses that may explain a failure and whose faults cannot be made good.

    Raises `CannotJudge` if the fault of one can be made good: the check runs once more then.
    """
    repairs = store.bench.repairs
    if repairs is not None and "SAVE-1" in repairs.fired and repairs.loses("SAVE-1") & {*TELLING}:
        why = "saves lose the fields that identify a record, so that no sequence can be compared"
        raise CannotJudge(why, "SAVE-1", otherwise=failure)
    inexact = sorted(repairs.fired & INEXACT) if repairs is not None else []
    if inexact:
        why = "the faults of these clauses cannot be made good in every sequence"
        raise CannotJudge(why, *inexact, otherwise=failure)
    explaining = store.bench.failing(FAMILIES)
    if repairs is None and any(each in REPAIRED for each in explaining):
        raise CannotJudge(DISAGREE, *explaining, otherwise=failure)
    return explaining


def _flaky(error: Any) -> ClauseFailed:
    for each in getattr(error, "exceptions", ()):
        if isinstance(each, ClauseFailed):
            return each
    return unsteady()


def unsteady() -> ClauseFailed:
    return ClauseFailed("the same answers to the same calls", "different answers at a second run")


def _settings() -> settings:
    # Every setting is given, so that no profile of the user's changes the verdict.
    return settings(
        max_examples=1,
        phases=(Phase.reuse, Phase.shrink),
        derandomize=False,
        database=InMemoryExampleDatabase(),
        deadline=None,
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        backend="hypothesis",
    )
