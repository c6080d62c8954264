"""SEC: who can learn the secrets that a store holds."""

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
        fix="Take the values of tokens out of messages, logs and __repr__. Errors of a database "
        "may quote them: raise SDKException with your own text.",
        effect="shows secrets in exceptions, logs or its repr",
        sources=(H,),
    ),
    Clause(
        "SEC-2",
        SHOULD,
        BOTH,
        "On POSIX systems, only the owner can read or write the files that the store creates, and "
        "only the owner can write to its directories.",
        why="Every other user and service of the machine could read the tokens, and log in with "
        "them.",
        fix="Create files with mode 0o600 and directories with 0o700: os.open(path, os.O_CREAT | "
        "os.O_WRONLY, 0o600).",
        effect="lets other users of the machine read its tokens",
        sources=(H,),
    ),
)
