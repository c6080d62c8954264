"""Judge a class in this process, without pytest around it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from tests.mutants import GENERATIONS
from tokenstore_conformance.contract import Clause
from tokenstore_conformance.guard import limits
from tokenstore_conformance.judging.judge import Judge
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.judging.settings import DEFAULT_EXAMPLES, Settings
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target import Target
from tokenstore_conformance.target.generation import generation_of


class Judged:
    """The stores of a class, judged clause by clause."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @property
    def clauses(self) -> dict[str, Clause]:
        """The clauses of the contract, by id."""
        return self._judge.clauses

    def judge(self, clause: str) -> Result:
        """Return the verdict on one clause."""
        return self._judge.judge(clause)

    def close(self) -> None:
        """Remove the storage that is kept for the next clause. Only a harness has any."""
        self._judge.close()


def judge_of(
    store: type | Target,
    directory: Path,
    *,
    clauses: Iterable[str] | None = None,
    examples: int = DEFAULT_EXAMPLES,
    timeout: float = limits.DEFAULT,
    ended: Collection[Result] = (),
    shared: bool = False,
) -> Judged:
    """Return a judge of the stores of a class or a target, with its files below ``directory``.

    Only the ``clauses`` may explain each other's failures. The generation is that of the class's
    base. If the class has no base from an SDK, its attribute `generation` names it. A call may take
    ``timeout`` seconds. The clauses that ``ended`` the process are not tried again. ``shared`` says
    whether all stores share one storage.
    """
    target = store if isinstance(store, Target) else _target_of(store)
    generation = getattr(store, "generation", None) or generation_of(target, GENERATIONS)
    door = open_door(generation)
    settings = Settings(examples, timeout)
    judge = Judge(door, target, directory, settings, shared=shared, selected=clauses, ended=ended)
    return Judged(judge)


def _target_of(store: type) -> Target:
    return Target(store.__name__, store.__module__, store.__name__, store, ())


def outcomes(judged: Judged, families: Iterable[str], outcome: str) -> set[str]:
    """Return the clauses of some families that have this outcome: passed, failed or skipped."""
    wanted = set(families)
    ids = [id for id, clause in judged.clauses.items() if clause.family in wanted]
    return {id for id in ids if judged.judge(id).outcome == outcome}
