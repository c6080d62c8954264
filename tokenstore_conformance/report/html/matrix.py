"""A table of clauses by stores: what became of each clause on each store."""

from __future__ import annotations

from dataclasses import dataclass

from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.report.view import ClauseView, ReportView


@dataclass(frozen=True)
class Row:
    """A clause and what became of it on each store; None for a store that it does not bind."""

    clause: ClauseView
    cells: tuple[ClauseView | None, ...]

    @property
    def is_passed_by_all(self) -> bool:
        """Whether there are several stores, and all pass. Then one cell says so."""
        passed = [each is not None and each.status is Status.PASSED for each in self.cells]
        return len(passed) > 1 and all(passed)

    @property
    def is_calm(self) -> bool:
        """Whether, on every store that it binds, the clause passes or does not apply."""
        return all(
            each is None or each.status in (Status.PASSED, Status.NOT_APPLICABLE)
            for each in self.cells
        )


@dataclass(frozen=True)
class Matrix:
    """All clauses of a report."""

    names: tuple[str, ...]
    """A short name for each store."""
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, report: ReportView) -> Matrix:
        found = [{clause.id: clause for clause in store.clauses} for store in report.stores]
        clauses = {id: clause for store in found for id, clause in store.items()}
        rows = (
            Row(clause, tuple(store.get(id) for store in found)) for id, clause in clauses.items()
        )
        return cls(_short_names([each.target for each in report.stores]), tuple(rows))

    @property
    def open(self) -> list[Row]:
        """The rows with a clause that some store does not pass."""
        return [row for row in self.rows if not row.is_calm]

    @property
    def calm(self) -> list[Row]:
        """The other rows."""
        return [row for row in self.rows if row.is_calm]


def _short_names(targets: list[str]) -> tuple[str, ...]:
    """Return the targets without their directories, unless two of them are then the same."""
    short = [target.replace("\\", "/").rpartition("/")[2] for target in targets]
    return tuple(short if len(set(short)) == len(set(targets)) else targets)
