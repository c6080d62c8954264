"""What pytest shows of a clause that fails the run: short on the terminal, in full in JUnit XML.

Without -v, pytest's section of failures leaves these clauses out, because the verdict shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenstore_conformance.contract import Clause
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.report.paragraph import details, raised_and_printed
from tokenstore_conformance.report.wording import cut


@dataclass(frozen=True)
class Crash:
    """The failure in one line, for pytest's short summary and its ``--tb=line``."""

    message: str

    def __str__(self) -> str:
        return self.message


class BrokenClause:
    """A failure in the form that pytest's reports need."""

    def __init__(self, clause: Clause, result: Result) -> None:
        headline = f"{clause.id} {result.level}: {result.message}"
        self.reprcrash = Crash(headline)
        self._short = [cut(headline), *raised_and_printed(result)]
        self._whole = [headline, "", *details(clause, result, 100)]

    def toterminal(self, writer: Any) -> None:
        for line in self._short:
            writer.line(line)

    def __str__(self) -> str:
        return "\n".join(self._whole)
