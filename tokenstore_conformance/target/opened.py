"""Builds a store before any clause runs, to check that it is one and see what it holds."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.guard import forks, limits
from tokenstore_conformance.guard.frames import describe, in_short
from tokenstore_conformance.guard.interrupts import from_the_keyboard
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.records import NOW, Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import Unreadable, elements
from tokenstore_conformance.target import Target
from tokenstore_conformance.target.advice import advice
from tokenstore_conformance.target.foreign import refusal
from tokenstore_conformance.target.generation import OWN, mixture
from tokenstore_conformance.target.methods import has, unusable_methods
from tokenstore_conformance.target.storage import NotBuilt, Storage, working_in
from tokenstore_conformance.target.storages import delete_everything

PROBE: Final = Record(
    user="probe@probe.example",
    client_id="probe.client",
    client_secret="probe.secret",
    refresh_token="probe.refresh",
    access_token="probe.access",
    grant_token="probe.grant",
    expires_in=str(NOW + 3_600_000),
    redirect_url="https://probe.example/callback",
    api_domain="https://api.probe.example",
)
"""A complete record that a store of either generation can keep."""

SECRET: Final = ("client_id", "refresh_token", "access_token", "grant_token")
"""The kit recognizes its own token by these, even if a store has lost the user's name."""

METHODS: Final = sorted(set().union(*OWN.values()))
"""The methods that show that an object is a store of either generation."""

_OR_NAME_A_FUNCTION: Final = (
    ", or name a function that builds the store as your program does: "
    "def store(tmp_path): return ..."
)
_NAME_A_STORE: Final = "name the class of the store, or a function that returns one"


class Unfit(Exception):
    """The target cannot be judged. The message says why, and what to do."""


class Ended(Exception):
    """The store raised something that is not an `Exception`, such as SystemExit."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(describe(error))


class Opened:
    """A storage and a store over it."""

    def __init__(self, door: Door, storage: Storage) -> None:
        self.door = door
        self.storage = storage
        self.built = storage.build()
        self.can_list = "get_tokens" not in dict(unusable_methods(door, self.built))

    def call(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call the store. What it raises is raised here as an `Exception`. A hang raises `Hung`."""
        name = getattr(call, "__name__", "")
        limits.step(name)
        forked = f"{name} forks, and {forks.TWICE}: end the child with os._exit"
        with forks.Watch(lambda: Unfit(forked)):
            try:
                with working_in(self.storage.directory):
                    return call(*arguments)
            except Exception:
                raise
            except limits.Hung as hung:
                hung.doing = name
                raise
            except BaseException as error:  # SystemExit, or the skip of a test
                if from_the_keyboard(error):
                    raise
                raise Ended(error) from error

    def tokens(self) -> list[Any]:
        """Return what is listed. Raises whatever get_tokens raises."""
        return elements(self.call(self.built.get_tokens))

    def are_none_tokens(self, listed: Sequence[Any]) -> bool:
        """Whether something is listed, and none of it is a token."""
        return bool(listed) and not any(
            issubclass(type(each), self.door.token_type) for each in listed
        )

    def lists_the_probe(self) -> bool:
        """Whether the kit's own token is listed."""
        with contextlib.suppress(Exception):
            tokens = self.tokens()
            return len(tokens) > self._strangers_among(tokens)
        return False

    def delete_everything(self) -> bool:
        """Delete all tokens. Return whether nothing is listed then."""
        try:
            return bool(self.call(delete_everything, self.built, self.door))
        except Exception:
            return False

    def strangers(self) -> int:
        """Return how many listed tokens are not the kit's own.

        If the kit recognizes none as its own, an unreadable one counts as its own.
        """
        return self._strangers_among(self.tokens())

    def _strangers_among(self, tokens: Sequence[Any]) -> int:
        own = _secrets(PROBE)
        records = list(self._records(tokens))
        known = sum(bool(own & _secrets(record)) for record in records)
        unreadable = len(tokens) - len(records)
        return len(tokens) - (known or min(unreadable, 1))

    def _records(self, tokens: Iterable[Any]) -> Iterator[Record]:
        for token in tokens:
            with contextlib.suppress(Unreadable):
                yield self.door.read(token)


def _secrets(record: Record) -> set[object]:
    return {value for name, value in record.items() if name in SECRET}


@contextlib.contextmanager
def opened_store(door: Door, target: Target, directory: Path) -> Iterator[Opened]:
    storage = Storage(target, directory, may_be_cleaned=bool(target.harness))
    try:
        opened = Opened(door, storage)
        _refuse_what_is_no_store(door, target, opened.built)
        yield opened
    except NotBuilt as failure:
        is_store = inspect.isclass(target.factory) and not target.harness
        otherwise = _OR_NAME_A_FUNCTION if is_store else ""
        what = advice(failure.error) or f"fix that{otherwise}"
        raise Unfit(f"{failure}; {what}") from failure
    finally:
        storage.close()
    for trouble in storage.troubles:
        raise Unfit(f"{trouble}; fix that, otherwise every test leaves something behind")


def _refuse_what_is_no_store(door: Door, target: Target, built: object) -> None:
    it = "its open()" if target.harness else "it"
    if built is None:
        raise Unfit(f"{it} returns None; is a return missing?")
    if isinstance(built, type):
        raise Unfit(f"{it} returns the class {built.__name__}: call it, to return a store")
    if isinstance(built, Harness):
        raise Unfit(f"{it} returns a harness: name its class, {type(built).__name__}, instead")
    foreign = refusal(type(built))
    if foreign:
        raise Unfit(foreign)
    if not any(has(built, method) for method in (*door.methods, *METHODS)):
        raise Unfit(
            f"what {it} builds, {in_short(built)}, has no method of a token store; "
            + ("return one" if target.harness else _NAME_A_STORE)
        )
    mixed = mixture(door, built)
    if mixed:
        raise Unfit(mixed)
