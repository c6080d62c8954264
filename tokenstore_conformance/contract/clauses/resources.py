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
        "1,500 calls leave no more files, connections or threads open than 150 calls, and calls "
        "from 80 short-lived threads no more than from 40. The store still saves.",
        why="A program that runs for a week runs out of files or connections. So does a server "
        "with a thread for each request.",
        fix="Close what each call opens with a with statement, so that it is closed after an error "
        "too. Keep a connection for each thread in a threading.local() and nowhere else, so that "
        "it is closed when the thread ends, or use a pool.",
        effect="leaves files, connections or threads open",
        sources=(H,),
    ),
)
