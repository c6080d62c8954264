"""What a broken clause does to users: a grade for each effect, and the effects in words."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Harm(Enum):
    """How much a broken clause hurts, the worst grade first.

    The words complete "The store ...". Grades compare by their order, so ``min`` returns the worst.
    """

    MIXES_UP = "mixes up the logins of different users"
    LOSES = "loses logins"
    BLOCKS = "stops users or programs with errors"
    EXPOSES = "exposes secrets"
    KEEPS = "does not log users out reliably"
    STALE = "answers with wrong, old or duplicate data"
    INCONVENIENT = "deviates from its interface"

    @property
    def words(self) -> str:
        return self.value

    def __lt__(self, other: Harm) -> bool:
        grades = list(Harm)
        return grades.index(self) < grades.index(other)


EFFECTS: Final[dict[str, Harm]] = {
    # Each phrase completes "The store ...". Clauses with the same effect share a phrase.
    "hands one user's token to another": Harm.MIXES_UP,
    "writes one user's login over another's": Harm.MIXES_UP,
    "takes similar user names or tokens for the same one": Harm.MIXES_UP,
    "deletes or revokes the logins of other users": Harm.MIXES_UP,
    "gives the id of a deleted login to another user": Harm.MIXES_UP,
    "does not keep a new login complete": Harm.LOSES,
    "loses logins when a token is refreshed": Harm.LOSES,
    "does not find logins that it holds": Harm.LOSES,
    "returns incomplete tokens": Harm.LOSES,
    "changes the id of a login": Harm.LOSES,
    "loses one of two logins of the same user": Harm.LOSES,
    "loses logins when it is opened again": Harm.LOSES,
    "loses logins as time passes": Harm.LOSES,
    "loses logins when several users log in at once": Harm.LOSES,
    "loses logins when its process is killed": Harm.LOSES,
    "loses logins when its process forks": Harm.LOSES,
    "loses logins when the working directory changes": Harm.LOSES,
    "loses logins when its storage fails for a while": Harm.LOSES,
    "does not report that its storage has failed": Harm.LOSES,
    "cannot be used by the SDK": Harm.BLOCKS,
    "cannot be opened again over the same storage": Harm.BLOCKS,
    "cannot give every new login an id of its own": Harm.BLOCKS,
    "cannot store every name or token": Harm.BLOCKS,
    "returns an expiry that the SDK cannot read": Harm.BLOCKS,
    "returns a wrong expiry in some time zones": Harm.BLOCKS,
    "fails on a user, token or id that it does not know": Harm.BLOCKS,
    "stops working after a deletion": Harm.BLOCKS,
    "fails in threads other than the one that made it": Harm.BLOCKS,
    "fails inside a running event loop": Harm.BLOCKS,
    "changes tokens that belong to its caller": Harm.BLOCKS,
    "leaves files, connections or threads open": Harm.BLOCKS,
    "shows secrets in exceptions, logs or its repr": Harm.EXPOSES,
    "lets other users of the machine read its tokens": Harm.EXPOSES,
    "leaves saved tokens without the id or email that a logout needs": Harm.KEEPS,
    "does not delete exactly the logins that it should": Harm.KEEPS,
    "keeps the SDK from revoking logins": Harm.KEEPS,
    "does not see what another store saved or deleted": Harm.KEEPS,
    "keeps several records for one login": Harm.STALE,
    "keeps old values after an update": Harm.STALE,
    "returns old tokens": Harm.STALE,
    "stores records that hold no usable token": Harm.STALE,
    "changes stored logins without a save": Harm.STALE,
    "returns the wrong login when several match": Harm.STALE,
    "leaves logins out of its list, or lists them twice": Harm.STALE,
    "changes unusual characters or long text": Harm.STALE,
    "gives wrong results after some sequences of calls": Harm.STALE,
    "gives wrong results when several threads call it": Harm.STALE,
    "returns something other than its interface promises": Harm.INCONVENIENT,
}
"""Every effect that a clause may name, with its grade, in the order of the grades."""

HANGS: Final = "does not return from some calls"
RAISES: Final = "raises exceptions where it should not"
RAISES_ANOTHER: Final = "raises exceptions other than SDKException"
ENDS_IT: Final = "ends the process that calls it"
FORKS: Final = "returns from some calls in a child process as well"
ONE_PROCESS: Final = "cannot be opened by several processes at once"
FULL: Final = "loses logins when there are many"
CANNOT_START: Final = "fails in the calls that a test begins with"
LACKS: Final = "does not show a capability that is required"
"""The effects that a failure of any clause may have: a call hangs, raises, or ends or forks its
process, only one process can open the store, the store holds a limited number of records, a check
cannot start, or a clause does not apply although its capability is required."""

FINDS_TOO_MUCH: Final = "returns logins that it should not find"
"""The effect if a query for something that is not stored returns another login of the user."""

GRADES: Final = {
    **EFFECTS,
    **dict.fromkeys(
        (HANGS, ENDS_IT, FORKS, RAISES, RAISES_ANOTHER, ONE_PROCESS, CANNOT_START, LACKS),
        Harm.BLOCKS,
    ),
    FULL: Harm.LOSES,
    FINDS_TOO_MUCH: Harm.STALE,
}
"""Every effect that a verdict may name, with its grade."""


FIXES: Final = {
    HANGS: "Let every call end: give locks, connections and queries a timeout, and release a lock "
    "in a finally clause, or take it in a with statement. If a call takes several locks, "
    "take them in the same order everywhere.",
    ENDS_IT: "Raise an exception where a call must not go on. Do not call os._exit, and do not "
    "change what belongs to the whole process, such as its limits, files and signals.",
    FORKS: "End a child process with os._exit before the call returns in it.",
    ONE_PROCESS: "Open the storage in each call and close it after the call, or use a storage that "
    "several processes can open.",
    FULL: "Keep every record until it is deleted. Set no limit, and do not make room for new ones.",
    CANNOT_START: "Fix the failure that is shown first. The test cannot check the clause before "
    "that works.",
    LACKS: "Give the store this capability, or do not require it.",
}
"""How to fix a store that has one of these effects, whatever the clause is."""


WHYS: Final = {
    HANGS: "A program that makes this call waits forever, and so do its users.",
    ENDS_IT: "A program that makes this call ends, for all of its users.",
    FORKS: "A second copy of the program goes on after this call, with the same connections.",
}
"""Why one of these effects matters, whatever the clause is."""


class Shown(Enum):
    """What a failure shows. This may differ from what breaking its clause usually does to users."""

    THE_USUAL = "what the clause is about"
    NO_START = "that the check cannot start"
    GONE = "that what was saved is not there when the check starts"
    LACKING = "that the clause does not apply, though its capability is required"
    ANOTHER_EXCEPTION = "an exception other than SDKException, which is the one to raise"
    A_HANG = "that a call in another process, or in several threads, does not return"
    AN_EXIT = "that the process would have ended"
    A_FORK = "that a call returns in two processes"
    ONE_PROCESS = "that a second process cannot open the store while one has it open"
    FULL = "that the store holds only so many records"
    MORE = "more records than there should be"
    OTHERS = "as many records as there should be, and others"
    FEWER = "fewer records than there should be"
    NOT_ADDED = "every record but the one that was saved last"
    FEWER_OF_THE_CALLER = "the same, and only of the user who called"
    ANOTHERS = "a value of another user's record"
    ANOTHER_LOGIN = "another login of the same user"
    ANOTHERS_EMAIL = "a token with the email of another user"
    NO_UPDATE = "a record that an update has not changed"
    NOT_FOUND = "that a login was not found"
    NOT_REFRESHED = "a token that should have been refreshed"


_LOSES: Final = "loses logins when a token is refreshed"
_REPEATS: Final = "keeps several records for one login"
_INCOMPLETE: Final = "does not keep a new login complete"
_OLD: Final = "keeps old values after an update"
_MIXES: Final = "hands one user's token to another"
_ALIKE: Final = "takes similar user names or tokens for the same one"
_OVERWRITES: Final = "writes one user's login over another's"
_UNKNOWN: Final = "fails on a user, token or id that it does not know"
_NO_LOGOUT: Final = "leaves saved tokens without the id or email that a logout needs"
_NO_LOGIN: Final = "stops working after a deletion"
_KEPT: Final = "does not delete exactly the logins that it should"
_DELETES_OTHERS: Final = "deletes or revokes the logins of other users"
_MIXING: Final = {effect for effect, harm in EFFECTS.items() if harm is Harm.MIXES_UP}

_SHOWN_BY_AN_EXCEPTION: Final = {
    effect
    for effect, harm in EFFECTS.items()
    if harm in (Harm.LOSES, Harm.BLOCKS, Harm.KEEPS)
    and effect not in ("returns incomplete tokens", "changes the id of a login")
}

INSTEAD: Final[dict[Shown, dict[str, str]]] = {
    Shown.NO_START: dict.fromkeys(EFFECTS, CANNOT_START),
    Shown.GONE: dict.fromkeys(EFFECTS, _INCOMPLETE),
    Shown.LACKING: dict.fromkeys(EFFECTS, LACKS),
    Shown.ANOTHER_EXCEPTION: dict.fromkeys(EFFECTS, RAISES_ANOTHER),
    Shown.A_HANG: dict.fromkeys(EFFECTS, HANGS),
    Shown.AN_EXIT: dict.fromkeys(EFFECTS, ENDS_IT),
    Shown.A_FORK: dict.fromkeys(EFFECTS, FORKS),
    Shown.ONE_PROCESS: dict.fromkeys(EFFECTS, ONE_PROCESS),
    Shown.FULL: dict.fromkeys(EFFECTS, FULL),
    Shown.MORE: {
        **dict.fromkeys((_LOSES, _INCOMPLETE, _OLD, _MIXES, _OVERWRITES), _REPEATS),
        _NO_LOGIN: _KEPT,
    },
    Shown.OTHERS: {_REPEATS: _OLD, _NO_LOGIN: _KEPT},
    Shown.FEWER: {**dict.fromkeys((_REPEATS, _OLD, _MIXES), _LOSES), _UNKNOWN: _DELETES_OTHERS},
    Shown.NOT_ADDED: {_OVERWRITES: _INCOMPLETE},
    Shown.FEWER_OF_THE_CALLER: {_UNKNOWN: _KEPT},
    Shown.ANOTHERS: dict.fromkeys((each for each in EFFECTS if each not in _MIXING), _MIXES),
    Shown.ANOTHER_LOGIN: {_UNKNOWN: FINDS_TOO_MUCH},
    Shown.ANOTHERS_EMAIL: {_NO_LOGOUT: _DELETES_OTHERS},
    Shown.NO_UPDATE: {_INCOMPLETE: _OLD, _OVERWRITES: _OLD},
    Shown.NOT_FOUND: dict.fromkeys(
        (_MIXES, _ALIKE, _DELETES_OTHERS), "does not find logins that it holds"
    ),
    Shown.NOT_REFRESHED: {_MIXES: "returns old tokens", _REPEATS: "returns old tokens"},
}
"""For each `Shown`: usual effects of clauses, and for each the effect to name instead."""


def effect_shown(usual: str, shown: Shown, *, raises: bool = False) -> str:
    """Return what a failure does to users. ``raises`` says whether the store raised an exception.

    An exception can lose a login (the SDK swallows what `save_token` raises) or keep it from being
    deleted, but it mixes nothing up.
    """
    if raises and shown is Shown.THE_USUAL and usual not in _SHOWN_BY_AN_EXCEPTION:
        return RAISES
    return INSTEAD.get(shown, {}).get(usual, usual)
