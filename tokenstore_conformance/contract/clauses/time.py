"""TIME: the clock of the program."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, Clause
from tokenstore_conformance.contract.sources import S

CLAUSES: Final = (
    Clause(
        "TIME-2",
        MUST,
        BOTH,
        "The expiry comes back to the millisecond in every time zone, also around a change to or "
        "from summer time, and after the program's time zone has changed.",
        why="If the expiry comes back too late, the SDK uses a token that Zoho no longer accepts, "
        "and calls fail. If it comes back too early, the SDK asks Zoho for a new token at each "
        "call.",
        effect="returns a wrong expiry in some time zones",
        sources=(S("OAuthToken.get_token", "zohocrmsdk"), S("OAuthToken.authenticate", "zcrmsdk")),
    ),
)
