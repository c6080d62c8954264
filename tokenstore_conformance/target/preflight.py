"""Checks, before any clause runs, whether a target can be judged and whether that is safe.

The kit refuses a store that holds tokens before it writes anything to the store.
"""

from __future__ import annotations

import contextlib
import gc
import tempfile
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tokenstore_conformance.guard import limits
from tokenstore_conformance.guard.frames import describe, place
from tokenstore_conformance.guard.interrupts import watched
from tokenstore_conformance.plural import counted
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.sdk.values import Endless, Unreadable
from tokenstore_conformance.target import FIXTURE, Target, process_state
from tokenstore_conformance.target.advice import advice
from tokenstore_conformance.target.generation import foreign_attribute
from tokenstore_conformance.target.opened import PROBE, Ended, Opened, Unfit, opened_store
from tokenstore_conformance.target.storage import failed


def check_targets(
    doors: Mapping[str, Door],
    targets: Iterable[Target],
    *,
    wipe: bool,
    timeout: float = limits.DEFAULT,
) -> dict[str, bool]:
    """Return for each target whether all its stores share one storage. Raises `Unfit`."""
    with no_warnings():
        shared = {each.spec: _checked(doors[each.spec], each, wipe, timeout) for each in targets}
        gc.collect(1)  # only young objects
    _refuse_greenlets()
    return shared


def _refuse_greenlets() -> None:
    """Raise `Unfit` if threads are greenlets.

    Checked last: by now, stores and conftests have imported any library that replaces threads.
    """
    ids = []
    thread = threading.Thread(target=lambda: ids.append(threading.get_native_id()))
    thread.start()
    thread.join()
    if ids == [threading.get_native_id()]:
        raise Unfit(
            "threads are greenlets in this process, as after monkey.patch_all() of gevent or "
            "eventlet, so the kit cannot judge a store; call it where your program starts, not in "
            "a module that the store or a conftest imports"
        )


def _checked(door: Door, target: Target, wipe: bool, timeout: float) -> bool:
    if target.spec == FIXTURE:
        return True  # only pytest can ask it for a store
    with tempfile.TemporaryDirectory(prefix="tokenstore-", ignore_cleanup_errors=True) as directory:
        try:
            with limits.limited(timeout), process_state.kept(door.classes):
                return find_out_if_shared(door, target, Path(directory), wipe=wipe)
        except limits.Hung as hung:
            raise Unfit(
                f"{target.spec}: {hung}{hung.place}; fix that, or give it more time with "
                "--tokenstore-timeout=SECONDS"
            ) from hung
        except (Unfit, process_state.Changed) as error:
            raise Unfit(f"{target.spec}: {error}") from error
        except Exception as error:  # a store may break in any way
            what = error if isinstance(error, Ended) else describe(error)
            why = f"trying it failed: {what}{place(error)}"
            raise Unfit(f"{target.spec}: {why}") from error


@contextlib.contextmanager
def no_warnings() -> Iterator[None]:
    """Ignore warnings inside. Used outside of tests, where a store runs or its objects are freed.

    Otherwise a user who turns warnings into errors would see an error that no test caused. The
    clauses run with warnings on.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def find_out_if_shared(door: Door, target: Target, directory: Path, *, wipe: bool) -> bool:
    """Return whether all stores of the target share one storage. Raises `Unfit`."""
    with watched(), opened_store(door, target, directory / "first") as first:
        _refuse_if_filled(first, wipe=wipe)
        return first.can_list and _is_shared(first, directory / "second", wipe=wipe)


def check_empty(door: Door, target: Target, directory: Path, *, wipe: bool) -> None:
    """Build a store and make sure that it holds nothing. Raises `Unfit`."""
    with watched(), opened_store(door, target, directory) as opened:
        _refuse_if_filled(opened, wipe=wipe)


def _try_to_empty(opened: Opened) -> None:
    """Raise `Unfit` if `Harness.empty` fails or leaves a token. The storage holds one now."""
    if not opened.storage.has_empty():
        return
    try:
        opened.storage.empty_by_harness()
    except Exception as error:
        raise Unfit(f"{failed('empty()', error)}; fix that") from error
    count = len(opened.tokens())
    if count:
        raise Unfit(f"empty() leaves {counted(count, 'token')} in the storage; fix that")


def _refuse_if_filled(opened: Opened, *, wipe: bool) -> None:
    if not opened.can_list:
        return  # SHAPE-2 is about that, and nothing is ever written to such a store
    opened.storage.may_be_cleaned = False  # until it is known to be empty
    try:
        listed = opened.tokens()
        if opened.are_none_tokens(listed):
            raise Unreadable("no tokens")
        count = len(listed)
    except Exception as error:
        if not wipe:
            raise Unfit(_unlistable(error, opened.storage.target)) from error
        with contextlib.suppress(Exception):
            opened.call(opened.built.delete_tokens)
    else:
        if count and not wipe:
            raise Unfit(_holds(count, opened.storage.target))
        if count and not opened.delete_everything():
            raise Unfit(
                f"it holds {counted(count, 'token')}, and neither delete_tokens nor delete_token "
                "removes them (CLEAR-1): delete them yourself"
            )
    opened.storage.known_empty = opened.storage.may_be_cleaned = True


def _unlistable(error: Exception, target: Target) -> str:
    """Return why the kit does not know that a store is empty."""
    if isinstance(error, Endless) and error.count:
        return _holds(error.count, target)
    what = advice(error) or (
        "fix that (LIST-1: an empty store lists []), or add --tokenstore-wipe if everything in it "
        "may be deleted"
    )
    if isinstance(error, Endless):
        did = f"returned {error}"
    elif isinstance(error, Unreadable):
        did = "returned something that is not a list of tokens"
    else:
        did = f"raised {error if isinstance(error, Ended) else describe(error)}"
    return (
        f"cannot tell whether the store is empty: get_tokens {did} on a store that was just "
        f"built; {what}"
    )


def _is_shared(first: Opened, directory: Path, *, wipe: bool) -> bool:
    """Return whether what is saved in one storage is listed in another. Leaves both empty.

    If that cannot be found out, the answer is True: this costs time, but does no harm.
    """
    try:
        _save_the_probe(first)
    except Unfit:
        raise
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
        emptied = first.delete_everything()
    if seen and not emptied:
        raise Unfit(
            "all its stores share one storage, and neither delete_tokens nor delete_token empties "
            "it (CLEAR-1), so no test could begin with an empty store; give each test a place of "
            "its own with tmp_path or namespace, and delete the token of "
            f"{PROBE.user}, which the kit saved, by hand"
        )
    return seen is not False or not saved


def _save_the_probe(opened: Opened) -> None:
    """Save the kit's own token. Raises `Unfit` if only this first save forks: no clause sees it."""
    save = opened.built.save_token, *opened.door.to_save(PROBE).arguments
    try:
        opened.call(*save)
    except Unfit as forked:
        try:
            opened.call(*save)
        except Unfit:
            return
        raise forked


def _is_seen_by_another(first: Opened, directory: Path, *, wipe: bool) -> bool | None:
    """Return whether another store lists anything. None if that is unknown."""
    try:
        with opened_store(first.door, first.storage.target, directory) as second:
            count = len(second.tokens())
            strangers = second.strangers()
            refused = bool(strangers) and not wipe
            second.storage.may_be_cleaned = not refused
    except Exception:  # the clauses judge that
        return None
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
