"""RES: what a store leaves open."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, SHOULD, Clause
from tokenstore_conformance.contract.sources import H

CLAUSES: Final = (
    Clause(
        "RES-1",
        SHOULD,
        BOTH,
        "1,500 calls leave no more files, connections or threads open than 150 calls, and the "
        "store still saves.",
        why="A program that runs for a week runs out of files or connections.",
        fix="Close what each call opens with a with statement, so that it is closed after an error "
        "too.",
        effect="leaves files, connections or threads open",
        sources=(H,),
    ),
)
