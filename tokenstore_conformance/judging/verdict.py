"""The verdict on a store: the results of its clauses, in the contract's order, and what follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tokenstore_conformance.contract import (
    CAPABILITIES,
    VERSION,
    Clause,
    Contract,
    Level,
    contract_of,
)
from tokenstore_conformance.judging.known import Known, Outdated
from tokenstore_conformance.judging.result import Result, Status
from tokenstore_conformance.sdk import Distribution


@dataclass(frozen=True)
class LeftOut:
    """Clauses that did not run, and why."""

    clauses: frozenset[str]
    by: str
    """In words, what left them out: "-k 'SHAPE' on the command line"."""
    typed: bool
    """Whether the person who started this run asked for it. If not, the run fails."""


class Verdict:
    """What is known of one target so far."""

    def __init__(
        self,
        target: str,
        sdk: Distribution | None,
        *,
        strict: bool = False,
        required: Iterable[str] = (),
        generation: str = "zohocrmsdk",
        version: str = VERSION,
        known: Iterable[Known] = (),
    ) -> None:
        self.target = target
        self.contract: Contract = contract_of(generation, version)
        self.sdk = sdk
        self.strict = strict
        self.required = frozenset(required)
        """The capabilities that the store must have."""
        self.left_out: list[LeftOut] = []
        """Why clauses did not run; set when the run is over."""
        self.known = tuple(each for each in known if each.target in (None, target))
        """The accepted failures of this store."""
        self.outdated: list[Outdated] = []
        """The entries that say what is no longer so; set when the run is over."""
        self._results: dict[str, Result] = {}

    def add(self, result: Result) -> None:
        """Take the result of one clause; a failure is never replaced by what comes after it."""
        known = self._results.get(result.clause)
        if known is None or not known.broken:
            self._results[result.clause] = result

    def results(self) -> Iterable[tuple[Clause, Result]]:
        """Every clause of the contract once, with its result."""
        for clause in self.contract.clauses:
            yield clause, self._results.get(clause.id) or self._not_run(clause)

    def result(self, clause: str) -> Result | None:
        """What became of a clause so far; None where it has not run."""
        return self._results.get(clause)

    def with_status(self, *statuses: Status) -> list[tuple[Clause, Result]]:
        """The clauses of which one of these came, with their results."""
        return [each for each in self.results() if each[1].status in statuses]

    def clause(self, id: str) -> Clause:
        """The clause of this contract with that id."""
        return next(each for each in self.contract.clauses if each.id == id)

    def entry(self, clause: str) -> Known | None:
        """The entry that accepts the failure of this clause; None where none does."""
        result = self._results.get(clause)
        if result is None or result.status is not Status.KNOWN:
            return None
        return next(each for each in self.known if each.id == clause)

    def accepted_with(self, result: Result) -> tuple[str, ...]:
        """The accepted failures behind which a clause was not judged, or which explain it.

        Empty where another clause that fails the run has a part in it.
        """
        causes = [(self.clause(each), self.entry(each)) for each in result.causes]
        others = any(entry is None and self.fails_the_run(clause) for clause, entry in causes)
        return () if others else tuple(clause.id for clause, entry in causes if entry is not None)

    def level_of(self, clause: Clause) -> Level:
        """What breaking the clause means for this store."""
        return clause.level_if(self.required)

    def fails_the_run(self, clause: Clause) -> bool:
        """Whether the run fails where the store breaks this clause."""
        return self.strict or self.level_of(clause) is Level.MUST

    def capabilities(self) -> dict[str, bool | None]:
        """Which capabilities the store has; None where that was not found out."""
        return {each: self._has(each) for each in CAPABILITIES}

    @property
    def unclaimed(self) -> list[str]:
        """The capabilities that the store has and that the run does not require of it."""
        has = self.capabilities()
        return [each for each in CAPABILITIES if has[each] and each not in self.required]

    @property
    def ran(self) -> int:
        """How many clauses were part of the run."""
        return len(self._results)

    @property
    def missing(self) -> frozenset[str]:
        """The clauses that were no part of the run, or that it ended before."""
        return frozenset(each.id for each in self.contract.clauses) - self._results.keys()

    @property
    def fatal(self) -> list[Clause]:
        """The clauses whose results leave the store not conformant.

        A clause that must hold and has no judgement is one of them: it is unknown, never kept. So
        is any clause whose test could not run.
        """
        spoilt = self.with_status(Status.FAILED, Status.EXPLAINED, Status.NOT_JUDGED)
        return [clause for clause, result in spoilt if self._is_fatal(clause, result)]

    def _is_fatal(self, clause: Clause, result: Result) -> bool:
        if self.accepted_with(result):
            return False
        could_not_run = result.status is Status.NOT_JUDGED and not result.causes
        return could_not_run or self.fails_the_run(clause)

    @property
    def is_cut_by_settings(self) -> bool:
        """Whether clauses did not run that the person who started this run did not leave out."""
        return any(not each.typed for each in self.left_out)

    @property
    def conformant(self) -> bool | None:
        """Whether the store keeps the contract; False where a failure is accepted, too.

        None where no clause is broken, but not all ran, or the code around the store failed.
        """
        failed_around = {clause.id for clause, result in self.results() if result.target_failed}
        if any(each.id not in failed_around for each in self.fatal):
            return False
        if self.missing or self.fatal:
            return None
        return not self.with_status(Status.KNOWN)

    @property
    def word(self) -> str:
        """In one word: conformant, known-deviations, not-conformant or incomplete."""
        if self.conformant is None:
            return "incomplete"
        if self.conformant:
            return "conformant"
        return "not-conformant" if self.fatal else "known-deviations"

    @property
    def passes(self) -> bool:
        """Whether the run may end green.

        Nothing is broken that is not accepted, all that was asked for ran, every entry holds, and
        the process that judged is alive.
        """
        return not (self.fatal or self.is_cut_by_settings or self.outdated or self.ended_a_process)

    @property
    def ended_a_process(self) -> bool:
        """Whether a process that judged died, or had to be killed."""
        return any(each.ended_the_process for each in self._results.values())

    def _has(self, capability: str) -> bool | None:
        results = [each for clause, each in self.results() if clause.capability == capability]
        if any(each.broken or each.lacking for each in results):
            return False
        return True if all(each.status is Status.PASSED for each in results) else None

    def _not_run(self, clause: Clause) -> Result:
        level, why = self.level_of(clause), "did not run"
        return Result(self.target, clause.id, level, Status.NOT_RUN, why)
