"""A clause in which the judging process died, or hung and had to be killed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from tokenstore_conformance.contract import Clause
from tokenstore_conformance.failures import Fault
from tokenstore_conformance.guard.watchdog import left_in
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.plural import in_seconds


@dataclass(frozen=True)
class End:
    """Where a judging process ended."""

    target: str
    clause: str
    doing: str
    """The call that the process was in, as text."""
    hung: bool
    """True if the call did not return, False if the process died in it."""
    stacks: str = ""

    def result(self, verdict: Verdict, timeout: float) -> Result:
        """Return the failure of the clause. A call may take ``timeout`` seconds."""
        got = (
            "nothing yet, and the call cannot be interrupted"
            if self.hung
            else "the judging process died: the store ended it, or something outside did, such as "
            "a kill or a lack of memory"
        )
        return Result(
            self.target,
            self.clause,
            verdict.level_of(verdict.clause(self.clause)),
            Status.FAILED,
            expected=f"{self.doing} to return"
            + (f" within {in_seconds(timeout)}" if self.hung else ""),
            got=got,
            stacks=self.stacks,
            hung=self.hung,
            ended_the_process=True,
            fault=Fault(ends_in=self.doing),
        )

    def __str__(self) -> str:
        if self.hung:
            return f"{self.doing} does not return and cannot be interrupted"
        return f"the judging process died in {self.doing}"


class Ends:
    """Where the workers of pytest-xdist ended. The controller keeps this.

    Each worker writes what it is doing to a file in ``places``, which is None without a watchdog.
    """

    def __init__(self, places: Path | None) -> None:
        self.places = places
        self._ends: list[End] = []

    def as_data(self) -> list[tuple[Any, ...]]:
        """Return the ends as data, for workers that start later; see `results`."""
        return list(map(astuple, self._ends))

    def result_of(
        self, worker: str, verdict: Verdict, clause: Clause, why: str, timeout: float
    ) -> Result:
        """Return the result of the clause that a lost worker was judging.

        It is a failure if the worker ended in a call for that clause. A check may run the check of
        another clause. If the worker ended there, that one fails, and this one is not judged.
        """
        level = verdict.level_of(clause)
        left = left_in(self.places / worker) if self.places is not None else None
        if left is None:
            return Result(verdict.target, clause.id, level, Status.NOT_JUDGED, why)
        end = End(verdict.target, *left)
        self._ends.append(end)
        found = end.result(verdict, timeout)
        if end.clause == clause.id:
            return found
        verdict.add(found)
        why, causes = f"in {end.clause}, {end}", (end.clause,)
        return Result(verdict.target, clause.id, level, Status.NOT_JUDGED, why, causes=causes)


def results(
    data: Iterable[Iterable[Any]], verdicts: dict[str, Verdict], timeout: float
) -> tuple[Result, ...]:
    """Return the failures of the clauses in which earlier workers ended."""
    ends = [End(*each) for each in data]
    return tuple(each.result(verdicts[each.target], timeout) for each in ends)
