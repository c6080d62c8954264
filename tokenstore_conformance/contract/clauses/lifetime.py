"""TIME: a store as time passes, and the time zone of its program."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, Clause
from tokenstore_conformance.contract.sources import H, S

CLAUSES: Final = (
    Clause(
        "TIME-1",
        MUST,
        BOTH,
        "A login with a refresh token is still there an hour, a day, a month and a year after it "
        "was saved, and after its access token has expired: by every key, by id and in the "
        "listing.",
        why="The refresh token does not expire with the access token. A store that forgets a login "
        "after an hour (a cache with a time to live, SETEX 3600) logs its user out.",
        fix="Remove every time limit on records (SETEX, EXPIRE, a TTL index), and do not filter by "
        "the expiry.",
        effect="loses logins as time passes",
        sources=(S("OAuthToken.refresh_access_token"), H),
    ),
    Clause(
        "TIME-2",
        MUST,
        BOTH,
        "The expiry comes back to the millisecond in every time zone, also around a change to or "
        "from summer time, and after such a change.",
        why="If the expiry comes back too late, the SDK uses a token that Zoho no longer accepts, "
        "and calls fail. If it comes back too early, the SDK asks Zoho for a new token at each "
        "call.",
        fix="Store the milliseconds as they are. If the column holds a date, convert with a time "
        "zone: datetime.fromtimestamp(..., timezone.utc).",
        effect="returns a wrong expiry in some time zones",
        sources=(S("OAuthToken.get_token", "zohocrmsdk"), S("OAuthToken.authenticate", "zcrmsdk")),
    ),
)
