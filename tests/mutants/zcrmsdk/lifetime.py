"""Mutants that forget logins as time passes: TIME-1."""

from tests.correct.zcrmsdk.honest import HonestFile
from tests.mutants import ages
from tests.mutants.mutant import over
from tests.mutants.zcrmsdk.mutant import Mutant

globals().update(over(Mutant, ages.IN_MEMORY, __name__))
globals().update(over(HonestFile, ages.IN_JSON, __name__))
