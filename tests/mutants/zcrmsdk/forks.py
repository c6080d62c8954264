"""Mutants wrong about forks: DUR-5."""

from tests.correct.zcrmsdk.capable import InFile
from tests.mutants import surroundings
from tests.mutants.mutant import over

globals().update(over(InFile, surroundings.IN_FILE, __name__))
