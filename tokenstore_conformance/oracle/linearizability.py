"""Whether a recorded concurrent history could have happened one call at a time.

A history is linearizable if its calls can be put in an order in which each call takes effect at
one moment between its invocation and its return, and every answer is the one that the sequential
model gives there (Herlihy and Wing 1990). `is_linearizable` looks for such an order by depth-first
search and remembers what it has tried, as pairs of the calls already placed and the model's state
(Wing and Gong 1993, with the memory that Lowe added in 2017).

An operation that raised, or never returned, is indeterminate: it may have taken effect at any
moment after its invocation, or never. So an exception alone is never a violation.

The search knows nothing about token stores. All it needs from a model is a `Step`: given a state,
an operation and its answer, it yields the states that may follow, or none if the answer is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

MAIN_THREAD: Final = -1
"""The number of the thread that makes the last call, after the others."""

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True)
class Operation:
    """One call of one thread, as plain data.

    ``argument`` is `()` if the call takes none. ``invoked`` and ``returned`` are numbers from one
    counter that all threads share, drawn before the call is made and after it is over. ``returned``
    is None if the call never returned. ``error`` names the exception that it raised, ``refused``
    says that the contract provides for that exception, and ``trace`` is its traceback as text.
    """

    thread: int
    call: str
    argument: object
    invoked: int
    returned: int | None = None
    result: object = None
    error: str | None = None
    refused: bool = False
    trace: str = ""

    @property
    def indeterminate(self) -> bool:
        """Whether the call may or may not have taken effect: it raised, or did not return."""
        return self.error is not None or self.returned is None


Step = Callable[[State, Operation], Iterable[State]]


def is_linearizable(history: Iterable[Operation], step: Step[State], initial: State) -> bool:
    """Whether some order that respects real time agrees with the model."""
    operations = sorted(history, key=lambda operation: operation.invoked)
    returns = [_deadline(operation) for operation in operations]
    answered = sum(1 << i for i, end in enumerate(returns) if end < math.inf)
    untried: list[tuple[int, State]] = [(0, initial)]
    seen: set[tuple[int, State]] = set(untried)
    while untried:
        placed, state = untried.pop()
        if placed & answered == answered:
            return True
        unplaced = [i for i in range(len(operations)) if not placed >> i & 1]
        first_return = min(returns[i] for i in unplaced)
        for i in unplaced:
            if operations[i].invoked < first_return:
                for following in step(state, operations[i]):
                    attempt = (placed | 1 << i, following)
                    if attempt not in seen:
                        seen.add(attempt)
                        untried.append(attempt)
    return False


def _deadline(operation: Operation) -> float:
    """Return the moment by which the operation must have taken effect."""
    if operation.indeterminate or operation.returned is None:
        return math.inf
    return operation.returned


def violation(
    history: Sequence[Operation], step: Step[State], initial: State
) -> tuple[Operation, ...] | None:
    """Return the shortest prefix that is not linearizable, or None if the history is linearizable.

    In a prefix, the calls that had not returned by its end are pending.
    """
    if is_linearizable(history, step, initial):
        return None
    for operation in sorted(history, key=_deadline):
        prefix = _until(history, operation.returned)
        if not is_linearizable(prefix, step, initial):
            return prefix
    raise AssertionError("the whole history is one of its prefixes")


def _until(history: Sequence[Operation], end: int | None) -> tuple[Operation, ...]:
    moment = math.inf if end is None else end
    begun = [operation for operation in history if operation.invoked < moment]
    return tuple(
        operation
        if operation.returned is not None and operation.returned <= moment
        else replace(operation, returned=None, result=None, error=None)
        for operation in begun
    )
