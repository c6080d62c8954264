"""A clause in which the judging process died, or hung so that it had to be killed."""

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
    """Where a judging process came to its end."""

    target: str
    clause: str
    doing: str
    """The call that it was in, in words."""
    hung: bool
    """Whether the call did not return; else the process died in it."""
    stacks: str = ""

    def result(self, verdict: Verdict, timeout: float) -> Result:
        """The failure of the clause; a call may take ``timeout`` seconds."""
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
    """With pytest-xdist: where workers came to their end. The controller keeps it.

    Each worker writes what it is doing to a file in ``places``; None where there are none.
    """

    def __init__(self, places: Path | None) -> None:
        self.places = places
        self._ends: list[End] = []

    def as_data(self) -> list[tuple[Any, ...]]:
        """For the workers that come after; see `results`."""
        return list(map(astuple, self._ends))

    def result_of(
        self, worker: str, verdict: Verdict, clause: Clause, why: str, timeout: float
    ) -> Result:
        """What became of the clause that a worker judged: a failure if it was in a call of it.

        A check may ask what another one says: then that one fails, and this is not judged.
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
    """The failures of clauses in which workers before this one ended."""
    ends = [End(*each) for each in data]
    return tuple(each.result(verdicts[each.target], timeout) for each in ends)
