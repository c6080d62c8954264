"""Where the sources disagree or say nothing. The suite accepts every answer, or does not ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tokenstore_conformance.contract.clause import BOTH, ZCRMSDK, ZOHOCRMSDK


@dataclass(frozen=True)
class OpenPoint:
    """A question that the contract leaves open for these generations."""

    generations: tuple[str, ...]
    text: str


OPEN_POINTS: Final = (
    OpenPoint(
        ZOHOCRMSDK,
        "If a query already has a value in a field, the token that is found may show that value or "
        "the stored one. If nothing is stored there, FIND-21 asks for the value of the query.",
    ),
    OpenPoint(
        BOTH,
        "A find may return the token that it got or a new one. FIND-9 only asks that the token it "
        "got is filled, FIND-18 says what a new one has. A token may be an instance of a subclass "
        "of OAuthToken.",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "A query that identifies nothing returns None or raises SDKException, and never returns a "
        "record (FIND-8). If it has an id and nothing else, it may return the record with that id "
        "(FIND-10 asks for it).",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "Saving a token that has no key, but the id of a record, updates that record or raises "
        "SDKException (SAVE-27). Finding by such a token returns that record or None (FIND-8).",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "A query with a grant or refresh token, but without client credentials, returns the record "
        "with that token or None, and never another record (FIND-8).",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "The suite never tries an access token with a client id that is an empty string, nor a key "
        "with a user signature without a name. For the SDK's own stores these are a client and a "
        "user, so that the query identifies nothing.",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "The suite never tries a grant or refresh token with client credentials other than the "
        "stored ones, nor one user with two clients.",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "The suite never tries a find whose grant token matches nothing while its refresh token "
        "matches a record, nor a save whose grant and refresh token match different records.",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "If several records share a key, a find by it may return any of them. The suite never "
        "tries a save by such a key.",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "Saving a token with an access token and client credentials, and with no other key and no "
        "id, stores it or raises SDKException (SAVE-27).",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "If a token whose key is known is saved with the id of another record that names no user, "
        "the contract does not say what happens to that record, nor whether its values fill what "
        "the record with the key lacks. The key has one record (SAVE-3 to 5 and SAVE-19), and the "
        "records of other users stay as they are (SAVE-28).",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "Saving a token whose user signature has no name may raise SDKException, as it does in the "
        "SDK's DBStore. If the store takes it, the record names no user (SAVE-1).",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "An unknown id, or None, passed to delete_token: None or SDKException, if nothing changes "
        "in the store (DEL-2).",
    ),
    OpenPoint(
        ZOHOCRMSDK,
        "In the lines 5 to 7 the SDK itself fails when find_token_by_id returns None; line 8 goes "
        "on. BYID-2 asks for None in all of them.",
    ),
    OpenPoint(
        BOTH,
        "The suite never saves an empty string as the value of a field. When it reads a token, "
        "None and the empty string are the same.",
    ),
    OpenPoint(
        BOTH,
        "Something that is not an OAuthToken may be ignored or refused with any exception, if "
        "nothing changes in the store (SAVE-22).",
    ),
    OpenPoint(BOTH, "The tokens in the list of get_tokens may have any order."),
    OpenPoint(
        BOTH,
        "A store that keeps its tokens in memory alone may be empty when it is opened again. It is "
        "not durable, and DUR-1 does not apply to it. This does not hold for a store that writes "
        "its tokens to a file.",
    ),
    OpenPoint(
        BOTH,
        "A record without a refresh token may be forgotten once its access token has expired. "
        "TIME-1 is about logins that have one.",
    ),
    OpenPoint(
        BOTH,
        "TIME-1 moves the clocks of Python in the process that judges, and no others. A store that "
        "forgets by the clock of a server or of a C library (`EXPIRE` of Redis, "
        "`CURRENT_TIMESTAMP` and `strftime('now')` of SQLite) is not detected, unless a harness "
        "moves that clock with advance().",
    ),
    OpenPoint(
        BOTH,
        "DUR-5 forks a process with one thread. The suite never forks while another thread is in a "
        "call: the child would inherit a lock that nothing releases, unless the store guards "
        "against it, as the SQLite reference stores do.",
    ),
    OpenPoint(
        ZCRMSDK,
        "save_token, delete_token and delete_tokens may return anything. The docstrings promise a "
        "Token, the SDK's own stores return None, and the SDK ignores the value.",
    ),
    OpenPoint(
        ZCRMSDK,
        "If a query has another client secret than the record, the token that is found may show "
        "either. The SDK's own stores leave the one of the query.",
    ),
    OpenPoint(
        ZCRMSDK,
        "An update may keep or clear a field that is None in the new token. The SDK's own stores "
        "replace the whole record.",
    ),
    OpenPoint(
        ZCRMSDK,
        "The suite never tries a token whose grant and refresh token match different records, nor "
        "a known refresh token with an unknown grant token.",
    ),
    OpenPoint(
        ZCRMSDK,
        "The suite never tries several records with the same user, client and refresh token.",
    ),
    OpenPoint(
        ZCRMSDK,
        "The suite never starts the SDK by refresh token between two starts by grant token: a "
        "store that replaces the whole record no longer has the grant token then.",
    ),
    OpenPoint(
        ZCRMSDK,
        "The suite never tries a user or an email that is None, nor delete_token(None).",
    ),
    OpenPoint(
        ZCRMSDK,
        "The suite never tries a record without an expiry. The SDK fails on it.",
    ),
    OpenPoint(
        ZCRMSDK,
        "The suite never tries two records with one id in 2.x. The SDK makes the id of the name in "
        "the email and four characters of the refresh token, so two users can get the same one.",
    ),
    OpenPoint(
        BOTH,
        "The suite never stores more than 400 records at a time, so it does not find a store that "
        "loses records beyond a larger number.",
    ),
    OpenPoint(
        BOTH,
        "The suite never saves a token of a subclass of OAuthToken.",
    ),
)
"""Where the sources disagree or say nothing, each with the generations that it concerns."""
