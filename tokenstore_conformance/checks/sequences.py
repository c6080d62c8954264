"""How random sequences of calls are made and tried, for either generation.

Hypothesis makes the sequences and shrinks one that fails. What a sequence can do is a list of
rules: each is called with a machine, which makes the calls, and a number, which decides everything
that the rule leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.history import Snapshot
from tokenstore_conformance.subject import Subject

T = TypeVar("T")

M = TypeVar("M", bound="Compared")

STEPS: Final = 50
"""Calls in a sequence, beside those that fill the store at its start."""

FINDING: Final = (Phase.generate,)

SNAPSHOTS: Final = 12
"""So many snapshots are kept, the last ones."""

SHRINKING: Final = (Phase.generate, Phase.shrink)

FAMILIES: Final = ("SHAPE", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO")


class Compared(Protocol):
    """What makes the calls of a sequence and notes what the store and the model hold."""

    @property
    def snapshots(self) -> Sequence[Snapshot]: ...

    def fill(self, size: Numbers) -> None:
        """Store some records to begin with."""


class Numbers:
    """One drawn number as a series of choices: what the next one is made by."""

    def __init__(self, number: int) -> None:
        self._rest = number

    def choose(self, among: Sequence[T]) -> T:
        self._rest, index = divmod(self._rest, len(among))
        return among[index]


sequences: Final = st.binary(min_size=1 + 3 * STEPS, max_size=1 + 3 * STEPS)
"""The size at the start, and for each step three bytes: its rule, and the number it chooses by.

Bytes, because Hypothesis mixes constants of the modules that are loaded into the numbers it draws:
the verdict on a store would hang on what else the user's project imports. No constant has this
length. And zeros, towards which it shrinks, are steps that do nothing.
"""


def try_sequences(
    store: Subject,
    begin: Callable[[Subject], M],
    rules: Sequence[Callable[[M, Numbers], None]],
    phases: tuple[Phase, ...],
) -> None:
    """Sequences of these rules, each on a machine over a fresh store; raises where one does."""

    @seed(0)
    @_settings(store.bench.examples, phases)
    @given(sequence=sequences)
    def try_sequence(sequence: bytes) -> None:
        machine = begin(store.fresh())
        try:
            machine.fill(Numbers(sequence[0]))
            for start in range(1, len(sequence), 3):
                rule, high, low = sequence[start : start + 3]
                Numbers(rule).choose(rules)(machine, Numbers(256 * high + low))
        except ClauseFailed as failure:
            failure.snapshots = tuple(machine.snapshots)
            raise

    try:
        try_sequence()
    except Flaky as error:
        raise _flaky(error) from error


def _flaky(error: Any) -> ClauseFailed:
    for each in getattr(error, "exceptions", ()):
        if isinstance(each, ClauseFailed):
            return each
    return unsteady()


def unsteady() -> ClauseFailed:
    return ClauseFailed("the same answers to the same calls", "different answers at a second run")


def _settings(examples: int, phases: tuple[Phase, ...]) -> settings:
    # Every setting is given, so that no profile of the user's changes the verdict.
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,  # of no matter here, but given all the same
        phases=phases,
        derandomize=True,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        backend="hypothesis",
    )
