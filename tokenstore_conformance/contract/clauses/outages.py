"""ERR: a store whose storage fails for a while."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, SHOULD, Clause
from tokenstore_conformance.contract.sources import A, H

CLAUSES: Final = (
    Clause(
        "ERR-1",
        SHOULD,
        BOTH,
        "While its storage fails, every method gives a true answer or raises SDKException. So does "
        "a store that is made during the failure, and it deletes nothing.",
        why="If a failed save looks like a success, the user is logged out an hour later. If the "
        "store answers None for a stored token, the user has to log in again.",
        fix="Catch the errors of the storage and raise SDKException from them. Do not return None "
        "or [] for them, and do not make a new file in place of one that has disappeared.",
        effect="does not report that its storage has failed",
        sources=(A, H),
        capability="outage",
    ),
    Clause(
        "ERR-2",
        SHOULD,
        BOTH,
        "When its storage works again, the store holds everything that was saved before, and what "
        "it saves then is stored. This also holds if its file is replaced by a backup: the store "
        "reads and writes the new file.",
        why="An outage of a minute would log out all users, or every login after it would be lost.",
        fix="Drop a connection after an error, and open it again at the next call. Do not keep a "
        "file open whose path may lead to another one.",
        effect="loses logins when its storage fails for a while",
        sources=(H,),
        capability="outage",
    ),
)
