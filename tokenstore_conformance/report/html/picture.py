"""A concurrent history as a picture: a lane for each caller, a bar for each call, in order.

The axis shows the order of events, not time. There is a column for each moment when a call is made,
a call returns, or a caller stops. Lengths are in pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenstore_conformance.history import History, Switch
from tokenstore_conformance.oracle.linearizability import MAIN_THREAD, Operation
from tokenstore_conformance.report.explanation import Named, in_order
from tokenstore_conformance.report.html.shapes import (
    Bar,
    CallRow,
    Lane,
    Stop,
    cut_short,
    short,
    state_of,
)
from tokenstore_conformance.report.visible import cut, in_one_line

LETTER: Final = 7.3
"""The width of a letter, rounded up. The page's style sets the matching font size."""
LABEL: Final = 96
BAR: Final = 46
GAP: Final = 20
"""The least width of a column."""
NOTE: Final = 36
"""The height of the two lines that say where a call was stopped."""
MARGIN: Final = 16
MOST_STOPS: Final = 8
"""At most this many stops have a letter and a note; the others are drawn without them."""


class Picture:
    """Everything that the page shows of a history."""

    BAR: Final = BAR

    def __init__(self, history: History) -> None:
        self.history = history
        self._named = Named.of(history)
        self._calls = in_order(history.operations)
        self._switches = [each for each in history.switches if self._is_seen(each)]
        self._columns = self._moments()
        self._edges = self._widths()
        self.rows = [self._row(each) for each in self._calls]
        self.lanes = list(self._lanes())
        self.width = max(self._edges[-1], self._right_of_notes()) + MARGIN
        last = self.lanes[-1]
        self.height = last.y + last.height

    @property
    def stored(self) -> list[str]:
        """What was stored at first."""
        return [self._named.said(each) for each in self.history.stored]

    @property
    def left(self) -> list[str] | None:
        """What was stored at the end; None if that is not known."""
        left = self.history.left
        return None if left is None else [self._named.said(each) for each in left]

    # -- columns -------------------------------------------------------------------------------

    def _is_seen(self, switch: Switch) -> bool:
        ends = max((each.returned or each.invoked for each in self._calls), default=0)
        return switch.moment is not None and switch.moment <= ends

    def _moments(self) -> dict[int, int]:
        """Return the column of each moment."""
        moments = sorted({moment for moment, _ in self._events()})
        return {moment: column for column, moment in enumerate(moments)}

    def _widths(self) -> list[float]:
        """Return where each column begins and the last one ends. Bars have room for their texts."""
        widths = [float(GAP)] * (len(self._columns) + 1)
        for call in self._calls:
            first, end = self._span(call)
            needed = LETTER * max(map(len, self._texts(call))) + 18
            lacking = needed - sum(widths[first:end])
            for column in range(first, end):
                widths[column] += max(lacking, 0) / (end - first)
        edges = [float(LABEL)]
        for width in widths:
            edges.append(edges[-1] + width)
        return edges

    def _span(self, call: Operation) -> tuple[int, int]:
        first = self._columns[call.invoked]
        end = len(self._columns) if call.returned is None else self._columns[call.returned]
        return first, end

    def _right_of_notes(self) -> float:
        ends = (
            stop.note_x + LETTER * max(len(stop.place), len(stop.source))
            for lane in self.lanes
            for stop in lane.stops
            if stop.letter and stop.anchor == "start"
        )
        return max(ends, default=0.0)

    # -- lanes ---------------------------------------------------------------------------------

    def _lanes(self) -> Iterable[Lane]:
        y = float(MARGIN)
        callers = sorted({each.thread for each in self._calls}, key=lambda each: (each < 0, each))
        letters = iter("ABCDEFGH"[:MOST_STOPS])
        for caller in callers:
            calls = [each for each in self._calls if each.thread == caller]
            stops = tuple(self._stops(caller, y, letters))
            noted = sum(bool(each.letter) for each in stops)
            height = BAR + NOTE * noted + 18
            yield Lane(self._title(caller), y, height, tuple(map(self._bar, calls)), stops)
            y += height

    def _title(self, caller: int) -> str:
        return "afterwards" if caller == MAIN_THREAD else f"{self.history.callers} {caller + 1}"

    def _bar(self, call: Operation) -> Bar:
        first, end = self._span(call)
        texts = self._texts(call)
        x = self._edges[first]
        return Bar(self._named.name(call), *texts, x, self._edges[end] - x, state_of(call))

    def _stops(self, caller: int, y: float, letters: Iterable[str]) -> Iterable[Stop]:
        noted = 0
        for switch in self._switches:
            if switch.thread != caller or switch.moment is None:
                continue
            letter = next(iter(letters), "")
            x = self._edges[self._columns[switch.moment]]
            until = self._edges[self._resumed(switch)]
            how = "waits at" if switch.blocked else "stopped before"
            note_y = y + BAR + NOTE * noted + 14
            place = f"{letter}: {how} {switch.place}"
            source = cut(in_one_line(switch.source), 80)
            fits = x - LABEL < LETTER * max(len(place), len(source))
            anchor = "start" if fits else "end"
            note_x = x + 8 if fits else x - 8
            yield Stop(letter, x, until, place, source, note_x, note_y, anchor)
            noted += bool(letter)

    def _resumed(self, switch: Switch) -> int:
        """Return the column up to which a caller stands still: that of the last event of another
        caller before its own next one.
        """
        assert switch.moment is not None
        own = [moment for moment, thread in self._events() if thread == switch.thread]
        following = min((each for each in own if each > switch.moment), default=None)
        others = [
            moment
            for moment, thread in self._events()
            if thread != switch.thread
            and moment > switch.moment
            and (following is None or moment < following)
        ]
        return self._columns[max(others, default=switch.moment)]

    def _events(self) -> list[tuple[int, int]]:
        """Return the moments, each with its caller."""
        found = [(each.moment, each.thread) for each in self._switches if each.moment is not None]
        for call in self._calls:
            found.append((call.invoked, call.thread))
            if call.returned is not None:
                found.append((call.returned, call.thread))
        return found

    # -- texts ---------------------------------------------------------------------------------

    def _texts(self, call: Operation) -> tuple[str, str]:
        argument = "" if call.argument == () else short(call.argument)
        made = f"{self._named.name(call)} {call.call}({argument})"
        return cut_short(made), cut_short(self._answered(call, short(call.result)))

    def _answered(self, call: Operation, result: str) -> str:
        if call.error is not None:
            return f"raised {in_one_line(call.error)}"
        if call.returned is None:
            return "not returned"
        says_nothing = call.result is None and call.call in ("save", "delete", "clear")
        return "returned" if says_nothing else f"-> {result}"

    def _row(self, call: Operation) -> CallRow:
        argument = "" if call.argument == () else self._named.said(call.argument)
        first, end = self._span(call)
        when = f"{first + 1} to {end + 1}" if call.returned is not None else f"from {first + 1} on"
        return CallRow(
            self._named.name(call),
            self._title(call.thread),
            f"{call.call}({argument})",
            when,
            self._answered(call, self._named.said(call.result)),
            state_of(call),
        )
