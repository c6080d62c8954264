"""Which moments of a save are worth a kill, or a stop."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tokenstore_conformance.processes.moments import Moment, Way, chosen


def way_of(*calls: str) -> list[Moment]:
    """The moments of these calls, all of one line."""
    way = Way()
    return [way.moment_before(f"store.py:1 in save, before {each}") for each in calls]


def names(moments: Sequence[Moment]) -> list[str]:
    """What is called before and after each of them."""
    return [
        "-".join(place.rpartition("before ")[2] for place in (each.after, each.before))
        for each in moments
    ]


BUFFER = ("TextIOWrapper.write",) * 200
COPY = ("stat", "stat", "open", "open", "sendfile", "sendfile", "BufferedWriter.__exit__")


def test_few_moments_are_all_chosen() -> None:
    """A save of few calls is tried at each of them."""
    moments = way_of("open", "stat", "stat", "stat", "close")

    assert chosen(moments, 12) == moments


@pytest.mark.parametrize("at_most", [0, 1, 2, 5, 12, 16])
def test_no_more_are_chosen_than_asked_for(at_most: int) -> None:
    """Each of them is a moment of its own, and they are in order."""
    moments = way_of("open", *BUFFER, "TextIOWrapper.__exit__", *COPY)

    picked = chosen(moments, at_most)

    assert len(picked) == at_most
    assert picked == sorted(set(picked), key=moments.index)


def test_no_moments_are_none() -> None:
    """A save that leaves the process nowhere cannot be stopped."""
    assert chosen([], 3) == []


def test_a_short_way_after_a_long_one_is_tried() -> None:
    """Hundreds of writes into a buffer count once: between open and close stands the copy."""
    moments = way_of("open", *BUFFER, "TextIOWrapper.__exit__", *COPY)

    picked = names(chosen(moments, 10))

    assert {"open-open", "open-sendfile", "sendfile-sendfile"} <= set(picked)
    assert picked.count("TextIOWrapper.write-TextIOWrapper.write") <= 1


def test_what_follows_a_change_comes_first() -> None:
    """Where not every pair of calls can be tried, those after a change are."""
    reads = [f"read{number}" for number in range(20)]
    moments = way_of(*reads, "os.truncate", "BufferedWriter.write", *reads)

    assert names(chosen(moments, 1)) == ["os.truncate-BufferedWriter.write"]
    assert names(chosen(moments, 2)) == ["read19-os.truncate", "os.truncate-BufferedWriter.write"]


def test_what_comes_again_is_spread() -> None:
    """Where there is room for more, the same pair is tried over the whole way."""
    moments = way_of(*["stat"] * 100)

    picked = [moments.index(each) for each in chosen(moments, 5)]

    assert picked[:2] == [0, 1]
    assert picked[-1] == 99


def test_a_moment_is_the_same_in_a_longer_save() -> None:
    """With more records come more writes, and the moments around them keep their names."""
    short, long = (
        way_of("open", *["TextIOWrapper.write"] * count, "close", "rename") for count in (5, 50)
    )

    assert short[0] in long
    assert short[-2:] == long[-2:]


def test_a_thread_has_a_way_of_its_own() -> None:
    """Which of two threads comes first changes no moment."""
    way = Way()
    found: list[Moment] = []
    way.moment_before("here")
    thread = threading.Thread(target=lambda: found.append(way.moment_before("there")))
    thread.start()
    thread.join()

    assert found == [Moment("", "there", 1)]
    assert way.moment_before("here again") == Moment("here", "here again", 1)
