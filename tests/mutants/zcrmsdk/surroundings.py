"""Mutants that fail in some surroundings: TIME-2, HOST-1, HOST-2 and SEC-2."""

from tests.correct.zcrmsdk.honest import HonestFile
from tests.mutants import surroundings
from tests.mutants.mutant import over
from tests.mutants.zcrmsdk.mutant import Mutant

globals().update(over(Mutant, surroundings.IN_MEMORY, __name__))
globals().update(over(HonestFile, surroundings.IN_JSON, __name__))
