"""A program that uses `zcrmsdk`, the older generation, with one store and a stand-in for Zoho.

The SDK is the real one. What it keeps in globals (initializer, logger) is put back at the end; it
writes nothing but into a temporary directory, and it reaches nothing but the stand-in: where it
looks for `requests`, it finds a session that has no way to any other host, and that takes no proxy
and no password from the environment. That stops the SDK alone. A store may have its database on
another host, and goes there undisturbed.

How the distributions differ, in what concerns a store:

    distribution                            zcrmsdk       zohocrmsdk2_0    zohocrmsdk2_1
    a token's fields                        attributes    accessors        accessors
    the store finds tokens by id            no            yes              yes
    asks the store for a token              every time    while it has no access token
    an expiry that is None                  TypeError     never expires    never expires
    gives the token an id before a save     no            yes              yes
    `Environment` takes a name, for the id  no            yes              yes

These are the newest releases, 3.1.0, 6.0.0 and 3.0.0. Older ones of `zohocrmsdk2_0` differ: 1.0.0
is like `zcrmsdk`; 2.0.0 and 3.0.0 make a new id at each refresh, and take no expiry that is None.

In all of them `initialize` and `switch_user` ask neither the store nor Zoho: the token does, when
the SDK is about to call the API. What a store raises while a token is found or saved reaches the
caller, what it raises while one is deleted makes `remove` say False. There is no `revoke`.
"""

from __future__ import annotations

import inspect
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from zcrmsdk.src.com.zoho.api.authenticator import oauth_token
from zcrmsdk.src.com.zoho.api.logger import Logger
from zcrmsdk.src.com.zoho.crm.api.dc.data_center import DataCenter
from zcrmsdk.src.com.zoho.crm.api.initializer import Initializer
from zcrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
from zcrmsdk.src.com.zoho.crm.api.util import api_http_connector
from zcrmsdk.src.com.zoho.crm.api.util.constants import Constants

from tokenstore_conformance.sdk import Swallowed
from tokenstore_conformance.sdk.sandbox import listening, replaced, way_to
from tokenstore_conformance.sdk.stand_in import StandIn

ENVIRONMENT: Final = "stand-in"
"""The name of the environment. 2.x makes the id of a login of the part of the user's email before
the @, this name, and the last four characters of the refresh token: `python_ann_stand-in_1a2b`."""


class Program:
    """The SDK at work, as in a program of its own. `sdk_program` makes one.

    To be used in one thread, the one that entered `sdk_program`. Tokens are the SDK's `OAuthToken`,
    users its `UserSignature`; what the SDK raises, these methods raise.
    """

    revokes = False
    """This generation has no `revoke`."""

    def __init__(self, store: object, stand_in: StandIn, directory: str) -> None:
        self.refused: list[str] = []
        """The addresses of other hosts that the SDK was about to call."""
        self.records: list[logging.LogRecord] = []
        """What the SDK logged."""
        self.swallowed: list[Swallowed] = []
        """Always empty: this generation logs no error of a store in place of raising it."""
        self._store = store
        self._directory = directory
        self._addresses = [stand_in.url, stand_in.accounts_url, stand_in.url]
        if "name" in inspect.signature(DataCenter.Environment).parameters:
            self._addresses.append(ENVIRONMENT)

    def start(self, token: Any, user: Any) -> None:
        """Initialize the SDK for this user, as the first thing that a new process does.

        What an earlier `start` or `switch` left in the SDK is gone; the store is the same, and is
        not called. A new process has new tokens: in 2.x one that was filled asks no store again.
        """
        Initializer.initializer = None
        Initializer.LOCAL.init = None
        with _no_log_left_open():
            Initializer.initialize(
                user=user,
                environment=DataCenter.Environment(*self._addresses),
                token=token,
                store=self._store,
                sdk_config=SDKConfig(),
                resource_path=self._directory,
                # 3.x needs a file, and without a logger all of them log into the directory that
                # they stand in. Nothing is written: see `listening`.
                logger=Logger.get_instance(
                    level=Logger.Levels.INFO, file_path=os.path.join(self._directory, "sdk.log")
                ),
            )

    def switch(self, token: Any, user: Any) -> None:
        """Go on as this user, with this token."""
        environment = DataCenter.Environment(*self._addresses)
        Initializer.switch_user(
            user=user, environment=environment, token=token, sdk_config=SDKConfig()
        )

    def authenticate(self, token: Any) -> str:
        """The access token that the SDK would now send: found in the store, or refreshed.

        It finds and saves for the user of the last `start` or `switch`, whatever the token, which
        may be one with an id alone in 2.x. Here is raised what was raised; a call of the API wraps
        what is no SDKException in one.
        """
        connector = api_http_connector.APIHTTPConnector()
        token.authenticate(connector)
        header: str = connector.headers[Constants.AUTHORIZATION]
        return header.removeprefix(Constants.OAUTH_HEADER_PREFIX)

    def remove(self, token: Any) -> bool:
        """Delete the token from the store; False when the store raised, whatever it raised."""
        removed: bool = token.remove()
        return removed


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
        stack.enter_context(replaced(Initializer, "json_details", Initializer.json_details))
        stack.enter_context(replaced(Initializer, "initializer", None))
        stack.enter_context(replaced(Initializer.LOCAL, "init", None))
        yield program


@contextmanager
def _no_log_left_open() -> Iterator[None]:
    """Close the log files opened inside: `Initializer.initialize` opens one more each time."""
    logger = logging.getLogger("SDKLogger")
    before = list(logger.handlers)
    try:
        yield
    finally:
        for handler in [each for each in logger.handlers if each not in before]:
            logger.removeHandler(handler)
            handler.close()
