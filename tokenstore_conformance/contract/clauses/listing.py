"""LIST: what get_tokens returns."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, ZCRMSDK, Clause
from tokenstore_conformance.contract.sources import TWO_X, A, B

CLAUSES: Final = (
    Clause(
        "LIST-1",
        MUST,
        BOTH,
        "get_tokens of an empty store returns an empty list, not None.",
        why="Programs loop over the answer, count it or compare it with []. At their first start "
        "they would fail.",
        fix="Return [] if the store is empty or its file does not exist yet.",
        effect="returns something other than its interface promises",
        sources=(A, B("FileStore.get_tokens", "zcrmsdk")),
    ),
    Clause(
        "LIST-2",
        MUST,
        BOTH,
        "get_tokens returns a list with every record once, each as a complete OAuthToken. In "
        "zcrmsdk a token with a grant token may lack its refresh token here: LIST-3 requires it.",
        why="A program that shows, refreshes or revokes all logins would miss one, or fail on one "
        "that is incomplete.",
        fix="Make a new list at each call, of all records, each as a token with all its fields.",
        effect="leaves logins out of its list, or lists them twice",
        sources=(A, B("FileStore.get_tokens", "zcrmsdk")),
    ),
    Clause(
        "LIST-3",
        MUST,
        ZCRMSDK,
        "A listed token that has a grant token has its refresh token too.",
        why="A program that moves its tokens to another store would lose every refresh token. An "
        "hour later all users are logged out.",
        fix="Copy the refresh token too where the record has a grant token.",
        effect="returns incomplete tokens",
        sources=(B("FileStore.get_tokens", TWO_X),),
    ),
)
