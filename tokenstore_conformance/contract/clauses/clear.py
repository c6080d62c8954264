"""CLEAR: what delete_tokens leaves."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, Clause
from tokenstore_conformance.contract.sources import TWO_X, A, B

CLAUSES: Final = (
    Clause(
        "CLEAR-1",
        MUST,
        BOTH,
        "delete_tokens removes all records. No key finds any of them afterwards.",
        why="Logins that a program deleted would still work.",
        fix="Delete every record, commit, and clear every cache.",
        effect="does not delete exactly the logins that it should",
        sources=(A, B("FileStore.delete_tokens", TWO_X)),
    ),
    Clause(
        "CLEAR-2",
        MUST,
        BOTH,
        "delete_tokens on an empty store raises nothing, and the store works as before after it.",
        why="The first logins after a reset would fail or be lost.",
        fix="Delete the records, not the table or the file; or make them again at the next call.",
        effect="stops working after a deletion",
        sources=(A, B("FileStore.delete_tokens", TWO_X)),
    ),
)
