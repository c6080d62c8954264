"""Mutants that fail in some surroundings: TIME-2, HOST-1, HOST-2 and SEC-2."""

from tests.correct.zcrmsdk.honest import HonestFile
from tests.mutants import mutant, surroundings
from tests.mutants.zcrmsdk.mutant import Mutant

# TIME-2


class TakesUtcForLocalTime(surroundings.TakesUtcForLocalTime, Mutant):
    """The expiry goes in as UTC and comes out as local time."""

    clause = "TIME-2"


class KeepsLocalTimes(surroundings.KeepsLocalTimes, Mutant):
    """The expiry is kept as local time: the repeated hour is taken for the first of the two."""

    clause = "TIME-2"


class KeepsTheOffsetOfNow(surroundings.KeepsTheOffsetOfNow, Mutant):
    """The expiry is kept as local time, by the offset from UTC that the clock has at the call."""

    clause = "TIME-2"


# HOST-1


class RunsALoop(surroundings.RunsALoop, Mutant):
    """What is stored is read by asyncio.run."""

    clause = "HOST-1"


class ClearsInALoop(surroundings.ClearsInALoop, Mutant):
    """delete_tokens alone calls asyncio.run."""

    clause = "HOST-1"


class SavesInATask(surroundings.SavesInATask, Mutant):
    """Where a loop is running, it saves a new record later, and says that it has saved it."""

    clause = "HOST-1"


class StartsInALoop(surroundings.StartsInALoop, Mutant):
    """It is built with asyncio.run."""

    clause = "HOST-1"


# HOST-2


class OpensARelativePath(surroundings.OpensARelativePath, mutant.Mutant, HonestFile):
    """It opens a relative path at each call."""

    clause = "HOST-2"


class CopiesToARelativePath(surroundings.CopiesToARelativePath, mutant.Mutant, HonestFile):
    """Beside its file it keeps a copy, by a relative path."""

    clause = "HOST-2"


class WritesToARelativePath(surroundings.WritesToARelativePath, mutant.Mutant, HonestFile):
    """It answers from what it remembers, and writes to a relative path."""

    clause = "HOST-2"


# SEC-2


class LeavesTheModeToTheUmask(surroundings.LeavesTheModeToTheUmask, mutant.Mutant, HonestFile):
    """It creates its file as open() does: everybody can read it."""

    clause = "SEC-2"


class LetsTheGroupRead(surroundings.LetsTheGroupRead, mutant.Mutant, HonestFile):
    """The group of its owner can read its file."""

    clause = "SEC-2"


class HidesItsFileTooLate(surroundings.HidesItsFileTooLate, mutant.Mutant, HonestFile):
    """A draft that everybody can read takes the place of its file, whose mode is set then."""

    clause = "SEC-2"


class KeepsAnOpenDirectory(surroundings.KeepsAnOpenDirectory, mutant.Mutant, HonestFile):
    """Everybody can write to a directory that it makes."""

    clause = "SEC-2"
