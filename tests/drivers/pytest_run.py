"""For runs of pytest on stores: their type, the sources of some stores, and a check on refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from tokenstore_conformance.contract import contract_of

Judge = Callable[..., pytest.RunResult]

CLAUSES: Final = len(contract_of("zohocrmsdk").clauses)
"""How many clauses a store of the six-method generation has."""

GOOD = """
from reference_stores.zohocrmsdk.memory_store import InMemoryStore


class MyStore(InMemoryStore):
    pass
"""

FORGETFUL = """
from reference_stores.zohocrmsdk.memory_store import InMemoryStore


class MyStore(InMemoryStore):
    '''Breaks BYID-2, a MUST, and no other clause.'''

    def find_token_by_id(self, id):
        found = super().find_token_by_id(id)
        if found is None:
            raise KeyError(id)
        return found
"""

UNHELPFUL = """
from reference_stores.zohocrmsdk.memory_store import InMemoryStore


class MyStore(InMemoryStore):
    '''Breaks FIND-10, a SHOULD, and no other clause.'''

    def find_token(self, token):
        if token.get_id() and not (token.get_user_signature() or token.get_access_token()):
            if not (token.get_grant_token() or token.get_refresh_token()):
                return None
        return super().find_token(token)
"""

SHARED = f"""{GOOD}
    shared = InMemoryStore()

    def __init__(self):
        super().__init__()
        self.__dict__ = self.shared.__dict__
"""


def refused(result: pytest.RunResult, line: str) -> None:
    """Assert that the run ended with a usage error that is this line, and with nothing else."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {line}".replace("[", "[[]")])
    result.stderr.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    result.stdout.no_fnmatch_line("*token store*")
