"""ISO: the store and its callers do not share objects."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, Clause
from tokenstore_conformance.contract.sources import H

CLAUSES: Final = (
    Clause(
        "ISO-1",
        MUST,
        BOTH,
        "Changing a token after it was saved changes nothing in the store.",
        why="The SDK goes on to change the token that it saved. The store would hold values that "
        "were never saved.",
        fix="Store a copy of the token, or its values, and not the object that was passed.",
        effect="changes stored logins without a save",
        sources=(H,),
    ),
    Clause(
        "ISO-2",
        MUST,
        BOTH,
        "Changing a token that was found or listed changes nothing in the store, and nothing in "
        "the answer to another call.",
        why="A change in one request would show in the request of another user.",
        fix="Return a new token for each answer, and not the object that you keep.",
        effect="changes stored logins without a save",
        sources=(H,),
    ),
)
