"""HOST: what the program around a store does."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, SHOULD, Clause
from tokenstore_conformance.contract.sources import H

CLAUSES: Final = (
    Clause(
        "HOST-1",
        SHOULD,
        BOTH,
        "The store can be built, and each method called, inside a running event loop.",
        why="In FastAPI, in Jupyter and in every coroutine an event loop is running. asyncio.run "
        "and run_until_complete raise RuntimeError there.",
        fix="Use a client that blocks, or run your coroutines in a loop of a thread of your own. "
        "Do not call asyncio.run in the caller's thread.",
        effect="fails inside a running event loop",
        sources=(H,),
    ),
    Clause(
        "HOST-2",
        SHOULD,
        BOTH,
        "After the program has changed its working directory, the store goes on with the same "
        "files.",
        why="A daemon changes its working directory when it starts, and so do some scripts. A "
        "store that opens a relative path at each call then starts empty.",
        fix="Make the path absolute in the constructor: os.path.abspath(path).",
        effect="loses logins when the working directory changes",
        sources=(H,),
    ),
)
