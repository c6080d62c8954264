"""Mutants that forget logins as time passes: TIME-1."""

from tests.correct.zcrmsdk.honest import HonestFile
from tests.mutants import ages
from tests.mutants.zcrmsdk.mutant import Mutant


class ForgetsAfterAnHour(ages.ForgetsAfterAnHour, Mutant):
    """A login lives for an hour, as in a cache."""

    clause = "TIME-1"


class ForgetsAtALogin(ages.ForgetsAtALogin, Mutant):
    """When another user logs in, logins of more than a day ago are cleared away."""

    clause = "TIME-1"


class ListsWhatIsYoung(ages.ListsWhatIsYoung, Mutant):
    """The listing leaves out what was saved more than a week ago."""

    clause = "TIME-1"


class ForgetsWhenOpened(ages.ForgetsWhenOpened, Mutant, HonestFile):
    """When it is opened, it clears away what was saved more than a month ago."""

    clause = "TIME-1"
