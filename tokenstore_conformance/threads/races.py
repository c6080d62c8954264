"""The races: the calls that threads make on a store at the same time.

Two threads that make a few calls are enough where `explorer` tries the stops of a thread one by
one. The last race of `DIFFERENT_USERS`, `ONE_USER` and `MIXED` has more threads, which it switches
at random.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tokenstore_conformance.records import NOW, Record, zoho_token, zoho_user
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.subject.plain_store import AT_CLIENT
from tokenstore_conformance.threads.recorder import Invocation
from tokenstore_conformance.threads.trials import Race


def login(user: str, nth: int = 1) -> Record:
    """Return what is stored of a user after the n-th login: a complete token of invented values."""
    return Record(
        user=zoho_user(user),
        client_id=f"{user}.client",
        client_secret=f"{user}.secret",
        refresh_token=zoho_token(f"{user}.refresh.{nth}"),
        access_token=zoho_token(f"{user}.access.{nth}"),
        grant_token=zoho_token(f"{user}.grant.{nth}"),
        expires_in=str(NOW + 3_600_457 + nth),
        redirect_url=f"https://{user}.example/callback/{nth}",
        api_domain=f"https://api{nth}.{user}.example",
    )


def _save(user: str, nth: int = 1) -> Invocation:
    return Invocation("save", login(user, nth))


def _refresh(user: str, nth: int) -> Invocation:
    """Return a save of what a refresh brings. The other fields are as before, or not there."""
    return Invocation("save", login(user, nth), ("user", "access_token", "expires_in"))


def _rotate(user: str, nth: int) -> Invocation:
    """Return a save of only a new refresh token."""
    return Invocation("save", login(user, nth), ("user", "refresh_token"))


def _save_nameless(nth: int) -> Invocation:
    """Return a save of a login without a user. Its grant token, always the same, identifies it."""
    fresh = login("carl", nth).only("access_token", "expires_in")
    return Invocation("save", login("carl").without("user", "refresh_token").updated_by(fresh))


def _find(user: str) -> Invocation:
    return Invocation("find", Record(user=zoho_user(user)))


def _find_by_id(user: str) -> Invocation:
    return Invocation("find_by_id", Record(user=zoho_user(user)))


def _find_by_access(user: str, nth: int) -> Invocation:
    """Return a find by only the access token of the n-th login."""
    return Invocation("find", login(user, nth).only("access_token"))


def _delete(user: str) -> Invocation:
    return Invocation("delete", Record(user=zoho_user(user)))


_LIST: Final = Invocation("get_tokens")
_CLEAR: Final = Invocation("clear")
_ANNA_AND_BERT: Final = (login("anna"), login("bert"))

DIFFERENT_USERS: Final = (
    Race("two users log in for the first time", (), ((_save("carl"),), (_save("dora"),))),
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
        (login("anna"),),
        ((_save("bert", 2),), (_save("bert", 3),)),
    ),
    Race(
        "one user logs in again, twice at once",
        _ANNA_AND_BERT,
        ((_save("anna", 2),), (_save("anna", 3),)),
    ),
    Race(
        "a login without a user is saved twice at once, for the first time",
        (login("bert"),),
        ((_save_nameless(2),), (_save_nameless(3),)),
    ),
    Race(
        "one user logs in at two clients at once",
        _ANNA_AND_BERT,
        ((_save(f"anna{AT_CLIENT}2"),), (_save(f"anna{AT_CLIENT}3"),)),
        at_clients=True,
    ),
    Race(
        "three threads save one user twice each",
        (),
        tuple((_save("anna", 2 * n), _save("anna", 2 * n + 1)) for n in range(1, 4)),
        random_runs=3,
    ),
)

FIRST_CALLS: Final = (
    Race(
        "two users log in, the first that a store is called for",
        (),
        ((_save("carl"),), (_save("dora"),)),
        untouched=True,
        stops=2,
    ),
    Race(
        "one user logs in twice at once, the first that a store is called for",
        (),
        ((_save("bert", 2),), (_save("bert", 3),)),
        untouched=True,
        stops=2,
    ),
)
"""The first of these also shows whether a store does something only in its first call."""

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
        "a refresh while the same user is deleted",
        _ANNA_AND_BERT,
        ((_refresh("anna", 2),), (_delete("anna"), _find("anna"))),
    ),
    Race(
        "a refresh while all are deleted",
        _ANNA_AND_BERT,
        ((_refresh("anna", 2),), (_CLEAR, _find("anna"))),
    ),
    Race(
        "two updates of one user at once, each of other fields",
        _ANNA_AND_BERT,
        ((_refresh("anna", 2),), (_rotate("anna", 3),)),
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
        "delete_tokens while users are listed, deleted and saved",
        _ANNA_AND_BERT,
        ((_CLEAR,), (_LIST, _delete("bert"), _save("carl"), _find("carl"))),
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
        ((_find("bert"),), (_find("bert"), _find("anna"), _save("bert", 2), _delete("anna"))),
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


def is_possible(race: Race, door: Door) -> bool:
    """Whether this generation of the SDK makes the saves of the race.

    In zcrmsdk every save has a user and all fields. So two saves that each bring only some fields
    would be the same there.
    """
    saves = [call for calls in race.threads for call in calls if call.method == "save"]
    if door.makes_ids:
        return not race.at_clients
    all_named = all(each.record and each.record.user for each in saves)
    return all_named and sum(bool(each.brings) for each in saves) < 2


def adapted(race: Race, door: Door) -> Race:
    """Return the race with its records as this generation of the SDK saves and keeps them."""

    def kept(call: Invocation) -> Invocation:
        if call.record is None or call.record.user is None:
            return call
        if door.makes_ids and call.brings:
            return replace(call, record=call.record.only(*call.brings))
        return replace(call, record=door.as_kept(call.record))

    threads = tuple(tuple(map(kept, calls)) for calls in race.threads)
    return replace(race, stored=tuple(map(door.as_kept, race.stored)), threads=threads)
