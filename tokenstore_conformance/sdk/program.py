"""A program that uses an SDK, with one store and a stand-in for Zoho.

Each generation of the SDK has a subclass of `Program`, which says how that SDK is called. What they
share is here. The SDK is the real one, and `isolated` isolates it:

- What the SDK keeps in globals, such as the initializer and the logger, is restored at the end.
- The SDK writes only to a temporary directory.
- The SDK reaches only the stand-in. Where it looks for `requests`, it finds a session that has no
  route to another host, and that ignores proxies and passwords from the environment.

Only the SDK is limited like this. A store can still reach a database on another host.
"""

from __future__ import annotations

import inspect
import logging
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Final, TypeVar

from tokenstore_conformance.sdk.sandbox import listening, replaced, session_to
from tokenstore_conformance.sdk.stand_in import StandIn

ENVIRONMENT: Final = "stand-in"
"""The name of the environment, in the SDKs that want one."""


@dataclass(frozen=True)
class Swallowed:
    """An error that the SDK logged instead of raising it."""

    saving: bool
    """Whether it was raised while the SDK saved a token, by the store or just before its call.

    If not, it was raised while the SDK looked up the user's name.
    """
    error: BaseException

    def __str__(self) -> str:
        doing = "saving the token" if self.saving else "looking up the user's name"
        return f"{type(self.error).__name__} while {doing}: {self.error}"


class Program(ABC):
    """The SDK at work with one store, as in a process of its own. `isolated` makes one.

    Use it in the thread that made it. Tokens and users are objects of the SDK. The methods raise
    what the SDK raises.
    """

    initializer: ClassVar[Any]
    """The SDK's `Initializer`, which keeps the current user in class attributes."""
    data_center: ClassVar[Any]
    """The SDK's `DataCenter`."""
    connecting: ClassVar[tuple[ModuleType, ...]]
    """The modules of the SDK that open connections, all with `requests`."""
    revokes: ClassVar[bool]
    """Whether `OAuthToken.revoke` of this SDK calls the store."""

    def __init__(self, store: object, stand_in: StandIn, directory: str) -> None:
        self.refused: list[str] = []
        """The addresses of other hosts that the SDK tried to call."""
        self.records: list[logging.LogRecord] = []
        """What the SDK logged. Do not format it: the SDK passes arguments without a placeholder."""
        self.directory = directory
        """The only directory that the SDK writes to."""
        self._store = store
        self._addresses = [stand_in.url, stand_in.accounts_url, stand_in.url]
        if "name" in inspect.signature(self.data_center.Environment).parameters:
            self._addresses.append(ENVIRONMENT)

    @property
    def swallowed(self) -> list[Swallowed]:
        """The errors that the SDK logged instead of raising them, oldest first."""
        return []

    @abstractmethod
    def start(self, token: Any) -> None:
        """Initialize the SDK with this token, as a new process does.

        Nothing is left of an earlier `start` or `switch`. The store stays the same.
        """

    @abstractmethod
    def switch(self, token: Any) -> None:
        """Switch to the user of this token."""

    @abstractmethod
    def get_token(self, token: Any) -> str | None:
        """Return the access token that the SDK sends now: the stored one, or a refreshed one."""

    def remove(self, token: Any) -> bool:
        """Delete the token from the store. False if the store raised any exception."""
        removed: bool = token.remove()
        return removed

    def revoke(self, token: Any, id: str | None) -> bool:
        """Revoke the refresh token of the record with this id. True if Zoho revoked it.

        `token` is the token whose method is called. See `revokes`.
        """
        revoked: bool = token.revoke(id)
        return revoked

    def environment(self) -> Any:
        """Return a new environment of the stand-in.

        Use each environment once: the SDK can replace it with the one of a token's API domain.
        """
        return self.data_center.Environment(*self._addresses)

    def initialize(self, token: Any, **arguments: Any) -> None:
        """Initialize the SDK as `start` does. `arguments` are those of this generation only."""
        self.initializer.initializer = None
        self.initializer.LOCAL.init = None
        self.initializer.initialize(
            environment=self.environment(),
            token=token,
            store=self._store,
            resource_path=self.directory,
            **arguments,
        )


AnyProgram = TypeVar("AnyProgram", bound=Program)


@contextmanager
def isolated(
    program_type: type[AnyProgram], store: object, stand_in: StandIn
) -> Iterator[AnyProgram]:
    """Run a program with this store and this stand-in, and restore the SDK's globals afterwards.

    Programs can be nested. The outer one continues when the inner one ends.
    """
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tokenstore-"))
        program = program_type(store, stand_in, directory)
        stack.enter_context(listening(program.records))
        session = stack.enter_context(session_to(stand_in.url, program.refused))
        for module in program.connecting:
            stack.enter_context(replaced(module, "requests", session))
        stack.enter_context(replaced(program.initializer, "initializer", None))
        stack.enter_context(replaced(program.initializer.LOCAL, "init", None))
        yield program
