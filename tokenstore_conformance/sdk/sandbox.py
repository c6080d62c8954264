"""An SDK in a room of its own: no way out but to the stand-in, and its globals put back after.

For both generations of the SDK, which keep the same things in globals of the same names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter


class OtherHost(ConnectionError):
    """The SDK was about to call a host that is not the stand-in. It was not let through."""


@contextmanager
def replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """Inside, the attribute is this; afterwards it is what it was, or absent as it was."""
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
def way_to(url: str, refused: list[str]) -> Iterator[requests.Session]:
    """A session that reaches this server and no other, and ignores the environment."""
    with requests.Session() as session:
        session.trust_env = False
        session.adapters.clear()
        session.mount(f"{url}/", HTTPAdapter())
        session.mount("", _NoWay(refused))
        yield session


class _NoWay(BaseAdapter):
    def __init__(self, refused: list[str]) -> None:
        super().__init__()
        self._refused = refused

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        address = str(request.url).partition("?")[0]
        self._refused.append(address)
        raise OtherHost(f"the SDK was about to call {address}, which is not the stand-in for Zoho")

    def close(self) -> None:
        """There is nothing to close."""


@contextmanager
def listening(records: list[logging.LogRecord]) -> Iterator[None]:
    """Inside, what the SDK logs goes here, from level INFO on, and nowhere else.

    A filter does it, since no handler may see these records: formatting them fails, and pytest's
    handler, which finds its way to every logger, raises that TypeError in the middle of a save.
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
