"""BYID: what find_token_by_id (in zcrmsdk 2.x get_token_by_id) returns."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, ZCRMSDK, ZOHOCRMSDK, Clause
from tokenstore_conformance.contract.sources import TWO_X, A, B, H, S

CLAUSES: Final = (
    Clause(
        "BYID-1",
        MUST,
        BOTH,
        "The store finds a token by its id and returns it complete. In zcrmsdk this binds the "
        "lines 2.x, and the token also has its id and its client secret.",
        why="An SDK that is started with an id has only this token to work with.",
        fix="Fill all fields of the record, as a find does, and set the id.",
        effect="returns incomplete tokens",
        sources=(
            A,
            S("OAuthToken.get_token", "zohocrmsdk"),
            S("OAuthToken.authenticate", TWO_X),
            B("FileStore.get_token_by_id", TWO_X),
        ),
    ),
    Clause(
        "BYID-2",
        MUST,
        ZOHOCRMSDK,
        "find_token_by_id returns None for an unknown id and raises nothing.",
        why="The article promises None. A program that asks whether a login still exists would "
        "end with an exception.",
        fix="Return None if no record has that id.",
        effect="fails on a user, token or id that it does not know",
        sources=(A, S("OAuthToken.get_token")),
    ),
    Clause(
        "BYID-3",
        MUST,
        BOTH,
        "An id matches only itself: not with quotes, SQL, wildcards, blanks or another letter "
        "case, and '01' is not '1'. In zcrmsdk this binds the lines 2.x.",
        why="Ids come from outside, from a session or a URL. A forged id would return another "
        "user's token.",
        fix="Pass the id as a parameter of the query, and compare it as text: no LIKE, no int(), "
        "no text put into the SQL.",
        effect="hands one user's token to another",
        sources=(H,),
    ),
    Clause(
        "BYID-4",
        MUST,
        ZCRMSDK,
        "For an unknown id get_token_by_id returns None or raises SDKException. It returns no "
        "other record and raises nothing else. This binds the lines 2.x.",
        why="A program may start with an id whose login was deleted. It can only handle the "
        "SDK's exception.",
        fix="Check that there is a record before you read its fields.",
        effect="fails on a user, token or id that it does not know",
        sources=(S("OAuthToken.authenticate", TWO_X), B("FileStore.get_token_by_id", TWO_X)),
    ),
)
