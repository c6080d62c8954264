"""SAVE: what save_token stores, which record it updates, and what it does to its caller."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, SHOULD, ZCRMSDK, ZOHOCRMSDK, Clause
from tokenstore_conformance.contract.sources import A, B, H, S

CLAUSES: Final = (
    Clause(
        "SAVE-1",
        MUST,
        BOTH,
        "A token that matches no record is stored complete, as a new record.",
        why="A field that is not stored is lost. Without its refresh token, a user has to log in "
        "again after an hour.",
        fix="Insert a row with a column for every field of the token, and leave out none that is "
        "set.",
        effect="does not keep a new login complete",
        sources=(
            A,
            S("OAuthToken.generate_access_token", "zcrmsdk"),
            B("FileStore.save_token", "zcrmsdk"),
        ),
    ),
    Clause(
        "SAVE-2",
        MUST,
        ZOHOCRMSDK,
        "A token with a known user name updates the record of that user. The user has one record.",
        why="With two records for a user, a find can return the old one and its expired access "
        "token.",
        fix="Before you insert, look the record up by the user name, and update it if there is "
        "one. A unique index on the user name keeps it so.",
        effect="keeps several records for one login",
        sources=(A,),
    ),
    Clause(
        "SAVE-3",
        MUST,
        ZOHOCRMSDK,
        "A token with a known access token, no user and no client credentials updates the record "
        "with that access token, whatever id the token has. There is one record for it.",
        why="A program that runs on an access token alone saves it at every start. The store "
        "would grow by a record each time.",
        fix="If the token has no user and no client credentials, look the record up by the access "
        "token, and not by the id, before you insert.",
        effect="keeps several records for one login",
        sources=(A,),
    ),
    Clause(
        "SAVE-4",
        MUST,
        ZOHOCRMSDK,
        "A token with client credentials, a known grant token and no user updates the record with "
        "that grant token, whatever id the token has. There is one record for it.",
        why="If the SDK cannot look up the user's name, it saves the login by its grant token. "
        "With two records, a find can return the one that was not refreshed.",
        fix="If the token has no user, look the record up by the grant token, and not by the id, "
        "before you insert.",
        effect="keeps several records for one login",
        sources=(A,),
    ),
    Clause(
        "SAVE-5",
        MUST,
        ZOHOCRMSDK,
        "A token with client credentials, a known refresh token, no user and no grant token "
        "updates the record with that refresh token, whatever id the token has. There is one "
        "record for it.",
        why="Every refresh would add a record, and a find could return an old access token.",
        fix="If the token has neither user nor grant token, look the record up by the refresh "
        "token, and not by the id, before you insert.",
        effect="keeps several records for one login",
        sources=(A,),
    ),
    Clause(
        "SAVE-6",
        MUST,
        BOTH,
        "Different users have separate records, even if they share client credentials or tokens. "
        "The whole user name decides: the same email with another organisation id is another "
        "user, and so is another email with the same organisation id, or at another domain.",
        why="All users of a program share its client id and secret, and one person can have a "
        "production and a sandbox organisation. The last login would replace the others.",
        fix="Compare the whole user name as text, and never match by the client id or a token "
        "where the token has a user.",
        effect="writes one user's login over another's",
        sources=(
            A,
            S("Utility.get_user_name", "zohocrmsdk"),
            B("FileStore.check_token_exists", "zcrmsdk"),
        ),
    ),
    Clause(
        "SAVE-7",
        MUST,
        ZOHOCRMSDK,
        "A save matches by user first, then by access token, then by grant or refresh token. A "
        "record that only a later rule would match stays as it is.",
        why="One user's login would overwrite another user's record.",
        fix="Apply the match rules one by one, and stop at the first that applies, even if it "
        "finds no record. Do not join them with OR.",
        effect="writes one user's login over another's",
        sources=(A,),
    ),
    Clause(
        "SAVE-8",
        MUST,
        ZOHOCRMSDK,
        "An update keeps the stored value of every field that is None in the new token.",
        why="A refresh returns an access token and no refresh token. If the store clears the "
        "refresh token, the user is logged out an hour later.",
        fix="Set only the fields that are not None, such as COALESCE(:refresh_token, "
        "refresh_token) in an UPDATE.",
        effect="loses logins when a token is refreshed",
        sources=(B("FileStore.save_token"), B("DBStore.set_token")),
    ),
    Clause(
        "SAVE-9",
        MUST,
        ZOHOCRMSDK,
        "An update replaces every field that has a value in the new token.",
        why="The SDK would send the old value to Zoho, and Zoho would refuse it.",
        fix="Name every field in the UPDATE, the expiry and the API domain included.",
        effect="keeps old values after an update",
        sources=(A,),
    ),
    Clause(
        "SAVE-10",
        MUST,
        ZOHOCRMSDK,
        "If a new token has no id, the store sets one on it: a str that is not empty and that no "
        "other record has. The record is stored under this id.",
        why="OAuthToken.remove deletes by the id of the token. Without one it deletes nothing.",
        fix="Make an id that is unique, such as str(uuid.uuid4()), insert the record under it, and "
        "call token.set_id with it.",
        effect="leaves saved tokens without the id or email that a logout needs",
        sources=(B("FileStore.generate_id"), S("OAuthToken.remove")),
    ),
    Clause(
        "SAVE-11",
        MUST,
        ZOHOCRMSDK,
        "If a new token has an id, it is stored under that id, numeric or not.",
        why="A program that chose the id starts the SDK with it later, and would not find the "
        "login.",
        fix="Make an id only if token.get_id() is None. Store ids as text.",
        effect="changes the id of a login",
        sources=(A, B("FileStore.save_token")),
    ),
    Clause(
        "SAVE-12",
        MUST,
        ZOHOCRMSDK,
        "An update keeps the id of the record.",
        why="A program that remembers the id of a login would not find the login.",
        fix="Leave the id out of the UPDATE.",
        effect="changes the id of a login",
        sources=(B("FileStore.save_token"),),
    ),
    Clause(
        "SAVE-13",
        SHOULD,
        ZOHOCRMSDK,
        "An update also sets the id of the record on the token that was saved.",
        why="OAuthToken.remove on that token would send None and delete nothing.",
        fix="After an update, call token.set_id with the id of the stored record.",
        effect="leaves saved tokens without the id or email that a logout needs",
        sources=(S("OAuthToken.remove"),),
    ),
    Clause(
        "SAVE-14",
        MUST,
        ZOHOCRMSDK,
        "Every new record gets an id of its own: past 10 and past 100 records, after deletions, "
        "and next to ids that callers chose, numeric or not.",
        why="The eleventh user cannot log in, or two users share an id and see each other's data.",
        fix="Make ids with str(uuid.uuid4()), not from the number of records or the largest id.",
        effect="cannot give every new login an id of its own",
        sources=(A,),
    ),
    Clause(
        "SAVE-15",
        SHOULD,
        ZOHOCRMSDK,
        "An id that the store made is never given to another record: not after delete_token, not "
        "after delete_tokens and, if the store is durable, not after a restart.",
        why="A program that remembers the id of a deleted login would get another user's token.",
        fix="Do not make ids from the records that are left. Use str(uuid.uuid4()), or a counter "
        "that survives deletions and restarts (AUTOINCREMENT in SQLite).",
        effect="gives the id of a deleted login to another user",
        sources=(H,),
    ),
    Clause(
        "SAVE-16",
        MUST,
        ZOHOCRMSDK,
        "Saving a token that has an id or a user, but no grant, refresh or access token, and that "
        "matches no record, raises SDKException and stores nothing.",
        why="A record without any token is of no use, and a find can return it in place of a "
        "login that works.",
        fix="Raise SDKException before you insert if the token has neither a grant, a refresh nor "
        "an access token.",
        effect="stores records that hold no usable token",
        sources=(A, B("FileStore.save_token"), B("DBStore.save_token")),
    ),
    Clause(
        "SAVE-17",
        MUST,
        ZOHOCRMSDK,
        "If a token was found, got a new access token and expiry, and is saved, its record is "
        "updated.",
        why="This is what the SDK does at each refresh. The new token would be lost, or stored in "
        "a second record.",
        fix="Do not match by the access token if the token has a user or client credentials: a "
        "refresh replaces it. If no key matches, look the record up by the id of the token.",
        effect="loses logins when a token is refreshed",
        sources=(S("OAuthToken.get_token"),),
    ),
    Clause(
        "SAVE-18",
        MUST,
        ZOHOCRMSDK,
        "If the key of a token matches nothing, but a record has the token's id and names no "
        "other user, the save updates that record.",
        why="The SDK looks up the user's name and adds it to a token that it found, before it "
        "saves the token. The save has to update the record that was found.",
        fix="If the key of the token matches no record, look the record up by the id, and update "
        "it unless it has another user name.",
        effect="loses logins when a token is refreshed",
        sources=(S("OAuthToken.get_token"), S("Utility.get_user_name")),
    ),
    Clause(
        "SAVE-19",
        MUST,
        ZOHOCRMSDK,
        "A user has one record, even if the saved token has an unknown id or the id of another "
        "record.",
        why="The SDK saves such tokens, for example at a second login after the first user lookup "
        "failed. With two records, a find can return the expired one.",
        fix="Let the user name decide before the id: update the record of that user, and keep its "
        "id.",
        effect="keeps several records for one login",
        sources=(A, S("OAuthToken.get_token")),
    ),
    Clause(
        "SAVE-20",
        MUST,
        BOTH,
        "Saving the same values again, as the same object or as an equal one, leaves one record "
        "and raises nothing.",
        why="Some databases count changed rows and not matched rows. A store that relies on the "
        "count inserts a second record here.",
        fix="Look the record up before you write. Do not take the number of changed rows for the "
        "number of matching rows.",
        effect="keeps several records for one login",
        sources=(A, B("FileStore.save_token", "zcrmsdk")),
    ),
    Clause(
        "SAVE-21",
        MUST,
        BOTH,
        "A save does not change the values of the token that it gets. It may set the id or "
        "user_mail, and it may fill fields that are None.",
        why="The SDK goes on with that token. If the store encrypts or clears its fields, the "
        "call to Zoho fails.",
        fix="Work on copies of the values: do not encrypt, normalize or clear them on the token "
        "itself.",
        effect="changes tokens that belong to its caller",
        sources=(H,),
    ),
    Clause(
        "SAVE-22",
        MUST,
        BOTH,
        "Saving something that is not an OAuthToken (None, a str, a dict) does not change the "
        "store. The store may ignore it or raise an exception.",
        why="A mistake in the program would become a record that breaks every later listing.",
        fix="Check isinstance(token, OAuthToken) before you write anything, and raise SDKException "
        "otherwise.",
        effect="stores records that hold no usable token",
        sources=(A, B("FileStore.save_token"), B("DBStore.save_token")),
    ),
    Clause(
        "SAVE-23",
        MUST,
        ZCRMSDK,
        "A second save by the same grant token leaves one record, with the new access token, "
        "expiry and refresh token.",
        why="With two records, a find can return the old one and its expired access token.",
        fix="Look the record up by email, client id and grant token before you insert, and update "
        "its access token, expiry and refresh token.",
        effect="keeps several records for one login",
        sources=(S("OAuthToken.refresh_access_token"), B("FileStore.save_token")),
    ),
    Clause(
        "SAVE-24",
        MUST,
        ZCRMSDK,
        "A second save by the same refresh token leaves one record, with the new access token and "
        "expiry.",
        why="The SDK saves like this after each refresh. Each hour would add a record.",
        fix="If the token has no grant token, look the record up by email, client id and refresh "
        "token before you insert, and update its access token and expiry.",
        effect="keeps several records for one login",
        sources=(S("OAuthToken.refresh_access_token"), B("FileStore.save_token")),
    ),
    Clause(
        "SAVE-25",
        MUST,
        ZCRMSDK,
        "One user has a separate record for each client, and for each login with a different "
        "grant or refresh token.",
        why="Two programs of one user would log each other out.",
        fix="Match by email, client id and grant or refresh token together, not by the email "
        "alone.",
        effect="loses one of two logins of the same user",
        sources=(B("FileStore.check_token_exists"), B("DBStore.construct_dbquery", "zcrmsdk")),
    ),
    Clause(
        "SAVE-26",
        MUST,
        ZCRMSDK,
        "A save sets the user's email on the token, as its user_mail, in place of another user's.",
        why="OAuthToken.remove passes that token to delete_token, which needs the email to find "
        "the record. With the email of another user, that user would be logged out.",
        fix="In each save, set the email of the user argument on the token, as its user_mail.",
        effect="leaves saved tokens without the id or email that a logout needs",
        sources=(B("FileStore.save_token"), B("DBStore.save_token"), S("OAuthToken.remove")),
    ),
    Clause(
        "SAVE-27",
        MUST,
        ZOHOCRMSDK,
        "A save that returns has stored the token or updated a record; otherwise it raises "
        "SDKException. This also holds for a token that has no key: one with an access token and "
        "client credentials, or one with the id of a record.",
        why="A save that is silently ignored looks like a success. The login is gone at the next "
        "start.",
        fix="Insert the token as a new record if nothing matches it, and raise SDKException if you "
        "cannot. Do not return early or catch errors without raising.",
        effect="does not keep a new login complete",
        sources=(A, H),
    ),
    Clause(
        "SAVE-28",
        MUST,
        ZOHOCRMSDK,
        "A save leaves the records of other users as they are, even if the token carries the id "
        "of such a record.",
        why="The SDK saves such tokens. An INSERT OR REPLACE by id deletes the other user's login.",
        fix="Before you write under an id, check which user the record with that id has. Do not "
        "use INSERT OR REPLACE by id; give the new record another id.",
        effect="writes one user's login over another's",
        sources=(H, S("OAuthToken.get_token")),
    ),
    Clause(
        "SAVE-29",
        MUST,
        BOTH,
        "A save compares ids exactly. A record whose id differs only in letter case, a blank, an "
        "accent, a wildcard, a leading zero or its last character is another record and stays as "
        "it is. In zcrmsdk this binds the lines 2.x.",
        why="UPDATE ... WHERE id LIKE 'tenant_1' also overwrites the login of 'tenantA1'.",
        fix="Compare ids with = on a column with a binary collation, and never with LIKE, int() or "
        "lower().",
        effect="writes one user's login over another's",
        sources=(H,),
    ),
)
