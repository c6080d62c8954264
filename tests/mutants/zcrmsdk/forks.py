"""Mutants wrong about forks: DUR-5."""

from tests.correct.zcrmsdk.capable import InFile
from tests.mutants import surroundings


class BelongsToItsMaker(surroundings.BelongsToItsMaker, InFile):
    """It refuses every call in another process than the one that made it."""

    clause = "DUR-5"


class SharesItsLock(surroundings.SharesItsLock, InFile):
    """It opens its lock file once, so that a parent and its child hold one lock together."""

    clause = "DUR-5"
