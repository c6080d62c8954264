"""DEL: what delete_token removes."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, ZOHOCRMSDK, Clause
from tokenstore_conformance.contract.sources import A, B, H, S

CLAUSES: Final = (
    Clause(
        "DEL-1",
        MUST,
        BOTH,
        "delete_token removes the record that its argument names, and no other. No key finds the "
        "record afterwards.",
        why="A user who logged out stays logged in, or another user is logged out.",
        fix="Delete by the exact id or key alone, commit, and clear every cache that holds the "
        "record.",
        effect="does not delete exactly the logins that it should",
        sources=(A, S("OAuthToken.remove"), B("FileStore.delete_token", "zcrmsdk")),
    ),
    Clause(
        "DEL-2",
        MUST,
        BOTH,
        "Deleting what matches no record changes nothing. delete_token returns None or raises "
        "SDKException, and nothing else. In zohocrmsdk this includes the id None.",
        why="A program may log out a user whose login is gone already, or was never stored. "
        "Another user would be logged out, or the program would fail with an error that it does "
        "not expect.",
        fix="Check that there is something to delete (pop(id, None) for a dict), and return None "
        "if there is not.",
        effect="fails on a user, token or id that it does not know",
        sources=(B("FileStore.delete_token"), B("DBStore.delete_token"), S("OAuthToken.remove")),
    ),
    Clause(
        "DEL-3",
        MUST,
        ZOHOCRMSDK,
        "delete_token deletes at most the record with exactly the given id, also if that contains "
        "SQL or wildcards, such as '1 or 1=1', or is similar to the id of a record.",
        why="One request with a forged id would log out every user.",
        fix="Pass the id as a parameter of the query, and compare it as text: no LIKE, no text put "
        "into the SQL.",
        effect="deletes or revokes the logins of other users",
        sources=(H,),
    ),
    Clause(
        "DEL-4",
        MUST,
        BOTH,
        "A token that was deleted can be saved again, as a new record.",
        why="A user who logged out could not log in again.",
        fix="Delete the record itself. If you only mark it as deleted, leave it out of every "
        "lookup and of unique indexes.",
        effect="stops working after a deletion",
        sources=(A, B("FileStore.save_token", "zcrmsdk")),
    ),
)
