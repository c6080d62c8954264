"""THR: a store that several threads call."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, SHOULD, Clause
from tokenstore_conformance.contract.sources import A, H, S

CLAUSES: Final = (
    Clause(
        "THR-1",
        SHOULD,
        BOTH,
        "The store works in a thread other than the one that made it, also after a call that "
        "raised or changed nothing.",
        why="A web program makes the store in one thread and serves its users in others.",
        fix="Open a connection for each thread or for each call. With sqlite3, "
        "check_same_thread=False and a lock also work. Roll back after an error. Do not keep a "
        "cache for each thread: it misses what other threads save.",
        effect="fails in threads other than the one that made it",
        sources=(S("Initializer.switch_user"),),
        capability="threads",
    ),
    Clause(
        "THR-2",
        SHOULD,
        BOTH,
        "Concurrent saves of different users lose nothing. Concurrent saves of one user leave one "
        "record. In zohocrmsdk no two records have the same id.",
        why="When two users log in at the same moment, one of the logins would be lost.",
        fix="Hold one lock, or one transaction that locks (BEGIN IMMEDIATE), from the lookup to "
        "the end of the write.",
        effect="loses logins when several users log in at once",
        sources=(A, H),
        capability="threads",
    ),
    Clause(
        "THR-3",
        SHOULD,
        BOTH,
        "Concurrent calls give results that they could give one after the other, in some order.",
        why="Under load a call could fail, miss a login, bring back one that was deleted, or "
        "return a token that is half old and half new.",
        fix="Hold the same lock in every method, reads included, and write a record in one "
        "statement or one transaction.",
        effect="gives wrong results when several threads call it",
        sources=(H,),
        capability="threads",
    ),
)
