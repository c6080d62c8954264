"""Why no order of concurrent calls explains their answers, in sentences.

The calls are T1, T2, ... in the order in which they were made. `orders` follows the model through
every order that respects real time, up to the call whose answer fits no order, and collects what
that call could have answered instead. So the sentences are a proof, like those of Elle (Kingsbury
and Alvaro 2020): which call comes before which and why, what follows, and what was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tokenstore_conformance.history import History
from tokenstore_conformance.oracle.linearizability import Operation, violation
from tokenstore_conformance.oracle.step import PLACEHOLDER, token_store_step
from tokenstore_conformance.plural import counted
from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.report.answers import in_words
from tokenstore_conformance.report.intervals import records_of, shown, telling_fields
from tokenstore_conformance.report.orders import Answers, State, is_before, orders

MOST_CALLS: Final = 16
"""With more calls than this, there are too many orders to try."""
MOST_RECORDS: Final = 4
"""A listing with more records than this is shown by its length."""
MOST_ANSWERS: Final = 4
"""At most this many of the right answers are shown."""


@dataclass(frozen=True)
class Named:
    """A history with names for its calls."""

    history: History
    names: dict[int, str]
    """The name of each call, by the moment when the call was made."""
    telling: tuple[str, ...]
    """The fields that tell its records apart."""

    @classmethod
    def of(cls, history: History) -> Named:
        calls = in_order(history.operations)
        records = [each for call in calls for each in records_of(call)]
        return cls(
            history,
            {call.invoked: f"T{number}" for number, call in enumerate(calls, 1)},
            tuple(telling_fields([*history.stored, *records])),
        )

    def name(self, call: Operation) -> str:
        return self.names[call.invoked]

    def row(self, calls: Iterable[Operation]) -> str:
        return in_words([self.name(each) for each in calls])

    def said(self, value: object) -> str:
        return shown(value, self.telling)

    def brief(self, value: object) -> str:
        """Like `said`, but show only the length of a long listing: `_listing` says the rest."""
        if isinstance(value, tuple) and len(value) > MOST_RECORDS:
            return f"a list of {len(value)} records"
        return self.said(value)


def in_order(calls: Iterable[Operation]) -> list[Operation]:
    """Return the calls in the order in which they were made."""
    return sorted(calls, key=lambda call: call.invoked)


def sentences(history: History) -> list[str]:
    """Return sentences on why no order explains the history; none if the reason is not known."""
    calls = in_order(history.operations)
    named = Named.of(history)
    pending = [each for each in calls if each.returned is None]
    if pending and history.left is None:
        return [
            f"{named.row(pending)} did not return.",
            "Made one after the other, in any order, all of these calls return.",
        ]
    if len(calls) > MOST_CALLS or any(each.id is None for each in _listed(calls)):
        return []
    failing = _violation(calls, _stored(history))
    if failing is None:
        return list(_raised(named, calls))
    return list(_proof(named, in_order(failing)))


def _listed(calls: Iterable[Operation]) -> list[Record]:
    listings = [each.result for each in calls if isinstance(each.result, tuple)]
    return [record for listing in listings for record in listing]


def _stored(history: History) -> State:
    """Return what was stored at first. A placeholder, which fits any id, replaces an unknown id."""
    return frozenset(
        record if record.id is not None else record.but(id=f"{PLACEHOLDER}at first {number}")
        for number, record in enumerate(history.stored)
    )


def _violation(calls: Sequence[Operation], stored: State) -> Sequence[Operation] | None:
    """Return the calls up to the one whose answer fits no order; None if there is none."""
    failing = violation(calls, token_store_step, stored)
    if failing is None or _last(failing).call != "save":
        return failing
    # A lost record tells the reader more than two saves that set the same id.
    untold = [replace(each, result=None) if each.call == "save" else each for each in calls]
    return violation(untold, token_store_step, stored) or failing


def _last(calls: Iterable[Operation]) -> Operation:
    """Return the call that returned last."""
    return max(calls, key=lambda call: -1 if call.returned is None else call.returned)


def _raised(named: Named, calls: Sequence[Operation]) -> Iterator[str]:
    for call in calls:
        if call.error is not None:
            yield f"{named.name(call)} raised {call.error}."
    if any(call.error for call in calls):
        yield "Made one after the other, in any order, none of these calls has a reason to raise."


def _proof(named: Named, calls: Sequence[Operation]) -> Iterator[str]:
    last = _last(calls)
    yield from _constraints(named, calls)
    found = orders(calls, last, _stored(named.history))
    if named.said(last.result) in map(named.said, found):
        named = replace(named, telling=FIELDS)  # it differs in a field not shown otherwise
    answered = f"{named.name(last)} answered {named.brief(last.result)}"
    if not found:
        yield f"{answered}. No order reaches this call: the answers before it already fit none."
        return
    yield from _would_be(named, last, found)
    if last.call == "get_tokens":
        yield from _listing(named, calls, last, found)
    yield f"{answered}: no order explains that."


def _constraints(named: Named, calls: Sequence[Operation]) -> Iterator[str]:
    """Yield which calls come before which, and which may come in any order."""
    callers = {call.thread for call in calls if call.thread >= 0}
    for thread in sorted(callers):
        own = [call for call in calls if call.thread == thread]
        if len(own) > 1:
            who = f"{named.history.callers} {thread + 1}"
            yield f"{named.row(own)} come in this order: {who} makes them one after the other."
    for call in calls:
        before = [each for each in calls if is_before(each, call) and each.thread != call.thread]
        nearest = [each for each in before if not any(is_before(each, other) for other in before)]
        if nearest:
            verb = "comes" if len(nearest) == 1 else "come"
            yield (
                f"{named.row(nearest)} {verb} before {named.name(call)}, which was called when "
                f"{'it' if len(nearest) == 1 else 'they'} had returned."
            )
    for call in calls:
        beside = [
            each
            for each in calls
            if each.thread != call.thread
            and not is_before(each, call)
            and each is not call
            and not is_before(call, each)
        ]
        if call.thread == min(callers, default=0) and beside:
            yield f"{named.name(call)} overlaps {named.row(beside)}, and may come anywhere there."


def _would_be(named: Named, last: Operation, found: Answers) -> Iterator[str]:
    if last.call == "save":
        same = [each for each in named.history.operations if each.result == last.result]
        yield f"{named.row(in_order(same))} set the id {last.result!r} on their tokens."
        yield "In every order, the second save must set an id of its own."
        return
    shown_answers = list(found.items())[:MOST_ANSWERS]
    for answer, order in shown_answers:
        row = ", ".join(map(named.name, order))
        yield f"In the order {row} the answer of {named.name(last)} is {named.brief(answer)}."
    if len(found) > MOST_ANSWERS:
        yield f"Other orders give {counted(len(found) - MOST_ANSWERS, 'other answer')}."
    else:
        yield (
            "The other orders give the same."
            if len(found) == 1
            else ("Every other order gives one of these answers.")
        )


def _listing(
    named: Named, calls: Sequence[Operation], last: Operation, found: Answers
) -> Iterator[str]:
    """Yield the records that every order leaves stored and that are not listed, and the records
    that are listed and that no order leaves stored.
    """
    listed = _bare(last.result)
    possible = [_bare(answer) for answer in found]
    name = named.name(last)
    for record in sorted(frozenset.intersection(*possible) - listed, key=str):
        by = [each for each in calls if each.call == "save" and _same(each.argument, record)]
        saved = f", saved by {named.row(by)}" if by else ""
        yield f"Every order leaves {named.said(record)} stored{saved}: {name} does not list it."
    for record in sorted(listed - frozenset.union(*possible), key=str):
        yield f"No order leaves {named.said(record)} stored: {name} lists it."


def _bare(listing: object) -> frozenset[Record]:
    records = listing if isinstance(listing, tuple) else ()
    return frozenset(each.without("id") for each in records if isinstance(each, Record))


def _same(argument: object, record: Record) -> bool:
    return isinstance(argument, Record) and argument.without("id") == record
