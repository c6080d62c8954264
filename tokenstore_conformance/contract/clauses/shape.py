"""SHAPE: what the SDK needs before it can call a store at all."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, ZOHOCRMSDK, Clause
from tokenstore_conformance.contract.sources import A, B, S

CLAUSES: Final = (
    Clause(
        "SHAPE-1",
        MUST,
        BOTH,
        "The store is an instance of the SDK's TokenStore.",
        why="Initializer.initialize rejects any other object, so the program does not start.",
        fix="Derive the class from the SDK's TokenStore, of the same generation and line that your "
        "program imports.",
        effect="cannot be used by the SDK",
        sources=(S("Initializer.initialize"),),
    ),
    Clause(
        "SHAPE-2",
        MUST,
        BOTH,
        "The store has all methods of the SDK's TokenStore, and they take the SDK's arguments by "
        "position.",
        why="The SDK calls them by position. A method that is missing, is async or takes other "
        "arguments fails at the first login or, worse, at the first refresh.",
        fix="Define every method of TokenStore as a plain def, with the SDK's arguments in the "
        "SDK's order.",
        effect="cannot be used by the SDK",
        sources=(
            A,
            S("OAuthToken.get_token", "zohocrmsdk"),
            S("OAuthToken.authenticate", "zcrmsdk"),
            S("OAuthToken.remove"),
        ),
    ),
    Clause(
        "SHAPE-3",
        MUST,
        ZOHOCRMSDK,
        "save_token, delete_token and delete_tokens return None.",
        why="This is their signature. A program that looks at the result can take it for an error "
        "or for a token.",
        fix="Remove the return value. Callers who need the id read it from the token.",
        effect="returns something other than its interface promises",
        sources=(A,),
    ),
    Clause(
        "SHAPE-4",
        MUST,
        BOTH,
        "A second store can be opened over the same storage while the first one is open, in any "
        "state of the storage: empty, with records, after delete_tokens, after a deletion, after "
        "an update, and with ids that callers chose. Opening it removes nothing.",
        why="A program that restarts, or a second worker, opens the storage as the first one left "
        "it. If that fails, the program does not start again.",
        fix="Create tables and files only if they are missing (CREATE TABLE IF NOT EXISTS), and "
        "delete nothing in the constructor.",
        effect="cannot be opened again over the same storage",
        sources=(A, B("FileStore.__init__", "zcrmsdk")),
    ),
)
