"""Why no order of concurrent calls explains their answers, in sentences.

The calls are T1, T2, ... in the order in which they were made. `orders` follows the model through
every order that respects real time, up to the call whose answer fits none, and collects what that
call could have answered instead. So the sentences are a proof, as those of Elle are (Kingsbury and
Alvaro 2020): which call comes before which and why, what follows, and what was answered.
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
"""More calls than these have too many orders."""
MOST_RECORDS: Final = 4
"""At most this many records of a listing are shown."""
MOST_ANSWERS: Final = 4
"""At most this many of the right answers are named."""


@dataclass(frozen=True)
class Named:
    """A history with names for its calls."""

    history: History
    names: dict[int, str]
    """By the moment at which a call was made."""
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
        """The same, and of a long listing how long it is: what is wrong in it is said apart."""
        if isinstance(value, tuple) and len(value) > MOST_RECORDS:
            return f"a list of {len(value)} records"
        return self.said(value)


def in_order(calls: Iterable[Operation]) -> list[Operation]:
    """Calls in the order in which they were made."""
    return sorted(calls, key=lambda call: call.invoked)


def sentences(history: History) -> list[str]:
    """Why no order explains the history; empty where that cannot be said."""
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
    """What was stored at first; an id that is not known is any."""
    return frozenset(
        record if record.id is not None else record.but(id=f"{PLACEHOLDER}at first {number}")
        for number, record in enumerate(history.stored)
    )


def _violation(calls: Sequence[Operation], stored: State) -> Sequence[Operation] | None:
    """The calls up to the one whose answer fits no order."""
    failing = violation(calls, token_store_step, stored)
    if failing is None or _last(failing).call != "save":
        return failing
    # What is lost says more than that two saves set the same id.
    untold = [replace(each, result=None) if each.call == "save" else each for each in calls]
    return violation(untold, token_store_step, stored) or failing


def _last(calls: Iterable[Operation]) -> Operation:
    """The call that returned last."""
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
        named = replace(named, telling=FIELDS)  # it differs in a field that is not shown else
    answered = f"{named.name(last)} answered {named.brief(last.result)}"
    if not found:
        yield f"{answered}. No order reaches this call: the answers before it already fit none."
        return
    yield from _would_be(named, last, found)
    if last.call == "get_tokens":
        yield from _listing(named, calls, last, found)
    yield f"{answered}: no order explains that."


def _constraints(named: Named, calls: Sequence[Operation]) -> Iterator[str]:
    """Which calls come before which, and which may come in any order."""
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
    """Which records every order leaves stored and are not listed, and the other way round."""
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
