"""How long connections of sqlite3 wait for a lock in the clauses about outages."""

from __future__ import annotations

import subprocess
import sys

CLOSES_WHEN_COLLECTED = """
import contextlib, gc, sqlite3, weakref
from tokenstore_conformance.target.impatience import giving_up_at_once, impatient

class Store:
    def __init__(self):
        self.connection = sqlite3.connect(":memory:")
        self.itself = self
        weakref.finalize(self, self.connection.close)

with impatient():
    for allocations in range(1, 100):  # one of them collects the store at the worst moment
        gc.set_threshold(0)
        Store()
        gc.set_threshold(allocations)
        with giving_up_at_once(contextlib.nullcontext()):
            pass
print("alive")
"""


def test_a_connection_that_is_closed_when_its_store_is_collected_crashes_nothing():
    """Python 3.11 crashes if a connection is closed during a call on that connection."""
    command = [sys.executable, "-c", CLOSES_WHEN_COLLECTED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
