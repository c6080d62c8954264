"""Which moments of a save are chosen for a kill or a stop."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tokenstore_conformance.processes.moments import Moment, Way, chosen


def way_of(*calls: str) -> list[Moment]:
    """Return the moment before each of these calls, all made by one line."""
    way = Way()
    return [way.moment_before(f"store.py:1 in save, before {each}") for each in calls]


def names(moments: Sequence[Moment]) -> list[str]:
    """Name each moment by the calls before and after it."""
    return [
        "-".join(place.rpartition("before ")[2] for place in (each.after, each.before))
        for each in moments
    ]


BUFFER = ("TextIOWrapper.write",) * 200
COPY = ("stat", "stat", "open", "open", "sendfile", "sendfile", "BufferedWriter.__exit__")


def test_few_moments_are_all_chosen() -> None:
    """If a save has few moments, all of them are tried."""
    moments = way_of("open", "stat", "stat", "stat", "close")

    assert chosen(moments, 12) == moments


@pytest.mark.parametrize("at_most", [0, 1, 2, 5, 12, 16])
def test_no_more_are_chosen_than_asked_for(at_most: int) -> None:
    """No moment is chosen twice, and they are in order."""
    moments = way_of("open", *BUFFER, "TextIOWrapper.__exit__", *COPY)

    picked = chosen(moments, at_most)

    assert len(picked) == at_most
    assert picked == sorted(set(picked), key=moments.index)


def test_no_moments_are_none() -> None:
    """A save that makes no outward call cannot be stopped."""
    assert chosen([], 3) == []


def test_a_short_way_after_a_long_one_is_tried() -> None:
    """Hundreds of writes into a buffer count once, so the copy after them is tried too."""
    moments = way_of("open", *BUFFER, "TextIOWrapper.__exit__", *COPY)

    picked = names(chosen(moments, 10))

    assert {"open-open", "open-sendfile", "sendfile-sendfile"} <= set(picked)
    assert picked.count("TextIOWrapper.write-TextIOWrapper.write") <= 1


def test_what_follows_a_change_comes_first() -> None:
    """If not every pair of calls can be tried, those after a change come first."""
    reads = [f"read{number}" for number in range(20)]
    moments = way_of(*reads, "os.truncate", "BufferedWriter.write", *reads)

    assert names(chosen(moments, 1)) == ["os.truncate-BufferedWriter.write"]
    assert names(chosen(moments, 2)) == ["read19-os.truncate", "os.truncate-BufferedWriter.write"]


def test_what_comes_again_is_spread() -> None:
    """If there is room for more, the moments of the same pair are spread over the whole save."""
    moments = way_of(*["stat"] * 100)

    picked = [moments.index(each) for each in chosen(moments, 5)]

    assert picked[:2] == [0, 1]
    assert picked[-1] == 99


def test_a_moment_is_the_same_in_a_longer_save() -> None:
    """A save of more records makes more writes, but the moments around them keep their names."""
    short, long = (
        way_of("open", *["TextIOWrapper.write"] * count, "close", "rename") for count in (5, 50)
    )

    assert short[0] in long
    assert short[-2:] == long[-2:]


def test_a_thread_has_a_way_of_its_own() -> None:
    """The order in which two threads make their calls changes no moment."""
    way = Way()
    found: list[Moment] = []
    way.moment_before("here")
    thread = threading.Thread(target=lambda: found.append(way.moment_before("there")))
    thread.start()
    thread.join()

    assert found == [Moment("", "there", 1)]
    assert way.moment_before("here again") == Moment("here", "here again", 1)
