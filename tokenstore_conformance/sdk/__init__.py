"""The one door to the SDKs.

Only this package, and the factories of bundled stores, import `zohocrmsdk` or `zcrmsdk`. Each
generation of the SDK has a folder here, with two modules:

- `door` has the `Door`. It builds the SDK's tokens from records, reads them back, and names the
  methods and exceptions of its generation. `open_door` opens it.
- `program` runs the SDK with a store. `open_program` loads it when it is needed, so that opening a
  door does not import an HTTP server.

`values` turns any value that a store returns into text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module, metadata, util
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk.values import Unreadable as Unreadable

if TYPE_CHECKING:
    from tokenstore_conformance.sdk.program import Program
    from tokenstore_conformance.sdk.stand_in import StandIn


class Distribution(NamedTuple):
    """An installed SDK: the name and version in the package index."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Request(NamedTuple):
    """A call that the SDK makes on a store: the method, and the SDK's own arguments."""

    method: str
    arguments: tuple[Any, ...]
    token: Any = None
    """The token among the arguments. The store can fill it."""


class Door(Protocol):
    """What the kit needs of one generation of the SDK."""

    module: str
    """The module that every distribution of this generation installs."""
    methods: dict[str, tuple[str, ...]]
    """The methods of its TokenStore, and the names of the arguments that the SDK passes."""
    store_type: type
    token_type: type
    user_type: type
    """UserSignature."""
    classes: tuple[type, ...]
    """Its classes that stores of this generation use."""
    refusal: type[Exception]
    """What a store raises to refuse: SDKException."""
    makes_ids: bool
    """Whether the store, and not the SDK, gives a record its id."""
    by_id: bool
    """Whether stores find tokens by id."""
    script: str
    """Python that defines ``token(...)``, for scripts that reproduce a failure."""
    program_script: str
    """Python that defines ``sdk``, a program that uses the SDK, for those scripts."""

    def build(self, record: Record) -> Any:
        """Build the SDK's token with the fields of this record."""

    def wipe(self, token: Any, names: Iterable[str]) -> None:
        """Set these fields of the token to None."""

    def fill(self, token: Any, record: Record) -> None:
        """Set on the token every field that is not None in the record. Raises `Unreadable`."""

    def to_save(self, record: Record) -> Request:
        """Return the call that saves the record."""

    def to_find(self, query: Record) -> Request:
        """Return the call that finds the record of this query."""

    def to_find_by_id(self, id: str | None) -> Request:
        """Return the call that finds the record with this id."""

    def to_delete(self, record: Record) -> Request:
        """Return the call that deletes the record, by what this generation deletes by."""

    def as_kept(self, record: Record) -> Record:
        """Return a user's record with only the fields that a store has to keep, and with the key
        that all logins of the user have.
        """

    def comparable(self, record: Record) -> Record:
        """Return a listed or found record with only the fields that the kit compares."""

    def used(self, record: Record) -> Record:
        """Return what the SDK uses of a record that it found by its key."""

    def in_full(self, record: Record) -> Record:
        """Return what a program saves, so that the store keeps at least this record."""

    def key(self, record: Record) -> Record:
        """Return the query that finds this stored record."""

    def read(self, token: object) -> Record:
        """Return the record of the SDK's token, with "" as None. Raises `Unreadable`."""

    def written(self, token: object) -> Record:
        """Return the record that `build` makes this token from. Raises `Unreadable`."""

    def email_of(self, user: Any) -> str | None:
        """Return the email of a `UserSignature` that a call passes along with the token."""

    def named(self, value: object) -> str:
        """Return the call in `script` that makes this user's signature. "" for other values."""

    def fields(self, token: Any) -> dict[str, object]:
        """Return the fields exactly as the token's getters do. Raises `Unreadable`."""


TO_INSTALL: Final = {
    "zohocrmsdk": "pip install zohocrmsdk8_0 (or the line that your program uses, 5_0 to 8_0)",
    "zcrmsdk": "pip install zcrmsdk==3.1.0 mysql-connector-python (or zohocrmsdk2_0 or 2_1)",
}
"""How to install each generation of the SDK, by its module."""


class NoSDK(Exception):
    """No SDK can be imported. The message says what to do."""


def open_door(module: str = "zohocrmsdk") -> Door:
    """Open the door to an installed generation of the SDK. Raises `NoSDK` with one line."""
    if not is_installed(module):
        raise NoSDK(
            f"no SDK is installed: the module {module!r} is missing; run: {TO_INSTALL[module]}"
        )
    try:
        door: Door = import_module(f"{__name__}.{module}.door").Door()
    except Exception as error:
        overwritten = overlap(module)
        raise NoSDK(
            f"the SDK module {module!r} cannot be imported: {type(error).__name__}: {error}; "
            + (overwritten or _to_import(error))
        ) from error
    return door


def _to_import(error: Exception) -> str:
    """Return what to install if the SDK fails to import a module."""
    missing = str(getattr(error, "name", None) or "")
    if missing == "zcrmsdk.src":
        return (
            "zcrmsdk 1.x to 2.0.14 is the first generation of the SDK and has no TokenStore; "
            f"{TO_INSTALL['zohocrmsdk']}, or {TO_INSTALL['zcrmsdk']}"
        )
    if missing.partition(".")[0] == "mysql":
        return "it needs the MySQL driver: pip install mysql-connector-python"
    return "install it again in this environment"


def open_program(module: str, store: object, stand_in: StandIn) -> AbstractContextManager[Program]:
    """Run the SDK of this generation with a store of its own type and a stand-in for Zoho.

    The SDK's globals are restored at the end.
    """
    program: AbstractContextManager[Program] = import_module(
        f"{__name__}.{module}.program"
    ).sdk_program(store, stand_in)
    return program


def is_refusal(door: Door, error: BaseException | None) -> bool:
    """Whether `except` with the SDK's exception catches it, whatever its `__class__` claims."""
    return error is not None and issubclass(type(error), door.refusal)


def is_installed(module: str) -> bool:
    """Whether this module can be imported."""
    return util.find_spec(module) is not None


def overlap(module: str) -> str:
    """Return what to do if several distributions install this module, else ""."""
    installed = distributions(module)
    if len(installed) < 2:
        return ""
    every = "both" if len(installed) == 2 else "all"
    return (
        f"{' and '.join(map(str, installed))} {every} install the module {module!r} and overwrite "
        "each other's files; uninstall them all, then install the one that you use"
    )


_NAME_OF_AN_SDK: Final = re.compile(r"^Name:[ \t]*(zoho|z)crmsdk", re.MULTILINE | re.IGNORECASE)


@cache
def distributions(module: str) -> list[Distribution]:
    """Return the installed distributions that contain a module, each once, sorted by name."""
    found = {
        Distribution(each.metadata["Name"].replace("-", "_"), each.version)  # its name for pip
        for each in metadata.distributions()
        if _claims(each, module)
    }
    return sorted(found)


def _claims(distribution: metadata.Distribution, module: str) -> bool:
    # Not `metadata`, which parses the whole text: there can be hundreds of distributions.
    about = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    if _NAME_OF_AN_SDK.search(about) is None:
        return False
    record = distribution.read_text("RECORD")  # as text: `files` takes ten times as long
    if record is not None:
        return f"\n{module}/" in f"\n{record}"
    return any(file.parts[:1] == (module,) for file in distribution.files or ())
