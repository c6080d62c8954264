"""The six-method contract, for `zohocrmsdk` (SDK lines 5 to 8).

The match rule, one for save and find. A value is blank when it is None or "". Values are compared
exactly. A token identifies a stored record by the first of these that it can:

1. user: it has a user signature with a name that is not blank: by that name;
2. access: it has an access token, and neither client id nor client secret: by that access token;
3. grant / refresh: it has client id and client secret: by its grant token, else by its refresh
   token.

Otherwise it identifies nothing. A higher rule that finds no record does not fall through to a lower
one.
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
        "The six methods are there and take the SDK's arguments, positionally.",
        "The SDK calls them by position; a missing or async method, or another number of "
        "arguments, is an error at the first login or, worse, at the first refresh.",
        "A S",
    ),
    _must(
        "SHAPE-3",
        "save_token, delete_token and delete_tokens return None.",
        "That is their signature; a program that tests what they return would take a value for "
        "an error or for a token.",
        "A",
    ),
    _must(
        "SHAPE-4",
        "A second store can be constructed over the same storage, empty or not, while the first "
        "is open, and takes nothing from the first.",
        "A program that restarts, or a second worker, constructs the store again over the "
        "storage that is there.",
        "A",
    ),
    # -- save_token ----------------------------------------------------------------------------
    _must(
        "SAVE-1",
        "An unknown token is stored complete: every field that it carries, None elsewhere.",
        "A field that is lost is lost for good; without refresh token or client secret the user "
        "has to log in again.",
        "A",
    ),
    _must(
        "SAVE-2",
        "A token with a known user name updates that user's record; there is one record for it.",
        "A second record for a user keeps an old access token alive and answers with it at random.",
        "A",
    ),
    _must(
        "SAVE-3",
        "A token with a known access token, no user and no client credentials updates that "
        "record; there is one record for it.",
        "A program that runs on an access token alone saves at every start; each would add a "
        "record.",
        "A",
    ),
    _must(
        "SAVE-4",
        "A token with client credentials and a known grant token, and no user, updates that "
        "record; there is one record for it.",
        "A login whose user lookup fails is saved by its grant token; a second record would hide "
        "the refreshed one.",
        "A",
    ),
    _must(
        "SAVE-5",
        "A token with client credentials and a known refresh token, and no user or grant token, "
        "updates that record; there is one record for it.",
        "Every refresh would add a record, and an old access token could be answered.",
        "A",
    ),
    _must(
        "SAVE-6",
        "Different users stay separate records, though they share client credentials.",
        "All users of one program share its client id and secret: whoever logs in last would "
        "take the others' place.",
        "A",
    ),
    _must(
        "SAVE-7",
        "A save goes by user before access token before grant and refresh token: the record that "
        "a lower rule would match is left untouched.",
        "One user's login would be written over another user's record.",
        "A",
    ),
    _must(
        "SAVE-8",
        "An update keeps the stored value of each field that the new token leaves None.",
        "A refresh answers with an access token alone; a store that wipes the refresh token then "
        "logs the user out an hour later.",
        "B",
    ),
    _must(
        "SAVE-9",
        "An update replaces each field that the new token carries.",
        "The stale value is sent to Zoho later and refused.",
        "A",
    ),
    _must(
        "SAVE-10",
        "On insert without an id the store sets on the token a non-empty text id, unique in the "
        "store, under which the record is stored.",
        "OAuthToken.remove deletes by the token's id; without it nothing is deleted.",
        "B S",
    ),
    _must(
        "SAVE-11",
        "On insert with an id that id is kept, numeric or not.",
        "A program that gave the token its id starts the SDK with that id later.",
        "A B",
    ),
    _must(
        "SAVE-12",
        "An update keeps the record's id.",
        "A program that remembers the id of a login finds nobody under it.",
        "B",
    ),
    _should(
        "SAVE-13",
        "An update also sets the record's id on the token that was saved.",
        "OAuthToken.remove on that token would send None and delete nothing.",
        "B S",
    ),
    _must(
        "SAVE-14",
        "Every insert gets an id of its own: past 10 and past 100 records, after deletions, and "
        "beside ids that callers chose, numeric or not.",
        "Two users under one id see each other's data, or the eleventh user cannot log in.",
        "A",
    ),
    _should(
        "SAVE-15",
        "An id that the store made is never given out again: not after delete_token, not after "
        "delete_tokens, and not after a restart where the store is durable.",
        "An id that a program remembers from a deleted login would reach another user's token.",
        "H",
    ),
    _must(
        "SAVE-16",
        "A token with an id or a user, but no grant, refresh or access token, that matches "
        "nothing: SDKException, and nothing is stored.",
        "A record without any token is useless, and is found in place of a login that works.",
        "A B",
    ),
    _must(
        "SAVE-17",
        "A token that was found, given a new access token and expiry, and saved, updates its "
        "record (what the SDK does at each refresh).",
        "The refreshed token is lost, or a second record begins, at the first refresh.",
        "S",
    ),
    _must(
        "SAVE-18",
        "A token whose key matches nothing, but whose id is stored on a record that names no "
        "other user, updates that record.",
        "The SDK looks up the user's name and adds it to a found token before it saves it: that "
        "save must reach the record, not add one.",
        "S B",
    ),
    _must(
        "SAVE-19",
        "There is one record for a user, whatever id the saved token carries, an unknown one or "
        "that of another record.",
        "The SDK produces both (a login while the user lookup fails, then a second login): two "
        "records for a user answer with an expired token at random.",
        "A S",
    ),
    _must(
        "SAVE-20",
        "Saving the same values again, as the same object or an equal one, leaves one record and "
        "raises nothing.",
        "A database that counts changed rows, not matched ones, inserts a second record here.",
        "A",
    ),
    _must(
        "SAVE-21",
        "A save leaves the values of the token that it was given as they were; only the id may be "
        "set, and fields that were None filled.",
        "A store that encrypts or clears fields in place breaks the SDK call that saved it.",
        "H",
    ),
    _must(
        "SAVE-22",
        "Something that is no OAuthToken (None, a text, a dict) never changes the store; it is "
        "ignored or refused with an exception.",
        "A caller's mistake would become a record that breaks every later listing.",
        "A B",
    ),
    # -- find_token ----------------------------------------------------------------------------
    _must(
        "FIND-1",
        "A query with a user finds that user's record.",
        "The SDK finds nothing, and sends the user through a new login.",
        "A",
    ),
    _must(
        "FIND-2",
        "A query with an access token alone finds the record that has it.",
        "A program that starts on an access token saves it again and again.",
        "A",
    ),
    _must(
        "FIND-3",
        "A query with client credentials and a grant token finds the record that has it.",
        "A grant token works once: at the second start the SDK would send it to Zoho again, and "
        "be refused.",
        "A",
    ),
    _must(
        "FIND-4",
        "A query with client credentials and a refresh token finds the record that has it.",
        "The SDK asks Zoho for a new access token at every start, until Zoho throttles it.",
        "A",
    ),
    _must(
        "FIND-5",
        "A query that carries several keys is answered by the first of user, access token, grant "
        "and refresh token that the match rule names, and by no other.",
        "One user would be answered with another user's token.",
        "A",
    ),
    _must(
        "FIND-6",
        "None on a miss, for each kind of key, on an empty and on a filled store; no exception.",
        "The SDK takes None for 'log in now'; an exception ends the program at its first start.",
        "A",
    ),
    _must(
        "FIND-7",
        "What is found is complete: every field that the query left None is filled.",
        "Without refresh token or expiry the SDK cannot refresh, and the user is logged out.",
        "A",
    ),
    _must(
        "FIND-8",
        "A query is never answered with a token that it does not identify.",
        "OAuthToken.revoke would revoke a stranger's login; a program would work on a stranger's "
        "data.",
        "A H",
    ),
    _should(
        "FIND-9",
        "The token that was passed in is filled in place.",
        "OAuthToken.revoke ignores what find_token returns and reads the token that it passed.",
        "S B",
    ),
    _should(
        "FIND-10",
        "A query with an id alone finds the record of that id.",
        "OAuthToken.revoke sends such a query; without an answer nothing is revoked.",
        "S",
    ),
    _must(
        "FIND-11",
        "Finding changes nothing in the store, hit or miss.",
        "A lookup that writes loses logins under load, or stores half a token.",
        "H",
    ),
    _must(
        "FIND-12",
        "A miss leaves the query token as it was.",
        "The SDK goes on with that very token: a value put there by a miss reaches Zoho.",
        "H",
    ),
    _should(
        "FIND-13",
        "The grant token goes before the refresh token, where both are given and each matches "
        "another record.",
        "The order of the match rule: the newest login is the one with that grant token.",
        "A",
    ),
    _must(
        "FIND-14",
        "Keys compare exactly: an accent, a blank at either end, a wildcard or, for tokens, "
        "another letter case is another value.",
        "'muller' must not get the token of 'm\u00fcller': a database's collation decides this, "
        "and its default is often wrong.",
        "H",
    ),
    _should(
        "FIND-15",
        "User names that differ in letter case or in Unicode normal form alone are two users.",
        "Zoho compares names exactly; a store that folds them gives one the other's token.",
        "H",
    ),
    # -- find_token_by_id ----------------------------------------------------------------------
    _must(
        "BYID-1",
        "find_token_by_id returns the complete token of that id.",
        "The SDK started with an id works with what it gets here alone.",
        "A",
    ),
    _must(
        "BYID-2",
        "None for an unknown id; no exception.",
        "The article says None; a program that asks whether a login is still there would end in "
        "an exception.",
        "A S",
    ),
    _must(
        "BYID-3",
        "An id matches itself and nothing else: not with quotes, SQL, wildcards, blanks, another "
        "letter case, or '01' for '1'.",
        "Ids come from the outside (a session, a URL): a forged one must reach nobody's token.",
        "H",
    ),
    # -- delete_token --------------------------------------------------------------------------
    _must(
        "DEL-1",
        "delete_token removes that record and no other; it is then found by no key.",
        "A user who logged out stays logged in, or another one is logged out.",
        "A",
    ),
    _must(
        "DEL-2",
        "An unknown id, or None, changes nothing: None or SDKException, and nothing else.",
        "OAuthToken.remove sends None for a token without id; nobody's record may go.",
        "B S",
    ),
    _must(
        "DEL-3",
        "A hostile id ('1 or 1=1') deletes nothing.",
        "One request with a forged id would log out every user.",
        "H",
    ),
    _must(
        "DEL-4",
        "A deleted token can be saved again, as a new record.",
        "A user who logged out could never log in again.",
        "A",
    ),
    # -- get_tokens ----------------------------------------------------------------------------
    _must(
        "LIST-1",
        "An empty store lists an empty list, not None.",
        "A program loops over the answer.",
        "A",
    ),
    _must(
        "LIST-2",
        "get_tokens is a list with every record once, each a complete OAuthToken.",
        "A program that refreshes or revokes all logins would miss one or stumble over half of "
        "one.",
        "A",
    ),
    # -- delete_tokens -------------------------------------------------------------------------
    _must(
        "CLEAR-1",
        "delete_tokens removes all records; none is found by any key after.",
        "A global logout that leaves a login behind.",
        "A",
    ),
    _must(
        "CLEAR-2",
        "delete_tokens on an empty store is no error, and a cleared store works on.",
        "The logins after a global logout would be lost.",
        "A",
    ),
    # -- data ----------------------------------------------------------------------------------
    _must(
        "DATA-1",
        "Text comes back as it went in, in every field, ids and keys included: Unicode, quotes, "
        "commas, backslashes, percent signs, up to 255 characters a field.",
        "A user named O'Brien or M\u00fcller cannot log in, or is somebody else afterwards.",
        "H",
    ),
    _should(
        "DATA-2",
        "Line breaks of every kind, control characters, a byte order mark and 4,096 characters "
        "in a field come back as they went in.",
        "A line break in one field breaks the file, and with it every login in it.",
        "H",
    ),
    _must(
        "DATA-3",
        "expires_in comes back as a text.",
        "The SDK calls len() and int() on it; a number there ends every call after the first.",
        "S",
    ),
    # -- isolation -----------------------------------------------------------------------------
    _must(
        "ISO-1",
        "Changing a token after it was saved changes nothing in the store.",
        "The SDK goes on to change the token that it saved; the store would hold what nobody "
        "saved.",
        "H",
    ),
    _must(
        "ISO-2",
        "Changing a token that was found or listed changes nothing in the store, nor in what "
        "another call returned.",
        "One request's change would show in another user's request.",
        "H",
    ),
    # -- sequences -----------------------------------------------------------------------------
    _must(
        "SEQ-1",
        "Any sequence of calls agrees with the model; no two records share an id or a user.",
        "What no single check shows, a month in production does.",
        "A",
    ),
    # -- threads -------------------------------------------------------------------------------
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
        "Concurrent saves of different users lose nothing, of one user leave one record; ids are "
        "unique.",
        "Two users who log in at the same moment: one of the logins is lost.",
        "A",
    ),
    _capability(
        "THR-3",
        "threads",
        "Concurrent calls answer as if they had come one after the other.",
        "A user is answered with a token that never was whole.",
        "H",
    ),
    # -- durability ----------------------------------------------------------------------------
    _capability(
        "DUR-1",
        "durable",
        "A second store over the same storage sees every record.",
        "Every restart logs all users out.",
        "A",
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
    # -- outages -------------------------------------------------------------------------------
    _capability(
        "ERR-1",
        "outage",
        "While the backend is out every method answers truly or raises SDKException.",
        "A save that is lost in silence is a user who is logged out in an hour; None for a "
        "stored token is a login too many.",
        "A",
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
        "The SDK, started with a grant token, leaves one record with access and refresh token.",
        "The first login is lost, though the program seems to work for an hour.",
        "S",
    ),
    _must(
        "SDK-2",
        "Started again with the same grant token, refresh token or user, the SDK asks Zoho's "
        "accounts server for nothing.",
        "Each start spends a token; a grant token works only once.",
        "S",
    ),
    _must(
        "SDK-3",
        "An expired token is refreshed, the new access token is stored, the refresh token kept, "
        "in one record, whether the record names a user or not.",
        "The SDK swallows what goes wrong in that save: users are logged out, and nothing says "
        "why.",
        "S",
    ),
    _must(
        "SDK-4",
        "Started with an id alone, the SDK uses that record.",
        "A program that remembers ids cannot start.",
        "S",
    ),
    _must(
        "SDK-5",
        "Two users in one store, switched between, expired and refreshed, never get each other's "
        "token.",
        "A user works on a stranger's data.",
        "S",
    ),
    _must(
        "SDK-6",
        "OAuthToken.remove on a token that carries its id deletes that record and no other.",
        "A logout that does not log out, or that logs out somebody else.",
        "S",
    ),
    _should(
        "SDK-7",
        "OAuthToken.revoke(id) sends that record's refresh token, and for an unknown id sends "
        "nothing.",
        "A login that was to be revoked stays valid at Zoho.",
        "S",
    ),
    _should(
        "SDK-8",
        "A token from get_tokens or find_token_by_id can be handed to the SDK as it is.",
        "The SDK swallows the error, and the refreshed token is lost.",
        "S",
    ),
    _must(
        "SDK-9",
        "Started with an access token alone, the SDK saves it once; started again with it, it "
        "asks for nothing and there is still one record.",
        "Each start adds a record.",
        "S",
    ),
    _must(
        "SDK-10",
        "OAuthToken.revoke and remove, with a known, an unknown and no id, never reach another "
        "record's token.",
        "A stranger's login would be revoked.",
        "S",
    ),
    # -- secrets and resources -----------------------------------------------------------------
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
    "Which value a found token shows for a field that the query carried already: the stored one "
    "or the query's own.",
    "Whether find_token returns the token that it was given or a new one (FIND-9 asks only that "
    "the given one is filled), and whether a token is an OAuthToken or an instance of a subclass.",
    "A query that identifies nothing: None or SDKException, never a record (FIND-8).",
    "A token without a key whose id is stored: a save updates that record or raises SDKException; "
    "a find answers with that record or None (FIND-10 asks for the record).",
    "A grant or refresh token without client credentials: a find answers with that token's record "
    "or None, never with another record.",
    "A grant or refresh token whose client credentials differ from the stored ones, and one user "
    "under two clients: never tried.",
    "A grant and a refresh token given together: a find whose grant token matches nothing while "
    "the refresh token does, and a save where the two match different records, are never tried.",
    "A key that several records share: a find may answer with any of them; a save by such a key "
    "is never tried.",
    "A token with an access token and client credentials, and no other key and no id: a save "
    "stores it or raises SDKException.",
    "A user who has a record, saved under the id of another record: what becomes of that other "
    "record is open, as long as there is one record for the user (SAVE-19).",
    "The empty text as the value of a field: never saved; on reading, None and the empty text are "
    "one.",
    "Something that is no OAuthToken, saved or searched: ignored or refused with an exception, as "
    "long as nothing changes in the store (SAVE-22).",
    "An unknown id, or None, to delete_token: None or SDKException, as long as nothing changes in "
    "the store (DEL-2).",
    "The order of the tokens in get_tokens.",
    "SDK lines 5 to 7 end in an error of their own where find_token_by_id answers None; line 8 "
    "goes on with what it has. The clause (BYID-2) asks for None in all of them.",
)
"""Where the sources disagree or are silent: the suite accepts every answer that stands here."""
