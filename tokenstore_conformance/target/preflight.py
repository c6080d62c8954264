"""Before any clause: is this target fit to be judged, and is it safe to?

A store that holds tokens is refused before anything is written to it.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe, in_short, place
from tokenstore_conformance.guard.interrupts import from_the_keyboard, watched
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.plural import counted
from tokenstore_conformance.records import NOW, Record
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import Unreadable, elements
from tokenstore_conformance.target import FIXTURE, Target
from tokenstore_conformance.target.advice import advice
from tokenstore_conformance.target.foreign import refusal
from tokenstore_conformance.target.generation import OWN, foreign_attribute, mixture
from tokenstore_conformance.target.methods import has, unusable_methods
from tokenstore_conformance.target.storage import NotBuilt, Storage, failed, working_in
from tokenstore_conformance.target.storages import emptied

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
"""A whole record that a store of either generation can keep."""

SECRET: Final = ("client_id", "refresh_token", "access_token", "grant_token")
"""By these the kit knows its own token again, though a store may have lost the user's name."""

METHODS: Final = sorted(set().union(*OWN.values()))
"""By which a store of either generation is known."""

_OR_NAME_A_FUNCTION: Final = (
    ", or name a function that builds the store as your program does: "
    "def store(tmp_path): return ..."
)
_NAME_A_STORE: Final = "name the class of the store, or a function that returns one"


class Unfit(Exception):
    """Why a target cannot be judged, and what to do."""


def check_targets(
    doors: Mapping[str, Door],
    targets: Iterable[Target],
    *,
    wipe: bool,
    timeout: float = limits.DEFAULT,
) -> dict[str, bool]:
    """Of each target whether all its stores share one storage; raises `Unfit`."""
    with no_warnings():
        shared = {each.spec: _checked(doors[each.spec], each, wipe, timeout) for each in targets}
        gc.collect(1)  # what is young
    return shared


def _checked(door: Door, target: Target, wipe: bool, timeout: float) -> bool:
    if target.spec == FIXTURE:
        return True  # pytest alone can ask it for a store
    with tempfile.TemporaryDirectory(prefix="tokenstore-", ignore_cleanup_errors=True) as directory:
        try:
            with limits.limited(timeout):
                return check_target(door, target, Path(directory), wipe=wipe)
        except limits.Hung as hung:
            raise Unfit(
                f"{target.spec}: {hung}{place(hung)}; fix that, or give it more time with "
                "--tokenstore-timeout=SECONDS"
            ) from hung
        except Unfit as error:
            raise Unfit(f"{target.spec}: {error}") from error
        except Exception as error:  # a store may break in any way
            why = f"trying it failed: {describe(error)}{place(error)}"
            raise Unfit(f"{target.spec}: {why}") from error


@contextlib.contextmanager
def no_warnings() -> Iterator[None]:
    """Where a store is used, or what it left open is let go of, outside of any test.

    Who makes errors of warnings would see an error of which no test is to blame; the clauses run
    with warnings on.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_target(door: Door, target: Target, directory: Path, *, wipe: bool) -> bool:
    """Whether all stores of the target share one storage; raises `Unfit`."""
    with watched(), _opened(door, target, directory / "first") as first:
        _refuse_if_filled(first, wipe=wipe)
        return first.can_list and _is_shared(first, directory / "second", wipe=wipe)


def check_empty(door: Door, target: Target, directory: Path, *, wipe: bool) -> None:
    """Build a store and make sure that it holds nothing; raises `Unfit`."""
    with watched(), _opened(door, target, directory) as opened:
        _refuse_if_filled(opened, wipe=wipe)


class Opened:
    """A storage and a store over it."""

    def __init__(self, door: Door, storage: Storage) -> None:
        self.door = door
        self.storage = storage
        self.built = storage.build()
        self.can_list = "get_tokens" not in dict(unusable_methods(door, self.built))

    def call(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call the store where it stands; `Exception` for whatever it raises, or `Hung`."""
        limits.step(getattr(call, "__name__", ""))
        try:
            with working_in(self.storage.directory):
                return call(*arguments)
        except Exception:
            raise
        except limits.Hung as hung:
            hung.doing = getattr(call, "__name__", "")
            raise
        except BaseException as error:  # SystemExit, a test's own skip
            if from_the_keyboard(error):
                raise
            raise RuntimeError(describe(error)) from error

    def tokens(self) -> list[Any]:
        """What is listed; raises whatever get_tokens raises."""
        return elements(self.call(self.built.get_tokens))

    def lists_the_probe(self) -> bool:
        """Whether the kit's own token is listed."""
        with contextlib.suppress(Exception):
            return len(self.tokens()) > self.strangers()
        return False

    def is_emptied(self) -> bool:
        """Whether the store lists nothing, once all is deleted in every way that there is."""
        try:
            return bool(self.call(emptied, self.built, self.door))
        except Exception:
            return False

    def strangers(self) -> int:
        """How many tokens are listed that are not the kit's own."""
        own = {value for name, value in PROBE.items() if name in SECRET}
        return sum(
            not own & {value for name, value in record.items() if name in SECRET}
            for record in self._records()
        )

    def _records(self) -> Iterator[Any]:
        for token in self.tokens():
            with contextlib.suppress(Unreadable):
                yield self.door.read(token)


@contextlib.contextmanager
def _opened(door: Door, target: Target, directory: Path) -> Iterator[Opened]:
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
        raise Unfit(f"{trouble}; fix that, or every test would leave something behind")


def _try_to_empty(opened: Opened) -> None:
    """Make sure that `Harness.empty` does what it says, while a token is in the storage."""
    if not opened.storage.has_empty():
        return
    try:
        opened.storage.empty_by_harness()
    except Exception as error:
        raise Unfit(f"{failed('empty()', error)}; fix that") from error
    count = len(opened.tokens())
    if count:
        raise Unfit(f"empty() leaves {counted(count, 'token')} in the storage; fix that")


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


def _refuse_if_filled(opened: Opened, *, wipe: bool) -> None:
    if not opened.can_list:
        return  # SHAPE-2 is about that, and nothing is ever written to such a store
    opened.storage.may_be_cleaned = False  # until it is known to be empty
    try:
        count = len(opened.tokens())
    except Exception as error:
        if not wipe:
            what = advice(error) or (
                "fix that (LIST-1: an empty store lists []), or add --tokenstore-wipe if "
                "everything in it may be deleted"
            )
            raise Unfit(
                f"cannot tell whether the store is empty: get_tokens raised {describe(error)} on a "
                f"store that was just built; {what}"
            ) from error
        with contextlib.suppress(Exception):
            opened.call(opened.built.delete_tokens)
    else:
        if count and not wipe:
            raise Unfit(_holds(count, opened.storage.target))
        if count and not opened.is_emptied():
            raise Unfit(
                f"it holds {counted(count, 'token')}, and neither delete_tokens nor delete_token "
                "removes them (CLEAR-1): delete them by hand"
            )
    opened.storage.known_empty = opened.storage.may_be_cleaned = True


def _is_shared(first: Opened, directory: Path, *, wipe: bool) -> bool:
    """Whether what is saved in one storage is listed in another; leaves both empty.

    Where that cannot be found out, the answer is yes: then no harm is done, and time is lost alone.
    """
    try:
        first.call(first.built.save_token, *first.door.to_save(PROBE).arguments)
    except Exception as error:
        unknown = foreign_attribute(first.door, error)
        if unknown:
            raise Unfit(unknown) from error
    try:
        seen = _is_seen_by_another(first, directory, wipe=wipe)
        saved = first.lists_the_probe()
        if saved:
            _try_to_empty(first)
    finally:
        emptied = first.is_emptied()
    if not emptied and seen:
        raise Unfit(
            "all its stores share one storage, and neither delete_tokens nor delete_token empties "
            "it (CLEAR-1), so no test could begin with an empty store; give each test a place of "
            "its own with tmp_path or namespace, and delete the token of "
            f"{PROBE.user}, which the kit saved, by hand"
        )
    return seen or not saved


def _is_seen_by_another(first: Opened, directory: Path, *, wipe: bool) -> bool:
    try:
        with _opened(first.door, first.storage.target, directory) as second:
            count = len(second.tokens())
            strangers = second.strangers()
            refused = bool(strangers) and not wipe
            second.storage.may_be_cleaned = not refused
    except Exception:  # the clauses are about that
        return False
    if refused:
        raise Unfit(_holds(strangers, first.storage.target))
    return bool(count)


def _holds(count: int, target: Target) -> str:
    if target.harness:
        return (
            f"it holds {counted(count, 'token')} already, where set_up() has just made the "
            "storage: a storage is empty at first, so let set_up() save no token, and let open() "
            "use tmp_path or namespace. If everything in it may be deleted, add --tokenstore-wipe"
        )
    return (
        f"it holds {counted(count, 'token')} already, and judging it would delete "
        f"{'them' if count > 1 else 'it'}: name a factory that builds an empty store (tmp_path or "
        "namespace give each test a place of its own), or add --tokenstore-wipe to have "
        f"{'them' if count > 1 else 'it'} deleted"
    )
