"""SEQ: calls in any order."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, Clause
from tokenstore_conformance.contract.sources import A, B

CLAUSES: Final = (
    Clause(
        "SEQ-1",
        MUST,
        BOTH,
        "Any sequence of calls gives the same results as the model, a plain implementation of "
        "this contract. In zohocrmsdk no two records ever share an id or a user.",
        why="A month in production produces sequences of calls that no single check covers.",
        fix="Make the calls that are shown, in their order, and look at the last one: there the "
        "store first differs from the model.",
        effect="gives wrong results after some sequences of calls",
        sources=(A, B("FileStore.save_token", "zcrmsdk")),
    ),
)
