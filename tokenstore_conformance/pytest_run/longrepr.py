"""What pytest shows of a clause that fails the run: short in its own section, whole in JUnit XML.

The section of pytest's failures stands right above the verdict, which has all the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tokenstore_conformance.contract import Clause
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.report.terminal import details
from tokenstore_conformance.report.wording import cut

MOST_LINES: Final = 12
"""So many lines of what a store printed are shown, the last ones."""


@dataclass(frozen=True)
class Crash:
    """The failure in one line, for pytest's short summary and its ``--tb=line``."""

    message: str

    def __str__(self) -> str:
        return self.message


class BrokenClause:
    """A failure as pytest's reports take it."""

    def __init__(self, clause: Clause, result: Result) -> None:
        headline = f"{clause.id} {result.level}: {result.message}"
        label = "where it hangs:" if result.hung else "what the store raised:"
        raised = ["", label, *result.trace.splitlines()] if result.trace else []
        if result.output.strip():
            printed = result.output.strip().splitlines()[-MOST_LINES:]
            raised += ["", "what the store printed and logged:", *map(cut, printed)]
        self.reprcrash = Crash(headline)
        self._short = [cut(headline), *raised]
        self._whole = [headline, "", *details(clause, result, 100), *raised]

    def toterminal(self, writer: Any) -> None:
        for line in self._short:
            writer.line(line)

    def __str__(self) -> str:
        return "\n".join(self._whole)
