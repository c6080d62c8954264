"""Drives programs on the real SDK, for the tests of both generations."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.sdk.program import Program
from tokenstore_conformance.sdk.stand_in import StandIn

NOW: Final = int(time.time()) * 1000
YESTERDAY, TOMORROW = f"{NOW - 86_399_543}", f"{NOW + 86_399_457}"
BEFORE_1970: Final = "-1"
LOGGER: Final = logging.getLogger("SDKLogger")


def email_of(who: str) -> str:
    return f"{who}@stand-in.example"


def access(number: int, who: str) -> str:
    """Return the access token that the stand-in gives a user, as the nth that it gives at all."""
    return f"access-{number}-of-{email_of(who)}"


@contextmanager
def zoho_of_ann_and_bob() -> Iterator[StandIn]:
    """Run a stand-in for Zoho that knows the logins of two users."""
    with StandIn() as stand_in:
        for who in ("ann", "bob"):
            stand_in.add_login(email_of(who), grant=f"grant-{who}", refresh=f"refresh-{who}")
        yield stand_in


def call_server(url: str) -> None:
    """Call a server that belongs to the store, with the library that the SDK uses."""
    requests.get(url, proxies={"http": ""}, timeout=5)


def without_lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the lookup of host names. Return a list that collects the hosts looked up."""
    hosts: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: hosts.append(host))
    return hosts


class Driver:
    """Logs users in, on the SDK of one generation."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.door = open_door(module)
        program = import_module(f"tokenstore_conformance.sdk.{module}.program")
        self.program_type: type[Program] = program.Program
        self.sdk_program: Any = program.sdk_program
        self._package = f"{module}.src.com.zoho"

    def file_store(self, path: str | Path) -> Any:
        """Return the SDK's own FileStore."""
        module = import_module(f"{self._package}.api.authenticator.store.file_store")
        return module.FileStore(str(path))

    def by_grant(self, who: str) -> tuple[Any, ...]:
        """Return what a program passes to `start` for this user: a token, and a user if needed."""
        query = Record(
            user=email_of(who) if self.module == "zcrmsdk" else None,
            client_id="client",
            client_secret="secret",
            grant_token=f"grant-{who}",
        )
        *user, token = self.door.to_find(query).arguments
        return token, *user

    def log_in(self, program: Any, who: str) -> None:
        """Start a program for this user, and get its token, as before a call of the API."""
        arguments = self.by_grant(who)
        program.start(*arguments)
        program.get_token(arguments[0])

    def switch(self, program: Any, who: str) -> None:
        """Switch a program to this user, and get its token, as before a call of the API."""
        arguments = self.by_grant(who)
        program.switch(*arguments)
        program.get_token(arguments[0])

    def enter_another_program(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Set the state of the process to that of another program that uses the SDK."""
        initializer = self.program_type.initializer
        directory.mkdir()
        monkeypatch.chdir(directory)
        monkeypatch.setattr(initializer, "initializer", "of another program")
        monkeypatch.setattr(initializer.LOCAL, "init", "of this thread", raising=False)
        monkeypatch.setattr(LOGGER, "level", logging.CRITICAL)
        monkeypatch.setattr(LOGGER, "disabled", True)
        monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)

    def state(self) -> dict[str, Any]:
        """Return the state that the SDK and the program around it keep for the whole process."""
        initializer = self.program_type.initializer
        utility = import_module(f"{self._package}.crm.api.util.utility").Utility
        return {
            "initializer": initializer.initializer,
            "thread": dict(vars(initializer.LOCAL)),
            "logger": {**vars(LOGGER), "_cache": None, "handlers": list(LOGGER.handlers)},
            "disable": logging.root.manager.disable,
            "requests": [vars(module)["requests"] for module in self.program_type.connecting],
            "utility": dict(vars(utility)),
            "environment": dict(os.environ),
            "directory": (Path.cwd(), sorted(Path.cwd().iterdir())),
            "threads": threading.enumerate(),
        }
