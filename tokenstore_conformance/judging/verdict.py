"""The verdict on a store: the results of its clauses, as plain data, in the contract's order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tokenstore_conformance.contract import CAPABILITIES, Clause, Contract, Level, contract_of
from tokenstore_conformance.sdk import Distribution

NOT_RUN: Final = "did not run: it was deselected, or the run ended before it"


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
    ) -> None:
        self.target = target
        self.contract: Contract = contract_of(generation)
        self.sdk = sdk
        self.strict = strict
        self.required = frozenset(required)
        """The capabilities that the store is held to."""
        self.cut_short = False
        """Whether the run ended before its end, by Ctrl-C or -x."""
        self._results: dict[str, dict[str, Any]] = {}

    def add(self, result: dict[str, Any]) -> None:
        """Take the result of one clause; a failure is never replaced by what comes after it."""
        if self._results.get(result["id"], {}).get("outcome") != "failed":
            self._results[result["id"]] = result

    def results(self) -> Iterable[tuple[Clause, dict[str, Any]]]:
        """Every clause of the contract once, with its result."""
        for clause in self.contract.clauses:
            yield clause, self._results.get(clause.id, {"outcome": "skipped", "message": NOT_RUN})

    def with_outcome(self, outcome: str, level: Level | None = None) -> list[Clause]:
        return [
            clause
            for clause, result in self.results()
            if result["outcome"] == outcome and level in (None, self.level_of(clause))
        ]

    def skipped(self) -> Iterable[tuple[Clause, dict[str, Any]]]:
        """The clauses that were part of the run, and were skipped."""
        for clause, result in self.results():
            if result["outcome"] == "skipped" and clause.id in self._results:
                yield clause, result

    def clause(self, id: str) -> Clause:
        """The clause of this contract with that id."""
        return next(each for each in self.contract.clauses if each.id == id)

    def level_of(self, clause: Clause) -> Level:
        """What breaking the clause means for this store."""
        return clause.level_if(self.required)

    def capabilities(self) -> dict[str, bool | None]:
        """Which capabilities the store has; None where that was not found out."""
        return {each: self._has(each) for each in CAPABILITIES}

    def _has(self, capability: str) -> bool | None:
        results = [each for clause, each in self.results() if clause.capability == capability]
        if any(each["outcome"] == "failed" or each.get("lacking") for each in results):
            return False
        return True if all(each["outcome"] == "passed" for each in results) else None

    @property
    def unclaimed(self) -> list[str]:
        """The capabilities that the store has, and that nobody required of it."""
        has = self.capabilities()
        return [each for each in CAPABILITIES if has[each] and each not in self.required]

    @property
    def has_run(self) -> int:
        """How many clauses were part of the run."""
        return len(self._results)

    @property
    def is_whole(self) -> bool:
        """Whether no clause was left out of the run."""
        return self.has_run == len(self.contract.clauses)

    @property
    def fatal(self) -> list[Clause]:
        """The broken clauses that fail the run, and those that failed without being judged."""
        return [
            clause
            for clause, result in self.results()
            if result["outcome"] == "failed"
            and (
                self.strict or self.level_of(clause) is Level.MUST or not result.get("judged", True)
            )
        ]

    @property
    def is_known(self) -> bool:
        """Whether any clause was judged at all."""
        return any(
            result["outcome"] != "skipped" and result.get("judged", True)
            for result in self._results.values()
        )

    @property
    def conformant(self) -> bool:
        """What the exit status says: no clause failed, some were judged, and the run ended."""
        ended = self.is_whole or not self.cut_short
        return ended and self.is_known and not self.fatal
