"""SEC: what a store says about the secrets that it holds."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, SHOULD, Clause
from tokenstore_conformance.contract.sources import H

CLAUSES: Final = (
    Clause(
        "SEC-1",
        SHOULD,
        BOTH,
        "No exception, log line or repr of the store contains a client secret or a refresh, "
        "access or grant token.",
        why="More people can read the logs than the token store.",
        effect="shows secrets in exceptions, logs or its repr",
        sources=(H,),
    ),
)
