"""The verdict on a store: the results of its clauses, and what follows from them."""

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
    """What left them out, in words, such as "-k 'SHAPE' on the command line"."""
    typed: bool
    """Whether the person who started this run asked for it. If not, the run fails."""


class Verdict:
    """What is known about one target so far."""

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
        """The entries that are out of date; set when the run is over."""
        self._results: dict[str, Result] = {}

    def add(self, result: Result) -> None:
        """Add the result of one clause. A later result never replaces a failure."""
        known = self._results.get(result.clause)
        if known is None or not known.broken:
            self._results[result.clause] = result

    def results(self) -> Iterable[tuple[Clause, Result]]:
        """Yield every clause of the contract, in order, with its result."""
        for clause in self.contract.clauses:
            yield clause, self._results.get(clause.id) or self._not_run(clause)

    def result(self, clause: str) -> Result | None:
        """Return the result of a clause; None if it has not run."""
        return self._results.get(clause)

    def with_status(self, *statuses: Status) -> list[tuple[Clause, Result]]:
        """Return the clauses that have one of these statuses, with their results."""
        return [each for each in self.results() if each[1].status in statuses]

    def clause(self, id: str) -> Clause:
        """Return the clause of this contract with that id."""
        return next(each for each in self.contract.clauses if each.id == id)

    def entry(self, clause: str) -> Known | None:
        """Return the entry that accepts the failure of this clause; None if there is none."""
        result = self._results.get(clause)
        if result is None or result.status is not Status.KNOWN:
            return None
        return next(each for each in self.known if each.id == clause)

    def accepted_with(self, result: Result) -> tuple[str, ...]:
        """Return the accepted failures that explain a clause, or keep it from being judged.

        Return none of them if a cause that is not accepted also fails the run.
        """
        causes = [(self.clause(each), self.entry(each)) for each in result.causes]
        others = any(entry is None and self.fails_the_run(clause) for clause, entry in causes)
        return () if others else tuple(clause.id for clause, entry in causes if entry is not None)

    def level_of(self, clause: Clause) -> Level:
        """Return what breaking the clause means for this store."""
        return clause.level_if(self.required)

    def fails_the_run(self, clause: Clause) -> bool:
        """Whether the run fails if the store breaks this clause."""
        return self.strict or self.level_of(clause) is Level.MUST

    def capabilities(self) -> dict[str, bool | None]:
        """Return whether the store has each capability; None if the run did not find out."""
        return {each: self._has(each) for each in CAPABILITIES}

    @property
    def unclaimed(self) -> list[str]:
        """The capabilities that the store has but the run does not require."""
        has = self.capabilities()
        return [each for each in CAPABILITIES if has[each] and each not in self.required]

    @property
    def ran(self) -> int:
        """How many clauses were part of the run."""
        return len(self._results)

    @property
    def missing(self) -> frozenset[str]:
        """The clauses that were not part of the run, or that it did not reach."""
        return frozenset(each.id for each in self.contract.clauses) - self._results.keys()

    @property
    def fatal(self) -> list[Clause]:
        """The clauses whose results make the store not conformant.

        A clause that must hold but was not judged is one of them: unknown never counts as kept. So
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
        """Whether something other than the person who started this run left out clauses."""
        return any(not each.typed for each in self.left_out)

    @property
    def conformant(self) -> bool | None:
        """Whether the store keeps the contract. An accepted failure makes this False, too.

        None if no clause is broken, but not all ran, or the code around the store failed.
        """
        failed_around = {clause.id for clause, result in self.results() if result.target_failed}
        if any(each.id not in failed_around for each in self.fatal):
            return False
        if self.missing or self.fatal:
            return None
        return not self.with_status(Status.KNOWN)

    @property
    def word(self) -> str:
        """The verdict in one word: conformant, known-deviations, not-conformant or incomplete."""
        if self.conformant is None:
            return "incomplete"
        if self.conformant:
            return "conformant"
        return "not-conformant" if self.fatal else "known-deviations"

    @property
    def passes(self) -> bool:
        """Whether the run passes.

        It does if no result is fatal, all that was asked for ran, every entry of the known failures
        holds, and no judging process died.
        """
        return not (self.fatal or self.is_cut_by_settings or self.outdated or self.ended_a_process)

    @property
    def ended_a_process(self) -> bool:
        """Whether a judging process died or had to be killed."""
        return any(each.ended_the_process for each in self._results.values())

    def _has(self, capability: str) -> bool | None:
        results = [each for clause, each in self.results() if clause.capability == capability]
        if any(each.broken or each.lacking for each in results):
            return False
        return True if all(each.status is Status.PASSED for each in results) else None

    def _not_run(self, clause: Clause) -> Result:
        level, why = self.level_of(clause), "did not run"
        return Result(self.target, clause.id, level, Status.NOT_RUN, why)
