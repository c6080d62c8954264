"""Where to stop a thread: a choice of the points that it reached when it ran alone, in order."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Sequence
from typing import Final, NamedTuple

from tokenstore_conformance.threads.interleaving import Interleaving
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.schedules import Place

SHORT: Final = 12
"""A loop of up to so many rounds, such as one over a token's fields, is stopped in every round."""

Line = tuple[str, str, int]
"""A line: its file, its function and its number."""


class Budget(NamedTuple):
    """How many stops to try, and how many of them under a lock that the others take first."""

    stops: int
    under_a_lock: int


def most_telling_first(
    alone: Interleaving, thread: int, points: Points, within: bool = False
) -> list[int]:
    """Return the points at which to stop a thread, the most telling first.

    First come the lines of the store's own methods, each once. Mixed with them are the points where
    a method is entered again, and further rounds of loops. Then comes the code that the methods
    call, which seldom changes a store. Within each kind, points under a lock that the other threads
    take first come last: there the others only wait.
    """
    way, activations = alone.ways[thread], alone.activations[thread]
    begun = {activation: point for point, activation in reversed([*enumerate(activations, 1)])}
    lines, entries, rounds, others = [], [], [], []
    seen: set[Place] = set()
    for point in worth_pausing_at(way, within, activations):
        place = way[point - 1]
        if not points.in_method(place):
            others.append(point)
        elif place not in seen:
            lines.append(point)
        elif begun[activations[point - 1]] == point:
            entries.append(point)
        else:
            rounds.append(point)
        seen.add(place)
    locked = alone.under_a_lock[thread]
    for kind in (lines, entries, rounds, others):
        kind.sort(key=lambda point: point in locked)
    return [*_two_to_one(lines, [*_two_to_one(entries, rounds)]), *others]


def within_budget(points: Sequence[int], under_a_lock: Container[int], budget: Budget) -> list[int]:
    """Return the first of these points, with only a few of those where the others just wait."""
    first = points[: budget.stops]
    left_out = [point for point in first if point in under_a_lock][budget.under_a_lock :]
    return [point for point in first if point not in left_out]


def of_both_kinds(
    points: Sequence[int], under_a_lock: Container[int], free: int, locked: int
) -> list[int]:
    """Return the first ``free`` points not under a lock, and the first ``locked`` that are."""
    outside = [point for point in points if point not in under_a_lock]
    inside = [point for point in points if point in under_a_lock]
    return [*outside[:free], *inside[:locked]]


def _two_to_one(lines: Sequence[int], rounds: Sequence[int]) -> Iterator[int]:
    """Yield all of both, in turn: two of the lines, then one of the rounds."""
    left = iter(rounds)
    for number, point in enumerate(lines, 1):
        yield point
        if number % 2 == 0:
            yield from itertools.islice(left, 1)
    yield from left


def worth_pausing_at(
    way: Sequence[Place], within: bool, activations: Sequence[int] = ()
) -> list[int]:
    """Return the points of a thread, counted from 1, at which to stop it, each in its own run.

    They are only starts of lines, or only points ``within`` lines. Of a long loop they include the
    first round, the last and one between, in each of the ``activations`` of its function. They are
    ordered so that any first part of the list is spread evenly over all points.
    """
    visits: dict[tuple[Place, int], list[int]] = {}
    for point, place in enumerate(way, 1):
        if place.within is within:
            activation = activations[point - 1] if activations else 0
            visits.setdefault((place, activation), []).append(point)
    points = sorted({point for each in visits.values() for point in _rounds(each)})
    bits = len(points).bit_length()
    order = sorted(range(len(points)), key=lambda index: f"{index:0{bits}b}"[::-1])
    return [points[index] for index in order]


def _rounds(visits: Sequence[int]) -> Sequence[int]:
    if len(visits) <= SHORT:
        return visits
    return visits[0], visits[len(visits) // 2], visits[-1]
