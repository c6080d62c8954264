"""SDK: programs on the real SDK that log in, refresh, switch users, remove and revoke."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, SHOULD, ZCRMSDK, ZOHOCRMSDK, Clause
from tokenstore_conformance.contract.sources import TWO_X, S

CLAUSES: Final = (
    Clause(
        "SDK-1",
        MUST,
        BOTH,
        "After a login with a grant token the store has one record for it, with access token and "
        "refresh token.",
        why="The first login is lost, although the program seems to work for an hour.",
        fix="Store the access token and the refresh token that the SDK adds to a token with a "
        "grant token, in the record of that login.",
        effect="does not keep a new login complete",
        sources=(
            S("OAuthToken.get_token", "zohocrmsdk"),
            S("OAuthToken.generate_access_token", "zcrmsdk"),
        ),
    ),
    Clause(
        "SDK-2",
        MUST,
        BOTH,
        "If the SDK starts again with the same grant token or refresh token (in zohocrmsdk also "
        "with the user), it requests nothing from Zoho's accounts server.",
        why="Each start would use up a token, and a grant token works only once.",
        fix="Find the record by the grant token or the refresh token that the program gives, and "
        "fill access token and expiry.",
        effect="does not find logins that it holds",
        sources=(
            S("OAuthToken.get_token", "zohocrmsdk"),
            S("OAuthToken.authenticate", "zcrmsdk"),
        ),
    ),
    Clause(
        "SDK-3",
        MUST,
        BOTH,
        "When the SDK refreshes an expired token, the store then has one record for it, with the "
        "new access token and the same refresh token. In zohocrmsdk this holds for records with "
        "and without a user name.",
        why="If this save fails, the next call refreshes again, until Zoho issues no more tokens. "
        "zohocrmsdk only logs the failure, and users are logged out later.",
        fix="Update the record that was found with the new access token and expiry, and keep its "
        "refresh token.",
        effect="loses logins when a token is refreshed",
        sources=(
            S("OAuthToken.get_token", "zohocrmsdk"),
            S("OAuthToken.refresh_access_token", "zcrmsdk"),
        ),
    ),
    Clause(
        "SDK-4",
        MUST,
        BOTH,
        "If the SDK starts with an id alone, it uses the record with that id, and refreshes it if "
        "it has expired. In zcrmsdk this binds the lines 2.x.",
        why="A program that remembers its users by their ids cannot start.",
        fix="Find a record by its id alone, and fill every field that the SDK needs to refresh it.",
        effect="does not find logins that it holds",
        sources=(
            S("OAuthToken.get_token", "zohocrmsdk"),
            S("OAuthToken.authenticate", TWO_X),
        ),
    ),
    Clause(
        "SDK-5",
        MUST,
        BOTH,
        "Two users in one store never get each other's token, when the program switches between "
        "them, and when their tokens expire and are refreshed.",
        why="One user would work on another user's data.",
        fix="Match by the user's name or email first, and never by what users share, such as the "
        "client id.",
        effect="hands one user's token to another",
        sources=(S("Initializer.switch_user"), S("Utility.get_user_name", "zohocrmsdk")),
    ),
    Clause(
        "SDK-6",
        MUST,
        BOTH,
        "OAuthToken.remove deletes the record of its token and no other. In zohocrmsdk the token "
        "has its id, in zcrmsdk it was saved in the same program.",
        why="A user who logs out stays logged in, or another user is logged out.",
        fix="Set the id (in zcrmsdk the user_mail) on each token that is saved, and delete by it "
        "alone.",
        effect="does not delete exactly the logins that it should",
        sources=(S("OAuthToken.remove"),),
    ),
    Clause(
        "SDK-7",
        SHOULD,
        ZOHOCRMSDK,
        "OAuthToken.revoke(id) sends the refresh token of the record with that id to Zoho. For an "
        "unknown id it sends nothing.",
        why="A login that the program revoked would stay valid at Zoho.",
        fix="Fill the token that find_token gets with the refresh token of the record with its id, "
        "and with that of no other.",
        effect="keeps the SDK from revoking logins",
        sources=(S("OAuthToken.revoke"),),
    ),
    Clause(
        "SDK-8",
        SHOULD,
        ZOHOCRMSDK,
        "A token from get_tokens or find_token_by_id can be passed to the SDK as it is. If it has "
        "expired, it is refreshed and saved.",
        why="The SDK catches the error of a token that was built without the constructor, and the "
        "refreshed token is lost.",
        fix="Build each token with OAuthToken(...), and not with OAuthToken.__new__, so that it "
        "has all its attributes.",
        effect="loses logins when a token is refreshed",
        sources=(S("OAuthToken.get_token"),),
    ),
    Clause(
        "SDK-9",
        MUST,
        ZOHOCRMSDK,
        "If the SDK starts with an access token alone, it saves it once. If it starts again with "
        "it, it requests nothing, and there is still one record.",
        why="Each start would add a record.",
        fix="Find and update the record by the access token if the token has no client "
        "credentials.",
        effect="keeps several records for one login",
        sources=(S("OAuthToken.get_token"),),
    ),
    Clause(
        "SDK-10",
        MUST,
        ZOHOCRMSDK,
        "OAuthToken.revoke and OAuthToken.remove never reach the token of another record, with a "
        "known id, with an unknown id and without an id.",
        why="Another user's login would be revoked or deleted.",
        fix="Find and delete by exactly the id that is given. For an unknown id and for None, find "
        "and delete nothing.",
        effect="deletes or revokes the logins of other users",
        sources=(S("OAuthToken.revoke"), S("OAuthToken.remove")),
    ),
    Clause(
        "SDK-11",
        SHOULD,
        ZCRMSDK,
        "OAuthToken.remove, on a token that was found, deletes its record and no other.",
        why="delete_token needs the user_mail of the token. If a find does not set it, nothing is "
        "deleted.",
        fix="Set user_mail on the token that a find returns.",
        effect="does not delete exactly the logins that it should",
        sources=(S("OAuthToken.remove"),),
    ),
)
