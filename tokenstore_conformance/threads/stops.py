"""Where to stop a thread: which of the points that it came to when it ran alone, in which order."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Sequence
from typing import Final, NamedTuple

from tokenstore_conformance.threads.interleaving import Interleaving
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.schedules import Place

SHORT: Final = 12
"""A loop of so many rounds, as over the fields of a token, is stopped in each of them."""

Line = tuple[str, str, int]
"""File, function, and number."""


class Budget(NamedTuple):
    """How many stops to try, and how many of them under a lock that the others take first."""

    stops: int
    under_a_lock: int


def most_telling_first(
    alone: Interleaving, thread: int, points: Points, within: bool = False
) -> list[int]:
    """Where to stop a thread, the most telling points first.

    The lines of the store's own methods, each once; between them, where a method is entered
    again and further rounds of loops; then what the methods call, which seldom changes a store.
    Of each kind, those under a lock that the others take first come last: there they only wait.
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
    """The first of these points, and few of those at which the others only wait."""
    first = points[: budget.stops]
    left_out = [point for point in first if point in under_a_lock][budget.under_a_lock :]
    return [point for point in first if point not in left_out]


def of_both_kinds(
    points: Sequence[int], under_a_lock: Container[int], free: int, locked: int
) -> list[int]:
    """So many of the points that are under no lock of the others, and so many of the rest."""
    outside = [point for point in points if point not in under_a_lock]
    inside = [point for point in points if point in under_a_lock]
    return [*outside[:free], *inside[:locked]]


def _two_to_one(lines: Sequence[int], rounds: Sequence[int]) -> Iterator[int]:
    """All of both, in turn: two of the lines, one of the rounds."""
    left = iter(rounds)
    for number, point in enumerate(lines, 1):
        yield point
        if number % 2 == 0:
            yield from itertools.islice(left, 1)
    yield from left


def worth_pausing_at(
    way: Sequence[Place], within: bool, activations: Sequence[int] = ()
) -> list[int]:
    """The points of a thread, counted from 1, at which to stop it, each in a run of its own.

    Only the starts of lines, or only what is ``within`` them. Of the rounds of a long loop the
    first, the last and one between, in each of the ``activations`` of its function. The order is
    such that every beginning of the list is spread evenly.
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
