"""A program that uses `zohocrmsdk` (SDK lines 5 to 8), with one store and a stand-in for Zoho.

The SDK is the real one. What it keeps in globals (initializer, logger) is put back at the end; it
writes nothing but into a temporary directory, and it reaches nothing but the stand-in: where it
looks for `requests`, it finds a session that has no way to any other host, and that takes no proxy
and no password from the environment. That stops the SDK alone. A store may have its database on
another host, and goes there undisturbed.

How the lines differ, in what concerns a store:

    line                                            5          6          7          8
    `Environment` takes a name                      yes        no         no         no
    looks up the name of the user who logs in       no         yes        yes        yes
    an error in saving                              raised     swallowed  swallowed  swallowed
    `revoke` reaches the store                      no         no         no         yes
    `initialize` leaves a thread-local initializer  yes        yes        yes        no

All but the last are found out from the SDK that is installed, so a later line needs no new row.
"""

from __future__ import annotations

import inspect
import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from zohocrmsdk.src.com.zoho.api.authenticator import oauth_token
from zohocrmsdk.src.com.zoho.api.logger import Logger
from zohocrmsdk.src.com.zoho.crm.api.dc.data_center import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer
from zohocrmsdk.src.com.zoho.crm.api.util import api_http_connector
from zohocrmsdk.src.com.zoho.crm.api.util.constants import Constants

from tokenstore_conformance.sdk.sandbox import listening, replaced, way_to
from tokenstore_conformance.sdk.stand_in import StandIn

_new_token: Final = oauth_token.OAuthToken.__init__
_revoke: Final = oauth_token.OAuthToken.revoke

SWALLOWS: Final = "find_user" in inspect.signature(_new_token).parameters
"""Whether this SDK looks up the user, then saves, and only logs the errors of both.

Else it does not ask who the user is, and what `save_token` raises reaches the caller.
"""

REVOKES: Final = "set_id" not in _revoke.__code__.co_names
"""Whether `OAuthToken.revoke` asks the store.

Else it sets the id on an `OAuthToken()` without arguments, which raises SDKException: it always
fails, before it has called the store or the server.
"""


@dataclass(frozen=True)
class Swallowed:
    """An error that the SDK logged, and went on as if nothing had happened."""

    saving: bool
    """Raised where the SDK saves a token, by the store or, with a token that is not whole, just
    before it calls the store. Else raised where it looks up the user's name."""
    error: BaseException

    def __str__(self) -> str:
        doing = "saving the token" if self.saving else "looking up the user's name"
        return f"{type(self.error).__name__} while {doing}: {self.error}"


class Program:
    """The SDK at work, as in a program of its own. `sdk_program` makes one.

    To be used in one thread, the one that entered `sdk_program`. Tokens are the SDK's `OAuthToken`;
    what the SDK raises, these methods raise.
    """

    revokes = REVOKES

    def __init__(self, store: object, stand_in: StandIn, directory: str) -> None:
        self.refused: list[str] = []
        """The addresses of other hosts that the SDK was about to call."""
        self.records: list[logging.LogRecord] = []
        """What the SDK logged. Not to be formatted: it passes arguments that have no place."""
        self._store = store
        self._directory = directory
        self._addresses = [stand_in.url, stand_in.accounts_url, stand_in.url]
        if "name" in inspect.signature(DataCenter.Environment).parameters:
            self._addresses.append("stand-in")

    @property
    def swallowed(self) -> list[Swallowed]:
        """The errors that the SDK logged instead of raising them, oldest first."""
        return [
            Swallowed(saving=record.msg == Constants.SAVE_TOKEN_ERROR, error=error)
            for record in self.records
            if record.msg in (Constants.SAVE_TOKEN_ERROR, Constants.API_EXCEPTION)
            for error in record.args or ()
            if isinstance(error, BaseException)
        ]

    def start(self, token: Any) -> None:
        """Initialize the SDK with this token, as the first thing that a new process does.

        What an earlier `start` or `switch` left in the SDK is gone; the store is the same.
        """
        Initializer.initializer = None
        Initializer.LOCAL.init = None
        Initializer.initialize(
            # A new one each time, since the SDK puts that of a token's api domain into its place.
            environment=DataCenter.Environment(*self._addresses),
            token=token,
            store=self._store,
            resource_path=self._directory,
            logger=Logger.get_instance(level=Logger.Levels.INFO, file_path=None),
        )

    def switch(self, token: Any) -> None:
        """Go on as the user of this token."""
        Initializer.switch_user(token=token)

    def get_token(self, token: Any) -> str | None:
        """The access token that the SDK would now send: found in the store, or refreshed."""
        access: str | None = token.get_token()
        return access

    def remove(self, token: Any) -> bool:
        """Delete the token from the store; False when the store raised, whatever it raised."""
        removed: bool = token.remove()
        return removed

    def revoke(self, token: Any, id: str | None) -> bool:
        """Revoke the refresh token of the record with this id; `token` is the one that is asked to.

        True when the server said so. See `REVOKES`.
        """
        revoked: bool = token.revoke(id)
        return revoked


@contextmanager
def sdk_program(store: object, stand_in: StandIn) -> Iterator[Program]:
    """A program with this store, whose Zoho is this stand-in; afterwards no trace of it is left.

    Programs may be run in one another: the outer one goes on where it was.
    """
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tokenstore-"))
        program = Program(store, stand_in, directory)
        stack.enter_context(listening(program.records))
        session = stack.enter_context(way_to(stand_in.url, program.refused))
        # The two modules of the SDK that open connections: the first to the accounts server, the
        # second to the CRM.
        for module in (oauth_token, api_http_connector):
            stack.enter_context(replaced(module, "requests", session))
        stack.enter_context(replaced(Initializer, "initializer", None))
        stack.enter_context(replaced(Initializer.LOCAL, "init", None))
        yield program
