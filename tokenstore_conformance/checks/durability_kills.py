"""DUR-3: a store whose process is killed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, zip_longest
from typing import Final

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.killing import Series, answer_of_an_opening, kinds_that_work
from tokenstore_conformance.checks.other_stores import (
    Logins,
    deletion_of,
    done,
    must_be_durable,
    must_keep_saves,
    stores_in_processes,
)
from tokenstore_conformance.processes.asking import Ask
from tokenstore_conformance.processes.messages import Done, Work
from tokenstore_conformance.processes.moments import AT_THE_END, Moment, chosen
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.broken_files import sizes

KILLS: Final = 18
"""The maximum number of moments of a save at which its process is killed."""

DELETIONS: Final = 12
"""The maximum number of moments of a deletion at which its process is killed."""

CLEARINGS: Final = 4
"""The maximum number of moments of delete_tokens at which its process is killed."""

OPENINGS: Final = 4
"""The maximum number of moments of an opening at which its process is killed."""

CUTS: Final = 15
"""The maximum number of file size limits to try. A write beyond the limit kills its process."""

BEYOND: Final = (1, 60, 400, 5000, 13000)
"""The last of these limits, in bytes beyond the longest file: a save may make it grow."""


@check("DUR-3")
def survives_being_killed(store: Subject) -> None:
    """After a save has returned, killing the process does not undo it. If the process is killed
    during a save, the store opens again with every earlier record, and the same user can be saved
    again. If it is killed during a deletion, every other record is there; during delete_tokens,
    the store can be used again. A process that is killed while it opens the store loses nothing.
    """
    must_be_durable(store)
    must_keep_saves(store.fresh())

    _kill_again_and_again(store.fresh(), first_login=True, begun="an insert")
    leaving = _kill_again_and_again(store.fresh(), first_login=False, begun="an update")
    _kill_in_openings(store.fresh(), leaving)
    _cut_again_and_again(store.fresh())
    _kill_in_deletions(store.fresh())
    _kill_in_clearings(store.fresh())


def _kill_again_and_again(store: Subject, *, first_login: bool, begun: str) -> list[Moment]:
    """Kill processes in saves. Each finds what the one before left, saves a user, and is killed in
    its next save.

    Return the moments at which the killed save left a file that was not there before it.
    """
    logins = Logins(store.door)
    anna, bert = logins.login("anna"), logins.login("bert")
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        ways = [done(process.do(each)).moments for each in (anna, bert)]
        if not first_login:
            anna, bert = logins.login("anna", 1), logins.login("bert", 1)
            ways = [done(process.do(each)).moments for each in (anna, bert)]
    leaving: list[Moment] = []
    kinds = kinds_that_work(store)
    if store.door.makes_ids:
        del ways[1:]  # in zcrmsdk Anna logs in by grant token, and Bert by refresh token
    series = Series(store, [anna, bert], kinds)
    others = 2  # anna and bert
    kills = min(KILLS, (store.room_for(others + 2 * (KILLS + 1)) - others) // 2 - 1)
    for number, (way, moment) in enumerate([*_in_turn(ways, kills), (0, AT_THE_END)]):
        user = f"carl{2 * number + 1 - way}" if first_login else ("anna", "bert")[way]
        last = logins.login(user, number + 2)
        # After some kills, the next process is killed in its first save.
        before = () if number % 4 == 1 else (logins.login(f"dora{number}"),)
        at = f"at {moment.before}"
        if series.kill(Work((*before, last), kill_at=moment), f"{begun} was ended by SIGKILL", at):
            leaving.append(moment)
    series.must_hold()
    return leaving


def _kill_in_openings(store: Subject, leaving: Sequence[Moment]) -> None:
    """Kill processes while they open what a killed process left. That one was killed when an
    update had returned, or at a moment of the update that left a file, which the opening may use.
    """
    logins, numbers = Logins(store.door), count(1)
    anna, bert = logins.login("anna"), logins.login("bert")
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        done(process.do(anna, bert))
    series = Series(store, [anna, bert], kinds_that_work(store))

    def kill(in_update: Moment) -> None:
        renewed = logins.login("anna", next(numbers))
        work = Work((renewed,), kill_at=in_update)
        series.kill(work, "an update was ended by SIGKILL", f"at {in_update.before}")

    usual = set[Moment]()
    for in_update in (AT_THE_END, *leaving):
        kill(in_update)
        opened: Done = answer_of_an_opening(store)
        for in_opening in chosen([each for each in opened.moments if each not in usual], OPENINGS):
            kill(in_update)
            series.kill_opening(in_opening)
        usual = usual or {*opened.moments}
    series.must_hold()


def _in_turn(ways: list[tuple[Moment, ...]], most: int) -> Iterator[tuple[int, Moment]]:
    """Yield moments of each way in turn, with the number of the way: at most ``most`` in all."""
    for moments in zip_longest(*(chosen(way, most // len(ways)) for way in ways)):
        yield from ((way, moment) for way, moment in enumerate(moments) if moment is not None)


def _cut_again_and_again(store: Subject) -> None:
    """Like `_kill_again_and_again`, but the system kills a process that writes too far in a file.

    So the process dies in the middle of what C code does within one call, such as a commit.
    """
    logins = Logins(store.door)
    anna, bert = logins.login("anna"), logins.login("bert")
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        done(process.do(anna, bert))
    kinds = kinds_that_work(store)
    series = Series(store, [anna, bert], kinds)
    cuts = min(CUTS, (store.room_for(2 + 2 * CUTS) - 2) // 2)
    for number in range(cuts):
        longest = _longest_file(store)
        shares = CUTS - len(BEYOND)
        size = (
            longest * (2 * number + 1) // (2 * shares) + 1
            if number < shares
            else longest + BEYOND[number - shares]
        )
        # If the limit is beyond the longest file, other saves would make that file longer first.
        before = (logins.login(f"dora{number}"),) if number < shares else ()
        is_insert = number % 2 == 0
        user = f"carl{number}" if is_insert else ("anna", "bert")[number // 2 % 2]
        last = logins.login(user, number + 1)
        begun = f"{'an insert' if is_insert else 'an update'} was ended"
        at = f"at its first write beyond {size:,} bytes of a file"
        series.kill(Work((*before, last), file_size=size), begun, at)
    series.must_hold()


def _kill_in_deletions(store: Subject) -> None:
    """Kill processes in deletions. Each finds what the one before left, saves two users, and is
    killed while it deletes the first of them.

    A store that keeps a record in parts must not give one user the parts of the other.
    """
    logins = Logins(store.door)
    anna, bert, learner = map(logins.login, ("anna", "bert", "learner"))
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        done(process.do(anna, bert, learner))
        learned = process.call(deletion_of(process, store.door, learner))
        if not isinstance(learned, Done) or learned.error or len(process.listed()) != 2:
            return  # other clauses are about that
    series = Series(store, [anna, bert], kinds_that_work(store))
    kills = min(DELETIONS, (store.room_for(3 + 2 * DELETIONS) - 3) // 2)
    for number, moment in enumerate(chosen(learned.moments, kills)):
        carl, dora = logins.login(f"carl{number}"), logins.login(f"dora{number}")
        series.kill_deletion(carl, dora, moment)
    series.must_hold()


def _kill_in_clearings(store: Subject) -> None:
    """Kill processes in delete_tokens. Each first saves what the one before was deleting."""
    logins = Logins(store.door)
    records = [logins.login(name) for name in ("anna", "bert")]
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        done(process.do(*records))
    kinds = kinds_that_work(store)
    with stores_in_processes(store, 1, instead_of=[store]) as (process,):
        learned = process.call(Ask("delete_tokens"))
        if not isinstance(learned, Done) or learned.error or process.listed():
            return  # other clauses are about that
    series = Series(store, [], kinds)
    for moment in chosen(learned.moments, CLEARINGS):
        series.kill_clearing(records, moment)
    series.must_hold()


def _longest_file(store: Subject) -> int:
    return max(sizes(store.storage.directory).values(), default=0)
