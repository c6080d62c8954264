"""What threads may do to a store at the same time, and how to tell that it went wrong.

`DIFFERENT_USERS` and `ONE_USER` are judged by what is stored in the end (`nothing_lost`), `MIXED`
by whether any order of the calls explains every answer (`in_some_order`). Two threads of few calls
suffice for the sweep (see `interleaving`); the last race of each group has more threads, switched
at random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from tokenstore_conformance.guard import limits
from tokenstore_conformance.oracle.linearizability import violation
from tokenstore_conformance.oracle.step import token_store_step
from tokenstore_conformance.records import NOW, Record, differing, nearest, zoho_token, zoho_user
from tokenstore_conformance.subject.plain_store import RecordStore
from tokenstore_conformance.threads.history import Call
from tokenstore_conformance.threads.points import Points
from tokenstore_conformance.threads.trials import (
    DEFAULT_EFFORT,
    Effort,
    Fault,
    Judge,
    Outcome,
    Race,
    Track,
    Trial,
)


def login(user: str, nth: int = 1) -> Record:
    """What is stored of a user after the n-th login: a complete token, its values invented."""
    return Record(
        user=zoho_user(user),
        client_id=f"{user}.client",
        client_secret=f"{user}.secret",
        refresh_token=zoho_token(f"{user}.refresh.{nth}"),
        access_token=zoho_token(f"{user}.access.{nth}"),
        grant_token=zoho_token(f"{user}.grant.{nth}"),
        expires_in=str(NOW + nth),
        redirect_url=f"https://{user}.example/callback/{nth}",
        api_domain=f"https://api{nth}.{user}.example",
    )


def _save(user: str, nth: int = 1) -> Call:
    return Call("save", login(user, nth))


def _find(user: str) -> Call:
    return Call("find", Record(user=zoho_user(user)))


def _find_by_id(user: str) -> Call:
    return Call("find_by_id", Record(user=zoho_user(user)))


def _find_by_access(user: str, nth: int) -> Call:
    """A find by the access token of the n-th login alone."""
    return Call("find", login(user, nth).only("access_token"))


def _delete(user: str) -> Call:
    return Call("delete", Record(user=zoho_user(user)))


_LIST: Final = Call("get_tokens")
_CLEAR: Final = Call("clear")
_ANNA_AND_BERT: Final = (login("anna"), login("bert"))

DIFFERENT_USERS: Final = (
    Race("two users log in for the first time", (), ((_save("carl"),), (_save("dora"),))),
    Race(
        "two users log in, the first that a store is called for",
        (),
        ((_save("carl"),), (_save("dora"),)),
        untouched=True,
        stops=2,
    ),
    Race(
        "a user logs in for the first time while another logs in again",
        _ANNA_AND_BERT,
        ((_save("carl"),), (_save("bert", 2),)),
    ),
    Race(
        "a user logs in again while another logs in for the first time",
        _ANNA_AND_BERT,
        ((_save("bert", 2),), (_save("carl"),)),
    ),
    Race(
        "four threads save two users each",
        _ANNA_AND_BERT,
        tuple((_save(f"user{n}"), _save(f"user{n + 4}")) for n in range(4)),
        random_runs=3,
    ),
)

ONE_USER: Final = (
    Race(
        "one user logs in for the first time, twice at once",
        (login("bert"),),
        ((_save("anna", 2),), (_save("anna", 3),)),
    ),
    Race(
        "one user logs in again, twice at once",
        _ANNA_AND_BERT,
        ((_save("anna", 2),), (_save("anna", 3),)),
    ),
    Race(
        "three threads save one user twice each",
        (),
        tuple((_save("anna", 2 * n), _save("anna", 2 * n + 1)) for n in range(1, 4)),
        random_runs=3,
    ),
)

MIXED: Final = (
    Race(
        "an update while others are found, deleted and saved",
        _ANNA_AND_BERT,
        ((_save("anna", 2),), (_find("anna"), _delete("bert"), _save("carl"), _find("anna"))),
    ),
    Race(
        "an insert while others are listed, deleted and saved",
        _ANNA_AND_BERT,
        ((_save("carl"),), (_LIST, _delete("bert"), _save("anna", 2), _find("carl"))),
    ),
    Race(
        "a delete while the user is found and saved, and another is saved",
        _ANNA_AND_BERT,
        ((_delete("bert"),), (_find("bert"), _save("carl"), _save("bert", 2), _find("bert"))),
    ),
    Race(
        "a delete while the same user is deleted, and another is saved",
        _ANNA_AND_BERT,
        ((_delete("bert"),), (_delete("bert"), _save("carl"), _find_by_id("anna"))),
    ),
    Race(
        "a delete while all are deleted, and others are saved",
        _ANNA_AND_BERT,
        ((_delete("bert"),), (_CLEAR, _save("carl"), _save("dora"))),
    ),
    Race(
        "delete_tokens while users are found, deleted and saved",
        _ANNA_AND_BERT,
        ((_CLEAR,), (_find("anna"), _delete("bert"), _save("carl"), _find("carl"))),
    ),
    Race(
        "a listing while users are saved and deleted",
        _ANNA_AND_BERT,
        ((_LIST,), (_save("bert", 2), _delete("anna"), _save("carl"))),
    ),
    Race(
        "a listing while two users are saved",
        _ANNA_AND_BERT,
        ((_LIST,), (_save("anna", 2), _save("bert", 2), _save("anna", 3))),
    ),
    Race(
        "an update while its user is found by the new and by the old token",
        _ANNA_AND_BERT,
        (
            (_save("anna", 2),),
            (_find_by_access("anna", 2), _find("anna"), _find_by_access("anna", 1)),
        ),
        by="access_token",
    ),
    Race(
        "a find by a token while its user is saved",
        _ANNA_AND_BERT,
        ((_find_by_access("anna", 1),), (_save("anna", 2), _delete("bert"))),
        by="access_token",
    ),
    Race(
        "a find while users are found, saved and deleted",
        _ANNA_AND_BERT,
        ((_find("bert"),), (_find("anna"), _save("bert", 2), _delete("anna"))),
    ),
    Race(
        "a find by id while users are found, saved and deleted",
        _ANNA_AND_BERT,
        ((_find_by_id("bert"),), (_find_by_id("anna"), _save("bert", 2), _delete("anna"))),
    ),
    Race(
        "three threads save, find, delete and list two users",
        _ANNA_AND_BERT,
        (
            (_save("anna", 2), _find("bert"), _save("bert", 2), _LIST),
            (_delete("bert"), _find("anna"), _save("bert", 3), _find("bert")),
            (_find("anna"), _save("anna", 4), _find_by_id("anna"), _delete("anna")),
        ),
        random_runs=4,
    ),
)


Adapt = Callable[[Record], Record]
"""Makes of a record what is kept of it in a generation of the SDK."""


def _as_it_is(record: Record) -> Record:
    return record


def _adapted(race: Race, as_kept: Adapt) -> Race:
    def adapted(call: Call) -> Call:
        if call.record is None or call.record.user is None:
            return call
        return replace(call, record=as_kept(call.record))

    threads = tuple(tuple(map(adapted, calls)) for calls in race.threads)
    return replace(race, stored=tuple(map(as_kept, race.stored)), threads=threads)


def different_users(
    make_store: Callable[[], RecordStore],
    points: Points,
    effort: Effort = DEFAULT_EFFORT,
    as_kept: Adapt = _as_it_is,
) -> Outcome:
    """Concurrent saves of different users lose nothing, and their ids are unique."""
    return _run(DIFFERENT_USERS, nothing_lost, make_store, points, effort, as_kept)


def one_user(
    make_store: Callable[[], RecordStore],
    points: Points,
    effort: Effort = DEFAULT_EFFORT,
    as_kept: Adapt = _as_it_is,
) -> Outcome:
    """Concurrent saves of one user leave one record, which is one of those that were saved."""
    return _run(ONE_USER, nothing_lost, make_store, points, effort, as_kept)


def mixed_histories(
    make_store: Callable[[], RecordStore],
    points: Points,
    effort: Effort = DEFAULT_EFFORT,
    as_kept: Adapt = _as_it_is,
) -> Outcome:
    """Every answer fits some order of the calls that respects real time."""
    return _run(MIXED, in_some_order, make_store, points, effort, as_kept)


def _run(
    races: Sequence[Race],
    judge: Judge,
    make_store: Callable[[], RecordStore],
    points: Points,
    effort: Effort,
    as_kept: Adapt,
) -> Outcome:
    track = Track(make_store, points, effort)
    track.learn([as_kept(record) for record in _ANNA_AND_BERT])
    done = 0
    with limits.reaching(lambda: done, f"{len(races)} races"):
        for race in races:
            track.run(_adapted(race, as_kept), judge)
            done += 1
    return track.outcome


def nothing_lost(trial: Trial) -> Fault | None:
    """What the listing at the end shows of saves alone. The first fault, the gravest first."""
    for operation in trial.history:
        if operation.error is not None:
            when = "" if operation.call == "save" else ", when the saves were over"
            return _fault(trial, "raised", f"{operation.call} raised {operation.error}{when}")
    listed = trial.listed or ()
    for user in sorted(_possible_ends(trial)):
        fault = _fault_with_user(trial, user, [each for each in listed if each.user == user])
        if fault:
            return fault
    ids = [record.id for record in listed]
    if None in ids or len(set(ids)) < len(ids):
        return _fault(trial, "ids", f"ids are not unique: {', '.join(map(repr, ids))}")
    for operation in trial.history:
        owner = next((each.user for each in listed if each.id == operation.result), None)
        if operation.call == "save" and owner not in (None, _user(operation.argument)):
            sentence = f"a save of {_user(operation.argument)!r} set the id of {owner!r}"
            return _fault(trial, "ids", f"{sentence} on the token that it was given")
    return None


def _user(argument: object) -> object:
    return argument.user if isinstance(argument, Record) else None


def _fault_with_user(trial: Trial, user: str, records: Sequence[Record]) -> Fault | None:
    if not records:
        return _fault(trial, "lost", f"the record of {user!r} is lost")
    if len(records) > 1:
        return _fault(trial, "duplicates", f"{user!r} has {len(records)} records")
    if records[0].without("id") not in _possible_ends(trial)[user]:
        saved = nearest(records[0], _possible_ends(trial)[user]) or records[0]
        names = ", ".join(differing(records[0], saved))
        sentence = f"what is stored of {user!r} is not what was saved last: {names} differ"
        return _fault(trial, "overwritten", sentence)
    return None


def _possible_ends(trial: Trial) -> dict[str, list[Record]]:
    """Of each user the records that may be stored in the end: each thread's last."""
    last = {(-2, record.user): record for record in trial.stored}
    for operation in trial.history:
        if isinstance(operation.argument, Record):
            last.pop((-2, operation.argument.user), None)
            last[operation.thread, operation.argument.user] = operation.argument
    ends: dict[str, list[Record]] = {}
    for (_, user), record in last.items():
        ends.setdefault(str(user), []).append(record.without("id"))
    return ends


def in_some_order(trial: Trial) -> Fault | None:
    """Whether the history is linearizable against the model of the contract.

    A call that the store refused may have taken effect or not; any other exception is a fault.
    """
    if trial.listed is None:
        return _fault(trial, "unreadable", f"get_tokens raised {trial.history[-1].error}")
    for operation in trial.history:
        # Refused for another thread's sake, a call may be tried again. Alone, it has no reason.
        is_excused = operation.refused and not (trial.one_by_one and operation.call != "delete")
        if operation.error is not None and not is_excused:
            return _fault(trial, "raised", f"{operation.call} raised {operation.error}")
    failing = violation(trial.history, token_store_step, frozenset(trial.stored))
    if failing is None:
        return None
    return Fault("not linearizable", "no order of these calls explains their answers", failing)


def _fault(trial: Trial, kind: str, sentence: str) -> Fault:
    return Fault(kind, sentence, trial.history)
