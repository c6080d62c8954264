"""The five-method contract, for `zcrmsdk` 3.x; the lines 2.0 and 2.1 add `get_token_by_id`.

The match rule. A record is the one whose user email is the user's and whose client id is the
token's, and whose grant token is the token's where the token carries one, else whose refresh token
is. Values are compared exactly. For `delete_token` the email is the token's `user_mail`.

What is kept of a record: the user's email, client id, grant token, refresh token, access token and
expiry (and, in 2.x, the id that the SDK made). The SDK's own stores keep neither the client secret
nor the redirect url.
"""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract import Clause, Level


def _must(id: str, sentence: str, why: str, sources: str) -> Clause:
    return Clause(id, Level.MUST, sentence, why, sources)


def _should(id: str, sentence: str, why: str, sources: str) -> Clause:
    return Clause(id, Level.SHOULD, sentence, why, sources)


def _capability(id: str, capability: str, sentence: str, why: str, sources: str) -> Clause:
    return Clause(id, Level.SHOULD, sentence, why, sources, capability)


CLAUSES: Final[tuple[Clause, ...]] = (
    # -- the shape of a store ------------------------------------------------------------------
    _must(
        "SHAPE-1",
        "The store is an instance of the SDK's TokenStore.",
        "Initializer.initialize rejects any other object, so the program does not start.",
        "S",
    ),
    _must(
        "SHAPE-2",
        "The methods are there and take the SDK's arguments, positionally.",
        "The SDK calls them by position; what it cannot call is an error at the first login.",
        "S",
    ),
    _must(
        "SHAPE-4",
        "A second store can be constructed over the same storage, empty or not, while the first "
        "is open, and takes nothing from the first.",
        "A program that restarts, or a second worker, constructs the store again over the "
        "storage that is there.",
        "B",
    ),
    # -- save_token ----------------------------------------------------------------------------
    _must(
        "SAVE-1",
        "A login that is saved is found by its keys, with access token, expiry and refresh token.",
        "A field that is lost is lost for good; without a refresh token the user has to log in "
        "again.",
        "S B",
    ),
    _must(
        "SAVE-23",
        "A second save by the same grant token leaves one record, with the new access token, "
        "expiry and refresh token.",
        "An old record beside the new one answers with an access token that has expired.",
        "S B",
    ),
    _must(
        "SAVE-24",
        "A second save by the same refresh token leaves one record, with the new access token and "
        "expiry.",
        "The SDK saves so after each refresh: the store would grow by a record an hour.",
        "S B",
    ),
    _must(
        "SAVE-6",
        "Different users stay separate, though their client and even their refresh token are "
        "equal.",
        "One user would work with another's data.",
        "B",
    ),
    _must(
        "SAVE-25",
        "Different clients of one user stay separate, and so do logins of a user at one client by "
        "different tokens.",
        "Two programs of one user would log each other out.",
        "B",
    ),
    _must(
        "SAVE-26",
        "A save sets the user's email on the token, as its user_mail.",
        "OAuthToken.remove hands that token to delete_token, which has nothing else to know the "
        "user by.",
        "B S",
    ),
    _must(
        "SAVE-20",
        "Saving the same values again, as the same object or as an equal one, leaves one record "
        "and raises nothing.",
        "A database that counts changed rows, not matched ones, inserts here.",
        "B",
    ),
    _must(
        "SAVE-22",
        "Something that is no OAuthToken never changes the store.",
        "A mistake in the program would end as a record that no program can read.",
        "B",
    ),
    _must(
        "SAVE-21",
        "A save leaves the values of the token that it was given as they were.",
        "The program goes on with that token; a store that encrypts or clears it in place breaks "
        "its caller.",
        "H",
    ),
    # -- get_token -----------------------------------------------------------------------------
    _must(
        "FIND-16",
        "A login is found by its grant token.",
        "A grant token works only once: what is not found has to be granted anew.",
        "S B",
    ),
    _must(
        "FIND-17",
        "A login is found by its refresh token.",
        "Each start would ask Zoho for another access token, of which there are few.",
        "S B",
    ),
    _must(
        "FIND-6",
        "None on a miss: another user, client or token, on an empty and on a filled store; no "
        "exception.",
        "The SDK logs in on None, and passes any exception on to the program.",
        "S B",
    ),
    _must(
        "FIND-18",
        "The token that is found carries access token, expiry and refresh token: it is the given "
        "one, filled, or a new one that carries client id, client secret and grant token too.",
        "The SDK refreshes and saves the token that was found.",
        "S",
    ),
    _must(
        "FIND-14",
        "Keys compare exactly: an accent, a trailing blank, a wildcard or another letter case is "
        "another value.",
        "A database's collation decides this: one user gets the token of another.",
        "H",
    ),
    _must(
        "FIND-11",
        "Finding changes nothing in the store, hit or miss.",
        "A query would overwrite a login.",
        "H",
    ),
    _must(
        "FIND-19",
        "A token of one user is never found for another, whatever it carries.",
        "One user works with another's data.",
        "B",
    ),
    # -- get_token_by_id -----------------------------------------------------------------------
    _must(
        "BYID-1",
        "The id that the SDK made is kept, and the login is found by it, with client id and "
        "secret, grant token, access token, expiry and refresh token (2.x).",
        "A program that starts with an id has nothing else.",
        "S B",
    ),
    _must(
        "BYID-4",
        "An unknown id: None or SDKException, and never another record or exception (2.x).",
        "The SDK's own stores raise; a program may be started with an id of yesterday.",
        "S B",
    ),
    _must(
        "BYID-3",
        "Hostile ids (quotes, SQL, wildcards, blanks, other letter cases) match nothing but "
        "themselves (2.x).",
        "An id comes from outside; it would open another user's record.",
        "H",
    ),
    # -- delete_token --------------------------------------------------------------------------
    _must(
        "DEL-1",
        "delete_token removes that record and no other; it is then found by no key.",
        "A user who logged out stays logged in, or another one is logged out.",
        "S B",
    ),
    _must(
        "DEL-2",
        "A token that matches nothing changes nothing: None or SDKException, and nothing else.",
        "Nobody's record may go.",
        "B S",
    ),
    _must(
        "DEL-4",
        "A deleted login can be saved again.",
        "A user who logged out logs in again.",
        "B",
    ),
    # -- get_tokens, delete_tokens -------------------------------------------------------------
    _must(
        "LIST-1",
        "An empty store lists an empty list, not None.",
        "A program loops over the answer.",
        "B",
    ),
    _must(
        "LIST-2",
        "get_tokens is a list with every record once, each an OAuthToken with email, client id, "
        "access token, expiry, and the grant token, or where there is none the refresh token.",
        "A program shows who is logged in, or logs somebody out.",
        "B",
    ),
    _must(
        "LIST-3",
        "Listed logins by grant token carry their refresh token too.",
        "A program that moves its tokens to another store would lose every refresh token: an hour "
        "later nobody is logged in.",
        "B",
    ),
    _must(
        "CLEAR-1",
        "delete_tokens removes all; none is found by any key after.",
        "Logins that were to be gone still work.",
        "B",
    ),
    _must(
        "CLEAR-2",
        "delete_tokens on an empty store is no error; a cleared store works on.",
        "The first start after a reset would fail.",
        "B",
    ),
    # -- what a field can hold -----------------------------------------------------------------
    _must(
        "DATA-1",
        "Text comes back as it went in, keys included: unicode, quotes, commas, backslashes, "
        "percent, up to 255 characters in a field.",
        "A user whose name has an apostrophe cannot log in.",
        "H",
    ),
    _should(
        "DATA-2",
        "Line breaks of every kind, control characters, a byte order mark and 4,096 characters in "
        "a field come back as they went in.",
        "A line break in one field breaks the file, and with it every login in it.",
        "H",
    ),
    _must(
        "DATA-4",
        "The expiry comes back as something that int() takes to the same number.",
        "The SDK compares int() of it with the clock.",
        "S",
    ),
    # -- the store's own copy ------------------------------------------------------------------
    _must(
        "ISO-1",
        "Changing a token after it was saved changes nothing in the store.",
        "The program goes on to use the token.",
        "H",
    ),
    _must(
        "ISO-2",
        "Changing a token that was found, or listed, changes nothing in the store, nor in what "
        "another call returned.",
        "Two parts of a program would share a token without knowing.",
        "H",
    ),
    _must(
        "SEQ-1",
        "Any sequence of calls agrees with the model.",
        "What no single check shows, a month in production does.",
        "B",
    ),
    # -- threads, processes, outages -----------------------------------------------------------
    _capability(
        "THR-1",
        "threads",
        "The store works from a thread other than the one that made it.",
        "A web program makes the store in one thread and serves users in others.",
        "S",
    ),
    _capability(
        "THR-2",
        "threads",
        "Concurrent saves of different users lose nothing, of one user leave one record.",
        "Two users who log in at the same moment: one of the logins is lost.",
        "H",
    ),
    _capability(
        "THR-3",
        "threads",
        "Concurrent calls answer as if they had come one after the other.",
        "A user is answered with a token that never was whole.",
        "H",
    ),
    _capability(
        "DUR-1",
        "durable",
        "A second store over the same storage sees every record.",
        "Every restart logs all users out.",
        "B",
    ),
    _capability(
        "DUR-2",
        "processes",
        "Concurrent saves from several processes lose nothing and leave no duplicates.",
        "Two workers of one web server lose each other's logins.",
        "H",
    ),
    _capability(
        "DUR-3",
        "crash-safe",
        "A save that returned survives the killing of its process; a kill in the middle of a "
        "save leaves a store that opens, with every earlier record.",
        "A deployment that kills the old process would lose every login.",
        "H",
    ),
    _capability(
        "ERR-1",
        "outage",
        "While the backend is out every method answers truly or raises SDKException.",
        "A save that is lost in silence is a user who is logged out in an hour; None for a "
        "stored token is a login too many.",
        "H",
    ),
    _capability(
        "ERR-2",
        "outage",
        "After an outage everything that was saved before it is there.",
        "An outage of a minute would log all users out.",
        "H",
    ),
    # -- the SDK itself ------------------------------------------------------------------------
    _must(
        "SDK-1",
        "A login by grant token leaves one record, with access and refresh token.",
        "The first login is lost, though the program seems to work for an hour.",
        "S",
    ),
    _must(
        "SDK-2",
        "Started again with the same grant or refresh token, the SDK asks Zoho's accounts server "
        "for nothing.",
        "Each start spends a token; a grant token works only once.",
        "S",
    ),
    _must(
        "SDK-3",
        "An expired token is refreshed, the new access token is stored, and there is one record.",
        "Every call of the API asks for a new access token, until Zoho gives none.",
        "S",
    ),
    _must(
        "SDK-4",
        "Started with an id alone, the SDK uses that record, and refreshes it (2.x).",
        "A program that knows its users by id logs nobody in.",
        "S",
    ),
    _must(
        "SDK-5",
        "Two users in one store, switching between them, expiring, refreshing: never each "
        "other's token.",
        "One user works with another's data.",
        "S",
    ),
    _must(
        "SDK-6",
        "OAuthToken.remove, of a token that was saved in this program, deletes that record and no "
        "other.",
        "A user who logs out stays logged in, or another one is logged out.",
        "S",
    ),
    _should(
        "SDK-11",
        "OAuthToken.remove, of a token that was found, deletes that record and no other.",
        "It needs a find that sets the user_mail of the token; else nothing is deleted.",
        "S",
    ),
    _should(
        "SEC-1",
        "No exception, log line or repr that the store causes carries a client secret or a "
        "refresh, access or grant token.",
        "Logs are read by more people than a token store is.",
        "H",
    ),
    _should(
        "RES-1",
        "1,500 calls leave no file, connection or thread open that 150 did not.",
        "The program runs out of them after a week.",
        "H",
    ),
)

OPEN_POINTS: Final[tuple[str, ...]] = (
    "What save_token, delete_token and delete_tokens return: the docstrings promise a Token, the "
    "stores return None, and the SDK ignores it.",
    "Whether an update keeps what the new token leaves None: the SDK's own stores replace the "
    "record.",
    "Whether get_token returns the token that it was given or a new one (FIND-18).",
    "A grant and a refresh token that match different records, and a known refresh token with an "
    "unknown grant token: never tried.",
    "Several records that share user, client and refresh token: never tried.",
    "A start by refresh token between two starts by grant token: a store that replaces has lost "
    "the grant token by then.",
    "A user, or an email, that is None, and delete_token(None): never tried.",
    "A record without expiry: the SDK ends in an error on it; never tried.",
    "The empty text as the value of a field: never saved; on reading, None and the empty text are "
    "one.",
    "Something that is no OAuthToken: ignored or refused with an exception, as long as nothing "
    "changes in the store (SAVE-22).",
    "The order of the tokens in get_tokens.",
    "Two records of one id (2.x): the SDK makes it of the name in the email and four characters, "
    "so two users may get the same; never tried.",
)
"""Where the sources disagree or are silent: the suite accepts every answer that stands here."""
