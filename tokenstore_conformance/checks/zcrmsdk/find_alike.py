"""FIND-14: keys that are alike are different keys."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.zcrmsdk.samples import (
    TO_USE,
    alike,
    carries,
    found,
    login,
    queries,
    three_logins,
    without_grant,
)
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject

UNLIKE = "like.no@other.example"


@check("FIND-14", generation="zcrmsdk")
def compares_exactly(store: Subject) -> None:
    """Keys are compared exactly and in full. A key that differs in an accent, a blank at either
    end, a wildcard, or only in its last characters is another key: a user name with another
    organisation id, or a token that agrees in all but the end of its 70 characters. Another letter
    case makes another key too (for user names in zohocrmsdk, see FIND-15).
    """
    accented = {name: f"ren\u00e9.{name}" for name in ("client_id", "grant_token", "refresh_token")}
    rene = login(store, "rene").but(user="ren\u00e9e@rene.example", **accented)
    tagged = login(store, "tom").but(user="tom.lee+crm@tom.example")
    records = [*three_logins(store), rene, tagged]
    store.given(rene, tagged)
    for record in records:
        for way, query in queries(record).items():
            key = way.replace(" ", "_")
            for field in ("user", "client_id", key):
                if found(store, query.but(**{field: UNLIKE})) is not None:
                    why = f"a {field} unlike any that is stored is answered"
                    raise CannotJudge(why, "FIND-6", "FIND-14")
            for what, other in _alike(query, key).items():
                expect.nothing_found(store, other, what=what)
            for field in ("client_id", key):
                ended = query.but(**{field: f"{getattr(query, field)}\n"})
                answer = found(store, ended)  # which may be refused: DATA-2 is about that
                if answer is not None:
                    what = f"{field} with a line break behind"
                    raise ClauseFailed(
                        f"None: {what}", str(answer), fault=Fault(shows=Shown.ANOTHERS)
                    )

    for one, other in _joined(store):
        store = store.fresh()
        store.save(one)
        for way, query in queries(other).items():
            expect.nothing_found(store, query, what=f"{way} of a login whose key reads alike")
        store = store.fresh()
        store.save(one)
        store.save(other)
        _must_be_apart(store, one, other, "next to a login whose key reads alike")

    store = store.fresh()
    three_logins(store)
    store.given(rene, tagged)
    for record in records:  # what is saved under another key is another login
        for key in ("grant_token", "refresh_token"):
            if getattr(record, key) is None or (key == "refresh_token" and record.grant_token):
                continue
            for what, other in _alike(record, key).items():
                another = (
                    {"refresh_token": zoho_token("of.another")} if key == "grant_token" else {}
                )
                if record.id is not None:
                    another["id"] = "python_another"
                query = queries(record)[key.replace("_", " ")]
                _must_be_another(
                    store,
                    record,
                    other.but(access_token=zoho_token("of.another"), **another),
                    query,
                    what,
                )


def _must_be_apart(store: Subject, one: Record, other: Record, where: str) -> None:
    for record in (one, other):
        for way, query in queries(record).items():
            carries(found(store, query), record, TO_USE, f"by {way}, {where}")


def _joined(store: Subject) -> Iterator[tuple[Record, Record]]:
    """Yield pairs of logins whose keys are the same text once their parts are joined."""
    for make in (login, without_grant):
        anna = make(store, "anna")
        key = "grant_token" if anna.grant_token else "refresh_token"
        another = {"access_token": zoho_token("of.another")}
        if key == "grant_token":
            another["refresh_token"] = zoho_token("of.another.refresh")
        if anna.id is not None:
            another["id"] = "python_another"
        unlike = anna.but(client_id="quite.another", **{key: "quite.another"}, **another)
        _control(store.fresh(), anna, unlike, "two logins of one user")
        for between in ("", ":", "|", "/", "-", "_", ".", ","):
            one = anna.but(client_id="a.client", **{key: f"b{between}token"})
            yield one, one.but(client_id=f"a.client{between}b", **{key: "token"}, **another)
        unlike = anna.but(user="carl@carl.example", client_id="carl.client", **another)
        _control(store.fresh(), anna, unlike, "logins of two users with one token")
        for between in ("", ":", "|", "/", "-", "_"):  # the SDK allows each of these in a domain
            one = anna.but(user="anna@anna.ex", client_id=f"ample{between}client")
            user = f"anna@anna.ex{between}ample"
            yield one, one.but(user=user, client_id="client", **another)


def _control(store: Subject, one: Record, other: Record, what: str) -> None:
    """Raise `CannotJudge` if the store does not keep apart logins whose keys are not alike."""
    store.save(one)
    store.save(other)
    try:
        _must_be_apart(store, one, other, "next to quite another login")
    except ClauseFailed as failure:
        why = f"{what} are not kept apart"
        raise CannotJudge(why, "SAVE", "FIND", otherwise=failure) from failure


def _must_be_another(
    store: Subject, record: Record, other: Record, query: Record, what: str
) -> None:
    """Check that a save of ``other``, which has similar keys, leaves the record as it was."""
    differing = {
        name: "quite.another@users.example" if name == "user" else "quite.another"
        for name in ("user", "client_id", "grant_token", "refresh_token")
        if getattr(record, name) is not None and getattr(other, name) != getattr(record, name)
    }
    ground = store.fresh()
    ground.given(record)
    ground.save(other.but(**differing))
    try:
        carries(found(ground, query), record, TO_USE, "after a save of quite another login")
    except ClauseFailed as failure:
        shown = ClauseFailed(failure.expected, failure.got, fault=Fault(shows=Shown.NO_START))
        why = "logins with other keys are not kept apart"
        raise CannotJudge(why, "SAVE", "FIND", otherwise=shown) from failure

    store = store.fresh()
    store.given(record)
    store.save(other)
    carries(found(store, query), record, TO_USE, f"after a save of {what}")


def _alike(record: Record, key: str) -> dict[str, Record]:
    """Return records with a key that a lenient comparison confuses with the key of this one."""
    others = {
        f"{field} with {what}": record.but(**{field: value})
        for field in ("client_id", key)
        for what, value in alike(str(getattr(record, field))).items()
    }
    for field in ("client_id", key):
        _, _, end = str(getattr(record, field)).partition(".")
        others[f"{field} with its end alone"] = record.but(**{field: end})
    name, _, domain = str(record.user).partition("@")
    # The SDK's pattern allows any one character between two that it lists.
    upper = f"{name[0]}{name[1].upper()}{name[2:]}"
    for like in (upper, f"{name[0]}%{name[2:]}", f"_{name[1:]}", f"{name[0]}.{name[1:]}"):
        others[f"the user {f'{like}@{domain}'!r}"] = record.but(user=f"{like}@{domain}")
    tags = [f"{name}+crm", f"{name.partition('+')[0]}+shop"]
    for sign in "+.":  # as in a file name, or as a mail server may read it
        tags += [name.replace(sign, each) for each in ("_", "-", "") if sign in name]
    in_capitals = f"{domain[0]}{domain[1].upper()}{domain[2:]}"
    apart = unicodedata.normalize("NFD", name)
    tags += [each for each in (apart, apart.encode("ascii", "ignore").decode()) if each != name]
    for user in (*(f"{each}@{domain}" for each in tags), f"{name}@{in_capitals}"):
        others[f"the user {user!r}"] = record.but(user=user)
    return others
