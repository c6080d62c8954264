"""A program that uses `zcrmsdk`, the older generation.

How the distributions differ, where it concerns a store:

    distribution                            zcrmsdk       zohocrmsdk2_0    zohocrmsdk2_1
    a token's fields                        attributes    accessors        accessors
    the store finds tokens by id            no            yes              yes
    asks the store for a token              every time    while it has no access token
    an expiry that is None                  TypeError     never expires    never expires
    gives the token an id before a save     no            yes              yes
    `Environment` takes a name, for the id  no            yes              yes

These are the newest releases, 3.1.0, 6.0.0 and 3.0.0. Older ones of `zohocrmsdk2_0` differ: 1.0.0
is like `zcrmsdk`. 2.0.0 and 3.0.0 make a new id at each refresh, and accept no expiry that is None.

In all of them `initialize` and `switch_user` call neither the store nor Zoho. The token does, when
the SDK is about to call the API. What a store raises while a token is found or saved reaches the
caller. What it raises while a token is deleted makes `remove` return False. There is no `revoke`.

2.x makes the id of a login from the part of the user's email before the @, the name of the
environment, and the last four characters of the refresh token: `python_ann_stand-in_1a2b`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zcrmsdk.src.com.zoho.api.authenticator import oauth_token
from zcrmsdk.src.com.zoho.api.logger import Logger
from zcrmsdk.src.com.zoho.crm.api.dc.data_center import DataCenter
from zcrmsdk.src.com.zoho.crm.api.initializer import Initializer
from zcrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
from zcrmsdk.src.com.zoho.crm.api.util import api_http_connector
from zcrmsdk.src.com.zoho.crm.api.util.constants import Constants

from tokenstore_conformance.sdk import program
from tokenstore_conformance.sdk.sandbox import replaced
from tokenstore_conformance.sdk.stand_in import StandIn


class Program(program.Program):
    """`zcrmsdk` at work. `sdk_program` makes one.

    `swallowed` is always empty: this generation raises the errors of a store.
    """

    initializer = Initializer
    data_center = DataCenter
    connecting = (oauth_token, api_http_connector)
    revokes = False

    def start(self, token: Any, user: Any = None) -> None:
        """Initialize the SDK for this user, as a new process does. It refuses None as the user.

        A new process has new tokens: in 2.x a token that was filled does not ask the store again.
        """
        # 3.x needs a log file. Without a logger, every line logs to a file in the working
        # directory. Nothing is written to this file: see `listening`.
        file_path = os.path.join(self.directory, "sdk.log")
        logger = Logger.get_instance(level=Logger.Levels.INFO, file_path=file_path)
        with _closing_log_files():
            self.initialize(token, user=user, sdk_config=SDKConfig(), logger=logger)

    def switch(self, token: Any, user: Any = None) -> None:
        """Switch to this user, with this token."""
        Initializer.switch_user(
            user=user, environment=self.environment(), token=token, sdk_config=SDKConfig()
        )

    def get_token(self, token: Any) -> str:
        """Return the access token that the SDK sends now: the stored one, or a refreshed one.

        The SDK finds and saves for the user of the last `start` or `switch`, not for the token's
        user. In 2.x a token with only an id is enough. Errors are raised as they are. A call of
        the API would wrap those that are not an SDKException in one.
        """
        connector = api_http_connector.APIHTTPConnector()
        token.authenticate(connector)
        header: str = connector.headers[Constants.AUTHORIZATION]
        return header.removeprefix(Constants.OAUTH_HEADER_PREFIX)

    authenticate = get_token


@contextmanager
def sdk_program(store: object, stand_in: StandIn) -> Iterator[Program]:
    """Run `zcrmsdk` with this store and this stand-in. See `isolated`."""
    with (
        replaced(Initializer, "json_details", Initializer.json_details),
        program.isolated(Program, store, stand_in) as running,
    ):
        yield running


@contextmanager
def _closing_log_files() -> Iterator[None]:
    """Close the log files that are opened inside. `Initializer.initialize` opens one each time."""
    logger = logging.getLogger("SDKLogger")
    before = list(logger.handlers)
    try:
        yield
    finally:
        for handler in [each for each in logger.handlers if each not in before]:
            logger.removeHandler(handler)
            handler.close()
