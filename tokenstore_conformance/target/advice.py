"""What to tell the user if a store cannot work because something around it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenstore_conformance.guard.frames import attribute, chained, own
from tokenstore_conformance.sdk import TO_INSTALL

UNREACHABLE: Final = (
    *("connection refused", "could not connect", "can't connect", "unable to connect"),
    *("error connecting", "name or service not known", "could not translate host name"),
    *("no such table", "unknown database", "unable to open database file", "does not exist"),
    *("access denied", "authentication failed", "unable to locate credentials"),
)
"""What the drivers of databases and servers say, in lower case."""

DJANGO: Final = ("ImproperlyConfigured", "AppRegistryNotReady")
"""The exceptions that Django raises if it is not set up."""

FIXTURE_FOR_DJANGO: Final = (
    "override the fixture tokenstore_factory in your conftest.py, and run pytest "
    "--tokenstore=fixture; docs/django.md shows how"
)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what led to it, including the ``cause`` of an SDKException."""
    return chained(
        error,
        lambda each: own(each, "__cause__") or own(each, "__context__") or attribute(each, "cause"),
    )


def advice(error: BaseException | None) -> str:
    """Return what to do about an exception that is not the store's fault. "" if not known."""
    for each in causes(error):
        kind, text = type(each), _text(each).lower()
        if kind.__name__ in DJANGO and kind.__module__.startswith("django."):
            return f"Django is not set up; {FIXTURE_FOR_DJANGO}"
        if getattr(each, "name", "") == "zcrmsdk.src":
            return (
                "zcrmsdk 2.0.14 and older are the first generation of the SDK, "
                f"which has no TokenStore; {TO_INSTALL['zohocrmsdk']}, or {TO_INSTALL['zcrmsdk']}"
            )
        if isinstance(each, ModuleNotFoundError) and each.name in TO_INSTALL:
            return f"no SDK is installed; run: {TO_INSTALL[each.name]}"
        if "database access not allowed" in text:
            return (
                "pytest-django lets a test use the database only with a fixture such as "
                f"transactional_db; {FIXTURE_FOR_DJANGO}"
            )
        if _is_unreachable(each, text):
            return (
                "the storage of the store cannot be used; start its server and create what it "
                "needs, and name a factory, or a harness with set_up() (docs/harness.md), that "
                "connects to it"
            )
    return ""


def _is_unreachable(error: BaseException, text: str) -> bool:
    if isinstance(error, (ConnectionError, TimeoutError)):
        return True
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(
        {"DatabaseError", "OperationalError", "ConnectionError", "SDKException"} & names
    ) and any(words in text for words in UNREACHABLE)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # even str() of a store's exception may fail
        return ""
