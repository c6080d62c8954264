"""Mutants wrong about forks: DUR-5."""

import os
import random

from tests.correct.zohocrmsdk.capable import InFile
from tests.mutants import surroundings
from tests.mutants.mutant import over

globals().update(over(InFile, surroundings.IN_FILE, __name__))


class DrawsIdsAlike(InFile):
    """Its ids are random, from a generator of its own: a parent and its child draw the same."""

    clause = "DUR-5"

    def __init__(self):
        super().__init__()
        self.random = random.Random(os.urandom(16))

    def _new_id(self):
        return f"{self.random.getrandbits(128):032x}"
