"""DATA: what a field can hold."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, MUST, SHOULD, ZCRMSDK, ZOHOCRMSDK, Clause
from tokenstore_conformance.contract.sources import H, S

CLAUSES: Final = (
    Clause(
        "DATA-1",
        MUST,
        BOTH,
        "Text comes back as it was saved, in every field, ids and keys included: Unicode, quotes, "
        "commas, backslashes, percent signs, and up to 255 characters in a field.",
        why="A user named O'Brien or Müller could not log in, or would come back as another user.",
        fix="Pass values as parameters, use a library to read and write CSV or JSON, and give "
        "columns room for 255 characters of Unicode.",
        effect="cannot store every name or token",
        sources=(H,),
    ),
    Clause(
        "DATA-2",
        SHOULD,
        BOTH,
        "Line breaks of every kind, control characters, a byte order mark, and tokens of 4,096 "
        "characters come back as they were saved. So does a NUL character, or the save raises "
        "SDKException. A save that raises, whatever the text in its token, changes no record.",
        why="A line break in one field can break the file, and with it every login in it. So can "
        "a save that fails after it opened the file for writing.",
        fix="Use a format that can hold any text (JSON, a database), write to a new file and then "
        "os.replace it, and raise SDKException for what it cannot hold.",
        effect="changes unusual characters or long text",
        sources=(H,),
    ),
    Clause(
        "DATA-3",
        MUST,
        ZOHOCRMSDK,
        "expires_in comes back as a str.",
        why="The SDK calls len() and int() on it. With a number, every call after the first fails.",
        fix="Keep the value in a text column, or return str(expires_in) where it is not None.",
        effect="returns an expiry that the SDK cannot read",
        sources=(S("OAuthToken.get_token"),),
    ),
    Clause(
        "DATA-4",
        MUST,
        ZCRMSDK,
        "The expiry comes back so that int() of it is the number that was saved.",
        why="The SDK compares int() of it with the clock.",
        fix="Keep the whole number: as text or as a 64-bit integer, not as a float or in seconds.",
        effect="returns an expiry that the SDK cannot read",
        sources=(S("OAuthToken.authenticate"),),
    ),
)
