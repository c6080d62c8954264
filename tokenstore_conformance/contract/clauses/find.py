"""FIND: which record find_token (in zcrmsdk get_token) returns, and that it changes nothing."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, SHOULD, ZCRMSDK, ZOHOCRMSDK, Clause
from tokenstore_conformance.contract.sources import A, B, H, S

CLAUSES: Final = (
    Clause(
        "FIND-1",
        MUST,
        ZOHOCRMSDK,
        "A query with a user finds the record of that user.",
        why="The SDK finds no token, and the user has to log in again.",
        fix="Look the record up by the user name if the query has one.",
        effect="does not find logins that it holds",
        sources=(A,),
    ),
    Clause(
        "FIND-2",
        MUST,
        ZOHOCRMSDK,
        "A query with an access token alone finds the record with that access token.",
        why="A program that starts with an access token would save it again at every start.",
        fix="If the query has an access token and no client credentials, look the record up by the "
        "access token.",
        effect="does not find logins that it holds",
        sources=(A,),
    ),
    Clause(
        "FIND-3",
        MUST,
        ZOHOCRMSDK,
        "A query with client credentials and a grant token finds the record with that grant token.",
        why="A grant token works only once. At the second start the SDK would send it to Zoho "
        "again, and Zoho would refuse it.",
        fix="If the query has client credentials and a grant token, look the record up by the "
        "grant token.",
        effect="does not find logins that it holds",
        sources=(A,),
    ),
    Clause(
        "FIND-4",
        MUST,
        ZOHOCRMSDK,
        "A query with client credentials and a refresh token finds the record with that refresh "
        "token.",
        why="The SDK would ask Zoho for a new access token at every start, until Zoho refuses.",
        fix="If the query has client credentials, a refresh token and no grant token, look the "
        "record up by the refresh token.",
        effect="does not find logins that it holds",
        sources=(A,),
    ),
    Clause(
        "FIND-5",
        MUST,
        ZOHOCRMSDK,
        "If a query has several keys, the first rule of the match rules that applies decides "
        "alone.",
        why="The store would return another user's token.",
        fix="Check the keys in the order of the match rules, with if and elif, and do not try the "
        "next one if the first finds nothing.",
        effect="hands one user's token to another",
        sources=(A,),
    ),
    Clause(
        "FIND-6",
        MUST,
        BOTH,
        "A query that matches no record returns None and raises nothing, for each kind of key, on "
        "an empty store and on a store with records.",
        why="If it gets None, the SDK logs in. An exception ends the program at its first start.",
        fix="Return None if the lookup finds nothing or the file does not exist yet. Check that "
        "before you read any field.",
        effect="fails on a user, token or id that it does not know",
        sources=(
            A,
            S("OAuthToken.get_token", "zohocrmsdk"),
            S("OAuthToken.authenticate", "zcrmsdk"),
            B("FileStore.get_token", "zcrmsdk"),
        ),
    ),
    Clause(
        "FIND-7",
        MUST,
        ZOHOCRMSDK,
        "The token that is found is complete: every field that is None in the query is filled.",
        why="Without the refresh token or the expiry the SDK cannot refresh, and the user is "
        "logged out.",
        fix="Copy every stored field to the token where the query has None, the refresh token and "
        "the expiry included.",
        effect="returns incomplete tokens",
        sources=(A,),
    ),
    Clause(
        "FIND-8",
        MUST,
        ZOHOCRMSDK,
        "The store never answers a query with a token that the query does not identify.",
        why="OAuthToken.revoke would revoke another user's login, or a program would work on "
        "another user's data.",
        fix="Compare with what the query has, and never with None or ''. If nothing identifies a "
        "record, return None, and do not fall back to the first or the only one.",
        effect="hands one user's token to another",
        sources=(A, H),
    ),
    Clause(
        "FIND-9",
        SHOULD,
        ZOHOCRMSDK,
        "find_token fills the token that it gets, in place.",
        why="OAuthToken.revoke ignores what find_token returns. It reads the token that it passed.",
        fix="Set the fields on the token that was passed, and return that token.",
        effect="keeps the SDK from revoking logins",
        sources=(S("OAuthToken.revoke"), B("FileStore.find_token"), B("DBStore.find_token")),
    ),
    Clause(
        "FIND-10",
        SHOULD,
        ZOHOCRMSDK,
        "A query with an id alone finds the record with that id.",
        why="OAuthToken.revoke sends such a query. Without an answer it revokes nothing.",
        fix="If no match rule applies, and the query has an id, look the record up by that id.",
        effect="keeps the SDK from revoking logins",
        sources=(S("OAuthToken.revoke"),),
    ),
    Clause(
        "FIND-11",
        MUST,
        BOTH,
        "Finding changes nothing in the store, whether it finds a record or not.",
        why="A query would overwrite a login, or be stored as an incomplete token.",
        fix="Do not write in a lookup: neither insert what is missing nor change the record that "
        "is found.",
        effect="changes stored logins without a save",
        sources=(H,),
    ),
    Clause(
        "FIND-12",
        MUST,
        BOTH,
        "If a find returns None, the query token is as it was before. In zcrmsdk its user_mail may "
        "be set to the email of the user.",
        why="The SDK goes on with that token, and would send the changed value to Zoho.",
        fix="Set fields on the query token only after you have found its record.",
        effect="changes tokens that belong to its caller",
        sources=(
            H,
            S("OAuthToken.authenticate", "zcrmsdk"),
            S("OAuthToken.generate_access_token", "zcrmsdk"),
            S("OAuthToken.refresh_access_token", "zcrmsdk"),
        ),
    ),
    Clause(
        "FIND-13",
        SHOULD,
        ZOHOCRMSDK,
        "If a query has a grant token and a refresh token that match different records, the grant "
        "token decides.",
        why="The grant token belongs to the newest login. The other record may be out of date.",
        fix="Look at the refresh token only if the query has no grant token.",
        effect="returns the wrong login when several match",
        sources=(A,),
    ),
    Clause(
        "FIND-14",
        MUST,
        BOTH,
        "Keys are compared exactly and in full. A key that differs in an accent, a blank at "
        "either end, a wildcard, or only in its last characters is another key: a user name with "
        "another organisation id, or a token that agrees in all but the end of its 70 characters. "
        "Another letter case makes another key too (for user names in zohocrmsdk, see FIND-15).",
        why="A database's collation, an index on a prefix or a short column decides this. 'muller' "
        "would get the token of 'müller', and a sandbox user the token of production.",
        fix="Compare keys with = on a text column with a binary collation and room for the whole "
        "text. Do not strip or cut them, and do not match them with LIKE.",
        effect="takes similar user names or tokens for the same one",
        sources=(H, S("Utility.get_user_name", "zohocrmsdk")),
    ),
    Clause(
        "FIND-15",
        SHOULD,
        ZOHOCRMSDK,
        "User names that differ only in letter case or in Unicode normal form are two users.",
        why="Zoho compares names exactly. A store that does not would give one user the token of "
        "the other.",
        fix="Use a binary collation (COLLATE BINARY, VARBINARY), and do not call lower() or "
        "normalize() on names.",
        effect="takes similar user names or tokens for the same one",
        sources=(H,),
    ),
    Clause(
        "FIND-16",
        MUST,
        ZCRMSDK,
        "A query with a grant token finds the login with that grant token.",
        why="A grant token works only once. If the login is not found, the user has to grant "
        "access again.",
        fix="Look the login up by email, client id and grant token.",
        effect="does not find logins that it holds",
        sources=(S("OAuthToken.authenticate"), B("FileStore.get_token")),
    ),
    Clause(
        "FIND-17",
        MUST,
        ZCRMSDK,
        "A query with a refresh token finds the login with that refresh token.",
        why="The SDK would ask Zoho for a new access token at every start, until Zoho refuses.",
        fix="If the token has no grant token, look the login up by email, client id and refresh "
        "token.",
        effect="does not find logins that it holds",
        sources=(S("OAuthToken.authenticate"), B("FileStore.get_token")),
    ),
    Clause(
        "FIND-18",
        MUST,
        ZCRMSDK,
        "The token that is found has access token, expiry and refresh token. It is either the "
        "token that was passed, with these filled, or a new one that also has client id, client "
        "secret and grant token.",
        why="The SDK refreshes the token that was found, and saves it.",
        fix="Copy access token, expiry and refresh token of the record to the token that you "
        "return.",
        effect="returns incomplete tokens",
        sources=(S("OAuthToken.authenticate"), S("OAuthToken.refresh_access_token")),
    ),
    Clause(
        "FIND-19",
        MUST,
        ZCRMSDK,
        "A query for one user never finds a token of another user, even with that user's tokens "
        "or user_mail in it.",
        why="One user would work on another user's data.",
        fix="Put the user's email into every lookup, and take it from the user argument, not from "
        "the token.",
        effect="hands one user's token to another",
        sources=(B("FileStore.check_token_exists"), B("DBStore.construct_dbquery", "zcrmsdk")),
    ),
    Clause(
        "FIND-20",
        MUST,
        ZCRMSDK,
        "If a query has an old access token, expiry or refresh token, the token that is found has "
        "the stored ones.",
        why="Zoho revokes old access tokens. A program would keep using its own, though another "
        "program has refreshed the login.",
        fix="Take access token, expiry and refresh token from the record even if the query has "
        "values for them.",
        effect="returns old tokens",
        sources=(
            B("FileStore.get_token"),
            B("DBStore.get_token"),
            S("OAuthToken.authenticate", "zcrmsdk"),
        ),
    ),
    Clause(
        "FIND-21",
        SHOULD,
        ZOHOCRMSDK,
        "If the store has no value for a field, the token that is found keeps the value that the "
        "query has.",
        why="The program gives a refresh token or a client id that was never stored. If the find "
        "clears it, the SDK cannot refresh, and the user is logged out.",
        fix="Set a field only if the record has a value for it.",
        effect="returns incomplete tokens",
        sources=(
            B("FileStore.set_merge_data"),
            B("DBStore.set_merge_data"),
            S("OAuthToken.refresh_access_token"),
        ),
    ),
    Clause(
        "FIND-22",
        SHOULD,
        ZOHOCRMSDK,
        "A token whose record has no user name comes back without a user signature, from a find, "
        "by its id and in the list.",
        why="The SDK looks up the user's name only if the token has no signature. With an empty "
        "one, the login is never found by its user.",
        fix="Set a user signature only if the record has a user name.",
        effect="returns incomplete tokens",
        sources=(
            S("OAuthToken.get_token"),
            B("FileStore.set_merge_data"),
            B("DBStore.set_merge_data"),
        ),
    ),
)
