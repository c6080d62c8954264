"""The one door to the SDKs: nothing else in the kit imports `zohocrmsdk` or `zcrmsdk`.

A generation of the SDK is a `Door`, one file in this package. It builds the SDK's tokens from
records, reads them back, and names the methods and exceptions of its generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module, metadata, util
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from tokenstore_conformance.records import Record

if TYPE_CHECKING:
    from tokenstore_conformance.sdk.stand_in import StandIn


class Distribution(NamedTuple):
    """An installed SDK: the name and version in the package index."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Unreadable(Exception):
    """Something that a store returned is no token, or cannot be read as one; says why."""


class Request(NamedTuple):
    """A call that the SDK makes on a store: the method, and its arguments, the SDK's own."""

    method: str
    arguments: tuple[Any, ...]
    token: Any = None
    """The token among the arguments, which the store may fill."""


class Swallowed(Protocol):
    """An error that the SDK logged instead of raising it."""

    @property
    def saving(self) -> bool:
        """Whether it was about to save a token."""

    @property
    def error(self) -> BaseException: ...


class Program(Protocol):
    """The SDK at work with one store, its Zoho a stand-in. Tokens are the SDK's.

    What the SDK raises, its methods raise.
    """

    revokes: bool
    """Whether `revoke` of this SDK reaches the store at all."""
    refused: list[str]
    """The addresses of other hosts that the SDK was about to call."""

    @property
    def swallowed(self) -> Sequence[Swallowed]:
        """The errors that the SDK logged and went on, oldest first."""

    def start(self, token: Any) -> None:
        """Initialize the SDK, as a new process does."""

    def switch(self, token: Any) -> None:
        """Switch the user."""

    def get_token(self, token: Any) -> str | None:
        """The access token to send: found, or refreshed."""

    def remove(self, token: Any) -> bool:
        """Delete the token from the store; False when the store raised."""

    def revoke(self, token: Any, id: str | None) -> bool:
        """Revoke the refresh token of the record with this id at Zoho; whether Zoho did."""


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
    refusal: type[Exception]
    """What a store raises to refuse: SDKException."""
    makes_ids: bool
    """Whether it is the store that gives a record its id."""
    script: str
    """Python that defines ``token(...)``, for scripts that reproduce a failure."""

    def build(self, record: Record) -> Any:
        """The SDK's token with the fields of this record."""

    def to_save(self, record: Record) -> Request: ...

    def to_find(self, query: Record) -> Request: ...

    def to_find_by_id(self, id: str | None) -> Request: ...

    by_id: bool
    """Whether stores find tokens by id."""

    def as_kept(self, record: Record) -> Record:
        """The record of a user in the fields that a store of this generation has to keep."""

    def comparable(self, record: Record) -> Record:
        """A listed or found record in the fields by which such records are compared."""

    def used(self, record: Record) -> Record:
        """Of a record that was found by its key what the SDK goes on with."""

    def in_full(self, record: Record) -> Record:
        """What a program saves, of which a store has to keep this much."""

    def key(self, record: Record) -> Record:
        """The query with which a program finds a stored record."""

    def to_delete(self, record: Record) -> Request:
        """Delete the record, by what this generation deletes by."""

    def read(self, token: object) -> Record:
        """The record of the SDK's token, "" read as None; raises `Unreadable`."""

    def written(self, token: object) -> Record:
        """The record that `build` makes this token of, "" kept; raises `Unreadable`."""

    def named(self, value: object) -> str:
        """An argument that is no token as `script` makes it again; "" where there is none such."""

    def fields(self, token: Any) -> dict[str, object]:
        """The fields just as the token's getters return them; raises `Unreadable`."""

    def fill(self, token: Any, record: Record) -> None:
        """Set on the token every field that is not None in the record."""

    def program(self, store: Any, zoho: StandIn) -> AbstractContextManager[Program]:
        """The SDK at work with this store; what it keeps in globals is put back at the end."""


TO_INSTALL: Final = {
    "zohocrmsdk": "pip install zohocrmsdk8_0 (or the line that your program uses, 5_0 to 8_0)",
    "zcrmsdk": "pip install zcrmsdk==3.1.0 mysql-connector-python (or zohocrmsdk2_0 or 2_1)",
}
"""How each generation's SDK is had, by its module."""


class NoSDK(Exception):
    """No distribution of an SDK can be imported; says what to do."""


def open_door(module: str = "zohocrmsdk") -> Door:
    """The door to an installed generation of the SDK; raises `NoSDK` with one line."""
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
            + (overwritten or "install it again in this environment")
        ) from error
    return door


def is_installed(module: str) -> bool:
    """Whether there is such a module to import."""
    return util.find_spec(module) is not None


def overlap(module: str) -> str:
    """What to know where two distributions install this module; "" where one does."""
    installed = distributions(module)
    if len(installed) < 2:
        return ""
    return (
        f"{' and '.join(map(str, installed))} all install the module {module!r} and overwrite each "
        "other's files; uninstall them all, then install the one that you use"
    ).replace(" all install", " both install" if len(installed) == 2 else " all install")


@cache
def distributions(module: str) -> list[Distribution]:
    """The installed distributions that claim a module, each once, in order of name."""
    found = {
        Distribution(each.metadata["Name"].replace("-", "_"), each.version)  # as it is installed by
        for each in metadata.distributions()
        if each.metadata["Name"] and _claims(each, module)
    }
    return sorted(found)


def _claims(distribution: metadata.Distribution, module: str) -> bool:
    if not distribution.metadata["Name"].lower().startswith(("zohocrmsdk", "zcrmsdk")):
        return False
    record = distribution.read_text("RECORD")  # at once: the list of files takes ten times as long
    if record is not None:
        return f"\n{module}/" in f"\n{record}"
    return any(file.parts[:1] == (module,) for file in distribution.files or ())
