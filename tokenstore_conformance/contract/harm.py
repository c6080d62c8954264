"""What a broken clause does to users: a grade for each effect, and the effects in words."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Harm(Enum):
    """How much a broken clause hurts, the gravest grade first.

    The words complete "The store ...". Grades compare by their order: ``min`` of some is the
    gravest of them.
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
    "returns old access tokens": Harm.STALE,
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
CANNOT_START: Final = "cannot do what the clause starts from"
"""The effects of a call that hangs or raises, and of a check that cannot start, in any clause."""

GRADES: Final = {**EFFECTS, **dict.fromkeys((HANGS, RAISES, CANNOT_START), Harm.BLOCKS)}
"""Every effect that a verdict may name, with its grade."""

_LOSES: Final = "loses logins when a token is refreshed"
_REPEATS: Final = "keeps several records for one login"
_OLD: Final = "keeps old values after an update"
_MIXES: Final = "hands one user's token to another"

INSTEAD: Final[dict[str, dict[str, str]]] = {
    "more": dict.fromkeys((_LOSES, _OLD, _MIXES), _REPEATS),
    "others": {_REPEATS: _OLD},
    "fewer": dict.fromkeys((_REPEATS, _OLD), _LOSES),
}
"""By how the records differ from those that were expected, the effect in place of another one."""


def effect_shown(usual: str, *, raises: bool, kind: str) -> str:
    """What a failure does to users: the ``usual`` effect of its clause, if the failure shows that.

    ``raises`` says whether it is an exception; ``kind`` is a key of `INSTEAD`, "hangs", "start" or
    "".
    """
    if kind == "hangs":
        return HANGS
    if raises and EFFECTS[usual] is not Harm.BLOCKS:
        return RAISES
    return CANNOT_START if kind == "start" else INSTEAD.get(kind, {}).get(usual, usual)
