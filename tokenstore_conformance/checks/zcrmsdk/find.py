"""FIND: a login is found by its user, client and token, and by nothing else."""

from __future__ import annotations

from tokenstore_conformance.checks import expect
from tokenstore_conformance.checks.zcrmsdk import five
from tokenstore_conformance.checks.zcrmsdk.cast import (
    TO_USE,
    alike,
    carries,
    found,
    login,
    queries,
    readable,
    without_grant,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Unreadable
from tokenstore_conformance.subject import Subject


def _ground(store: Subject) -> list[Record]:
    records = [login(store, "anna"), without_grant(store, "bert"), login(store, "carl")]
    store.given(*records)
    return records


def _found_by(store: Subject, way: str) -> None:
    for record in _ground(store):
        query = queries(record).get(way)
        if query is not None:
            _is_that(store, query, record, f"found by {way}")


def _is_that(store: Subject, query: Record, record: Record, what: str) -> None:
    """Something is found, and nothing in it is of another login; FIND-18 asks for all of it."""
    answer = store.request(store.door.to_find(query))
    try:
        read = None if answer is None else store.door.read(answer)
    except Unreadable:
        return
    given = [] if read is None else [name for name in TO_USE if getattr(read, name) is not None]
    carries(read, record, tuple(given) or TO_USE, what)


@five("FIND-16")
def by_grant_token(store: Subject) -> None:
    _found_by(store, "grant token")


@five("FIND-17")
def by_refresh_token(store: Subject) -> None:
    _found_by(store, "refresh token")


@five("FIND-6")
def misses(store: Subject) -> None:
    for filled in (False, True):
        records = _ground(store) if filled else [login(store, "anna"), without_grant(store, "bert")]
        nobody = login(store, "nobody")
        for record in records:
            for way, query in queries(record).items():
                field = way.replace(" ", "_")
                strangers = {
                    "another user": query.but(user=nobody.user),
                    "another client": query.but(client_id=nobody.client_id),
                    "the same name elsewhere": query.but(user=f"{name_of(record)}@other.example"),
                    f"another {way}": query.but(**{field: "no.such.token"}),
                }
                if field == "grant_token":
                    crossed = query.but(grant_token=None, refresh_token=record.grant_token)
                    strangers["a grant token as refresh token"] = crossed
                if not filled:
                    strangers["an empty store"] = query
                for what, stranger in strangers.items():
                    expect.nothing_found(store, stranger, what=f"{what}, by {way}")


@five("FIND-18")
def gives_what_the_sdk_needs(store: Subject) -> None:
    for record in _ground(store):
        for way, query in queries(record).items():
            request = store.door.to_find(query)
            answer = store.request(request)
            read = store.read_whole(answer) if answer is not None else None
            carries(read, record, TO_USE, f"found by {way}")
            names: tuple[str, ...] = ("client_id", "client_secret", way.replace(" ", "_"))
            if answer is request.token:  # and it may be filled with more
                carries(read, query, names, f"found by {way}, the given token with what it had")
                continue
            asked = names
            names = ("client_id", "client_secret", "grant_token")
            wanted = query.but(grant_token=record.grant_token).only(*{*names, *asked})
            carries(read, wanted, names, f"a new token, found by {way}, fit to be saved again")


@five("FIND-14")
def compares_exactly(store: Subject) -> None:
    accented = {name: f"ren\u00e9.{name}" for name in ("client_id", "grant_token", "refresh_token")}
    rene = login(store, "rene").but(**accented)
    records = [*_ground(store), rene]
    store.given(rene)
    for record in records:
        for way, query in queries(record).items():
            for what, other in _alike(query, way.replace(" ", "_")).items():
                expect.nothing_found(store, other, what=what)

    for record in records:  # what is saved under another key is another login
        for key in ("grant_token", "refresh_token"):
            if getattr(record, key) is None or (key == "refresh_token" and record.grant_token):
                continue
            for what, other in _alike(record, key).items():
                another = {"refresh_token": "of.another"} if key == "grant_token" else {}
                if record.id is not None:
                    another["id"] = "python_another"
                query = queries(record)[key.replace("_", " ")]
                _is_another(
                    store, record, other.but(access_token="of.another", **another), query, what
                )


def _is_another(store: Subject, record: Record, other: Record, query: Record, what: str) -> None:
    """A login that is saved beside one with keys alike leaves that one as it was."""
    differing = {
        name: "quite.another@users.example" if name == "user" else "quite.another"
        for name in ("user", "client_id", "grant_token", "refresh_token")
        if getattr(record, name) is not None and getattr(other, name) != getattr(record, name)
    }
    ground = store.fresh()
    ground.given(record)
    ground.save(other.but(**differing))
    beside_another = found(ground, query)
    if beside_another is None or beside_another.only(*TO_USE) != record.only(*TO_USE):
        raise CannotJudge("logins with other keys are not kept apart", "SAVE", "FIND")

    store = store.fresh()
    store.given(record)
    store.save(other)
    carries(found(store, query), record, TO_USE, f"after a save of {what}")


def name_of(record: Record) -> str:
    """What stands before the @ of the user's email."""
    return str(record.user).partition("@")[0]


def _alike(record: Record, key: str) -> dict[str, Record]:
    """Records with a key that a lenient comparison takes for that of this one."""
    others = {
        f"{field} with {what}": record.but(**{field: value})
        for field in ("client_id", key)
        for what, value in alike(str(getattr(record, field))).items()
    }
    name, _, domain = str(record.user).partition("@")
    # The SDK's pattern lets any one character pass between two of its own.
    upper = f"{name[0]}{name[1].upper()}{name[2:]}"
    for like in (upper, f"{name[0]}%{name[2:]}", f"_{name[1:]}", f"{name[0]}.{name[1:]}"):
        others[f"the user {f'{like}@{domain}'!r}"] = record.but(user=f"{like}@{domain}")
    return others


@five("FIND-11")
def changes_nothing(store: Subject) -> None:
    records = _ground(store)
    nobody = login(store, "nobody")
    for record in (*records, nobody):
        requests = [store.door.to_find(query) for query in queries(record).values()]
        if store.door.by_id:
            requests.append(store.door.to_find_by_id(record.id))
        for request in requests:
            before = readable(store)
            store.try_request(request)
            expect.unchanged(before, readable(store), after="a find")


@five("FIND-19")
def never_gives_away_another_users_token(store: Subject) -> None:
    anna = login(store, "anna")
    shared = anna.only("client_id", "client_secret", "refresh_token")
    bert = without_grant(store, "bert").updated_by(shared)
    store.given(anna, bert)
    for record, other in ((anna, bert), (bert, anna)):
        for way, query in queries(record).items():
            found = store.find(query)
            if found is not None and found.access_token == other.access_token:
                raise ClauseFailed(f"by {way}, the token of {record.user!r}", f"of {other.user!r}")
    for mine in queries(anna).values():
        stranger = mine.but(user=login(store, "carl").user)
        expect.nothing_found(store, stranger, what="a user with another's token")
