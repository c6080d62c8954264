"""The parts of a sandbox for an SDK: restored globals, one reachable server, a log that is kept.

They work for both generations of the SDK, which have the same globals under the same names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter


class OtherHost(ConnectionError):
    """The SDK tried to call a host other than the stand-in. The call was blocked."""


@contextmanager
def replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """Set an attribute, and restore it at the end. Delete it if it did not exist before."""
    absent = object()
    previous = vars(owner).get(name, absent)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if previous is absent:
            delattr(owner, name)
        else:
            setattr(owner, name, previous)


@contextmanager
def session_to(url: str, refused: list[str]) -> Iterator[requests.Session]:
    """Open a session that reaches only this server and reads nothing from the environment."""
    with requests.Session() as session:
        session.trust_env = False
        session.adapters.clear()
        session.mount(f"{url}/", HTTPAdapter())
        session.mount("", _Blocked(refused))
        yield session


class _Blocked(BaseAdapter):
    """Refuses every request, and notes its address."""

    def __init__(self, refused: list[str]) -> None:
        super().__init__()
        self._refused = refused

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        address = str(request.url).partition("?")[0]
        self._refused.append(address)
        raise OtherHost(f"the SDK was about to call {address}, which is not the stand-in for Zoho")

    def close(self) -> None:
        """Do nothing: this adapter holds no connection."""


@contextmanager
def listening(records: list[logging.LogRecord]) -> Iterator[None]:
    """Collect what the SDK logs, from the level that it sets, and pass it to no handler.

    This is a filter because no handler must see these records. Formatting them fails, and pytest's
    handler, which is on every logger, would raise that TypeError in the middle of a save.
    """

    def keep(record: logging.LogRecord) -> bool:
        records.append(record)
        return False

    logger = logging.getLogger("SDKLogger")
    filters, level, disabled = logger.filters, logger.level, logger.disabled
    all_disabled = logger.manager.disable
    logger.filters, logger.disabled = [keep], False
    logging.disable(logging.NOTSET)
    try:
        yield
    finally:
        logging.disable(all_disabled)
        logger.filters, logger.disabled = filters, disabled
        logger.setLevel(level)
