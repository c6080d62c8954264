"""A clause in which the judging process died, or hung so that it had to be killed."""

from __future__ import annotations

from dataclasses import dataclass

from tokenstore_conformance.failures import Fault
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
