"""A program that uses `zohocrmsdk`, SDK lines 5 to 8.

How the lines differ, where it concerns a store:

    line                                            5          6          7          8
    `Environment` takes a name                      yes        no         no         no
    looks up the name of the user who logs in       no         yes        yes        yes
    an error in saving                              raised     swallowed  swallowed  swallowed
    `revoke` reaches the store                      no         no         no         yes
    `initialize` leaves a thread-local initializer  yes        yes        yes        no

All but the last are read from the SDK that is installed, so a later line needs no new column.
"""

from __future__ import annotations

import inspect
from contextlib import AbstractContextManager
from typing import Any, Final

from zohocrmsdk.src.com.zoho.api.authenticator import oauth_token
from zohocrmsdk.src.com.zoho.api.logger import Logger
from zohocrmsdk.src.com.zoho.crm.api.dc.data_center import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer
from zohocrmsdk.src.com.zoho.crm.api.util import api_http_connector
from zohocrmsdk.src.com.zoho.crm.api.util.constants import Constants

from tokenstore_conformance.sdk import program
from tokenstore_conformance.sdk.program import Swallowed
from tokenstore_conformance.sdk.stand_in import StandIn

_new_token: Final = oauth_token.OAuthToken.__init__
_revoke: Final = oauth_token.OAuthToken.revoke

SWALLOWS: Final = "find_user" in inspect.signature(_new_token).parameters
"""Whether this SDK looks up the user, then saves, and only logs the errors of both.

If not, it does not ask who the user is, and raises what `save_token` raises.
"""

REVOKES: Final = "set_id" not in _revoke.__code__.co_names
"""Whether `OAuthToken.revoke` asks the store.

If not, it sets the id on an `OAuthToken()` without arguments, which raises SDKException. So it
always fails before it calls the store or the server.
"""


class Program(program.Program):
    """`zohocrmsdk` at work. `sdk_program` makes one."""

    initializer = Initializer
    data_center = DataCenter
    connecting = (oauth_token, api_http_connector)
    revokes = REVOKES

    @property
    def swallowed(self) -> list[Swallowed]:
        return [
            Swallowed(saving=record.msg == Constants.SAVE_TOKEN_ERROR, error=error)
            for record in self.records
            if record.msg in (Constants.SAVE_TOKEN_ERROR, Constants.API_EXCEPTION)
            for error in record.args or ()
            if isinstance(error, BaseException)
        ]

    def start(self, token: Any) -> None:
        self.initialize(token, logger=Logger.get_instance(level=Logger.Levels.INFO, file_path=None))

    def switch(self, token: Any) -> None:
        Initializer.switch_user(token=token)

    def get_token(self, token: Any) -> str | None:
        access: str | None = token.get_token()
        return access


def sdk_program(store: object, stand_in: StandIn) -> AbstractContextManager[Program]:
    """Run `zohocrmsdk` with this store and this stand-in. See `isolated`."""
    return program.isolated(Program, store, stand_in)
