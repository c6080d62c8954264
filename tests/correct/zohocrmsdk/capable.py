"""Correct stores in threads and files: what differs is how records are locked, written and read.

`threads.py`, `files.py` and `outages.py` of the mutants replace one step of them.
"""

from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct import capable
from tests.correct.zohocrmsdk.honest import Honest


class InTurn(capable.InTurn, Honest):
    """Every call within a `_turn`, which does nothing here."""


for _name in TokenStore.__abstractmethods__:
    setattr(InTurn, _name, capable.in_turn(Honest, _name))


class Locked(capable.Locked, InTurn):
    """One lock around every call."""


class InFile(capable.InFile, Locked):
    """A file that is replaced whole, under a lock of the system."""

    refused = SDKException

    def _forget(self):
        self.records, self.issued = [], 0


class ChecksEachWrite(capable.ChecksEachWrite, InFile):
    """Refuses what the system did not write in whole."""


class RefusesWhenBusy(capable.RefusesWhenBusy, InFile):
    """Refuses a call that does not get the lock in time."""


class OneProcess(capable.OneProcess, InFile):
    """One process at a time has the file open."""


class ServesFromMemory(capable.ServesFromMemory, InFile):
    """What cannot be read from the file is answered from what was read before."""
