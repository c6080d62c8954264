"""Makes and tries random sequences of calls, for either generation.

Hypothesis makes the sequences and shrinks one that fails. A list of rules says what a sequence can
do. Each rule is called with a machine, which makes the calls, and a number, which decides
everything that the rule leaves open.
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
"""Steps in a sequence, besides the calls that fill the store at its start."""

LOOKS: Final = 4
"""Until a sequence fails, the store is compared with the model only after every so many calls."""

SNAPSHOTS: Final = 12
"""How many snapshots to keep at most. The last ones are kept."""

INEXACT: Final = COMPOUND | {"SAVE-14", "FIND-7"}
"""The clauses whose repairs leave traces that sequences see. If one of these repairs has fired, a
failure is not judged."""

DISAGREE: Final = "the sequences disagree with the model"

FAMILIES: Final = ("SHAPE", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO", "TIME")

SELDOM: Final = (True, False, False)
"""For a step that ends a state, such as a clear: one choice in three makes it."""

MOSTLY: Final = (True, True, False)

UNREAD: Final = ("nothing", "a save", "a save", "a deletion", "a deletion", "a clear")
"""What may be done just before the store is opened again, without reading the result."""


class Compared(Protocol):
    """Makes the calls of a sequence, and notes what the store and the model hold."""

    @property
    def snapshots(self) -> Sequence[Snapshot]: ...

    def fill(self, size: Numbers) -> None:
        """Store some records to begin with."""

    def end(self) -> None:
        """Compare the store with the model, if that was not done after the last calls."""


class Numbers:
    """Makes a series of choices from one drawn number."""

    def __init__(self, number: int) -> None:
        self._rest = number

    def choose(self, among: Sequence[T]) -> T:
        self._rest, index = divmod(self._rest, len(among))
        return among[index]


def another_half(token: str) -> str:
    """Return another token in Zoho's shape, with the same first half as this one."""
    return f"{token[:38]}{token[5:37]}"


class Openings:
    """Opens the store of a sequence again, if it then still has its tokens. One in memory does not.

    If the run requires `durable`, two stores over one storage take turns. Otherwise only the newest
    continues: a store need not see what another one does while both are open.
    """

    def __init__(self, store: Subject, *records: Record) -> None:
        """``records`` are saved to find out whether the store keeps its tokens."""
        self._take_turns = "durable" in store.bench.required
        self._other: Subject | None = None
        try:
            store.given(*records)
            self.keeps_tokens = store.reopened().records() == store.records() != []
        except (CannotJudge, ClauseFailed, NotBuilt):
            self.keeps_tokens = False

    def begin(self) -> None:
        """Begin another sequence, over another storage."""
        self._other = None

    def after(self, store: Subject) -> Subject:
        """Return the store that continues. Raises `ClauseFailed` if it cannot be opened."""
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
"""Bytes in a sequence: one for its size at the start, and for each step, one for the rule and two
for the number by which the rule chooses. Hypothesis shrinks towards zeros, which are steps that do
nothing.
"""

sequences: Final = st.binary(min_size=LENGTH, max_size=LENGTH)

FIRST: Final = bytes(1) + Random(0).randbytes(3 * 5)
"""The first sequence: only five steps, on an empty store, so that a slow store completes it."""

SPARE: Final = 16 * LENGTH
"""Zeros to append to the bytes of a sequence, in case Hypothesis reads more than those."""


def try_sequences(
    store: Subject,
    begin: Callable[[Subject], M],
    rules: Sequence[Callable[[M, Numbers], None]],
    *,
    shrinks: bool,
) -> None:
    """Try sequences of these rules, each on a machine over a fresh store. Raise what one raises.

    If ``shrinks``, Hypothesis shrinks a failure. The shortest sequence that shows it is tried last.
    """
    done = 0
    shortest: tuple[ClauseFailed, list[Call]] | None = None

    @_settings()
    @seed(0)  # this removes the database, so the settings are applied after it
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
    """Have Hypothesis make so many sequences, each from the kit's own random bytes.

    The random bytes of Hypothesis take time, and depend on its version and on the project: for
    constants to mix in, it reads the source of each module that the user has imported. Of the
    sequences that fail, Hypothesis keeps the shortest, to replay and shrink it. Unless
    ``every_one`` is tried, the first failure is raised.
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
    """Return how sequences fail, with their calls; None if they do not fail."""
    try:
        try_them()
    except ClauseFailed as failure:
        failure.calls = tuple(store.calls)
        return failure
    return None


def beyond_repair(store: Subject, failure: ClauseFailed) -> tuple[str, ...]:
    """Return the clauses that may explain a failure and whose faults cannot be corrected.

    Raises `CannotJudge` if the fault of one can be corrected: then the check runs once more. Also
    raises it if sequences cannot be judged with the faults that were corrected.
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
    # Give every setting, so that no Hypothesis profile of the user changes the verdict.
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
