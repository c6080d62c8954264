"""DEL: what delete_token removes."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import (
    ANNA,
    BERT,
    BESIDE_GRANT,
    BESIDE_REFRESH,
    BY_ACCESS,
    BY_GRANT,
    BY_REFRESH,
    EVERY_KIND,
    LATER,
    UNKNOWN_IDS,
    person,
)
from tokenstore_conformance.checks.texts import (
    COMPOSED_IDS,
    FULL_IDS,
    LONG,
    ODD_NUMBERS,
    SIMILAR_IDS,
    hostile,
)
from tokenstore_conformance.checks.zohocrmsdk.crowd import crowd
from tokenstore_conformance.checks.zohocrmsdk.gone import look_up, not_found
from tokenstore_conformance.checks.zohocrmsdk.samples import (
    NAMELESS_ACCESS,
    ONE_CLIENT,
    SHARES_ACCESS,
    SHARES_REFRESH,
    keys_of,
    knows_a_long_id,
    values_of,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.subject import Subject


@check("DEL-1", generation="zohocrmsdk")
def deletes_that_record(store: Subject) -> None:
    """delete_token removes the record that its argument names, and no other. No key finds the
    record afterwards.
    """
    chosen = [person("dora").but(id="caller-1"), person("emil").but(id="77")]
    present = store.identified(*ONE_CLIENT, *chosen)
    while present:
        gone = present.pop(len(present) // 2)
        store.answer("delete_token", gone.id)

        contents.holds(store, *present)

    for pair in ((BY_GRANT, BESIDE_GRANT), (BY_REFRESH, BESIDE_REFRESH)):
        store = store.fresh()
        gone, stays = store.identified(*pair)
        store.answer("delete_token", gone.id)

        contents.holds(store, stays)

    store = store.fresh()
    for gone in store.identified(*ONE_CLIENT, *chosen):
        store.answer("delete_token", gone.id)

        not_found(store, gone)

    store = store.fresh()
    for gone in store.identified(ANNA, BY_REFRESH, BY_GRANT, BY_ACCESS):
        look_up(store, gone)
        store.answer("delete_token", gone.id)

        not_found(store, gone)

    store = store.fresh()
    store.given(NAMELESS_ACCESS, ANNA, verified=False)
    by_user = {each.user: each for each in store.records()}
    if by_user.keys() == {None, ANNA.user}:  # SAVE-7 is about that
        store.answer("delete_token", by_user[ANNA.user].id)

        contents.holds(store, by_user[None])

    for other in (SHARES_REFRESH, SHARES_ACCESS):
        store = store.fresh()
        gone, stays = store.identified(ANNA, other)
        store.answer("delete_token", gone.id)

        contents.holds(store, stays)
        for way, query in keys_of(stays).items():
            what = f"the record with that {way}, which shared tokens with the deleted one"
            expect.identifies(store.find(query), stays, query, what=what)

    _must_be_gone_for_a_token_that_found_it(store.fresh())
    _deletes_all_but_one_of_many(store.fresh())


def _must_be_gone_for_a_token_that_found_it(store: Subject) -> None:
    """Find again after a logout with the same token object, which a program may keep."""
    anna, _ = store.identified(ANNA, BERT)
    token = store.door.build(anna.only("user"))
    store.attempt("find_token", token)
    store.answer("delete_token", anna.id)

    answer = store.attempt("find_token", token).value
    if isinstance(answer, store.door.token_type):
        expected = "None for a token that found the record before it was deleted"
        raise ClauseFailed(expected, str(store.read_whole(answer)))


def _deletes_all_but_one_of_many(store: Subject) -> None:
    """Delete all but one of many: a store may read only one page, or clean up after many."""
    present = crowd(store)
    if not present or sorted(store.ids()) != sorted({str(each.id) for each in present}):
        return  # something else is stored, or records share an id: other clauses are about that
    last = present.pop()
    store.answer("delete_token", last.id)
    contents.holds(store, *present)

    while len(present) > 1:
        store.answer("delete_token", present.pop().id)
    contents.holds(store, *present)
    for stays in present:
        for way, query in keys_of(stays).items():
            what = f"the record with that {way}, the only one that was not deleted"
            expect.identifies(store.find(query), stays, query, what=what)


@check("DEL-2", generation="zohocrmsdk")
def deletes_nothing_for_an_unknown_id(store: Subject) -> None:
    """Deleting what matches no record changes nothing. delete_token returns None or raises
    SDKException, and nothing else. In zohocrmsdk this includes the id None.
    """
    for ground in ((), EVERY_KIND):
        store = store.fresh()
        store.given(*ground)
        before = store.records()
        values = [each for each in values_of(ground) if each not in store.ids()]
        for id in (*UNKNOWN_IDS, *FULL_IDS, *ODD_NUMBERS, *values, None):
            outcome = store.attempt("delete_token", id)

            contents.same_records(store, before, after=f"delete_token({id!r})")
            expect.silent_or_refused(outcome, store, what=f"no record has the id {id!r}")


@check("DEL-3")
def deletes_nothing_for_a_hostile_id(store: Subject) -> None:
    """delete_token deletes at most the record with exactly the given id, also if that contains SQL
    or wildcards, such as '1 or 1=1', or is similar to the id of a record.
    """
    stored = store.given(ANNA, BERT, BY_ACCESS.but(id="aBc"), BY_GRANT.but(id="7"))
    before = store.records()
    for record in stored:
        for id in hostile(record.id or "1"):
            if record.id is not None and id in {each.id for each in stored}:
                continue
            store.attempt("delete_token", id)
            contents.same_records(store, before, after=f"delete_token({id!r})")
    pairs = (COMPOSED_IDS, *SIMILAR_IDS)[: store.room_for(len(SIMILAR_IDS) + 1)]
    store = store.fresh()
    store.given(*(person(f"a{number}").but(id=id) for number, (id, _) in enumerate(pairs)))
    before = store.records()
    known = {record.id for record in before}
    for stored_id, id in pairs:
        if stored_id in known and id not in known:
            store.attempt("delete_token", id)
            try:
                contents.same_records(store, before, after=f"delete_token({id!r})")
            except ClauseFailed as failure:
                failure.calls = tuple(store.calls)
                raise _unless_changed(store.fresh(), id, failure) from failure
    store = store.fresh()
    if knows_a_long_id(store):
        before = store.records()
        store.attempt("delete_token", LONG[1])
        contents.same_records(store, before, after=f"delete_token({LONG[1]!r})")


def _unless_changed(store: Subject, id: str, failure: ClauseFailed) -> Exception:
    """Return the failure, or `CannotJudge` if the store does not keep such an id when it saves."""
    store.attempt("save_token", store.door.build(ANNA.but(id=id)))
    if id in store.ids():
        return failure
    return CannotJudge(
        f"the store does not keep the id {id!r}", "DATA-1", "SAVE-11", otherwise=failure
    )


@check("DEL-4", generation="zohocrmsdk")
def saves_a_deleted_token_again(store: Subject) -> None:
    """A token that was deleted can be saved again, as a new record."""
    for record in (ANNA, BY_ACCESS, BY_GRANT):
        store = store.fresh()
        stored, _ = store.identified(record, BERT)
        for again in (record, record.but(expires_in=LATER), stored, record):
            store.answer("delete_token", stored.id)
            store.save(again)
            try:
                contents.holds(store, again.but(id=None), BERT)
            except ClauseFailed as failure:
                why = "the save may have taken the place of another record"
                raise CannotJudge(why, "SAVE-14", "DEL-4", otherwise=failure) from failure
            stored = contents.as_listed(store, again)
            for way, query in keys_of(record).items():
                expect.complete(
                    store.find(query), again.but(id=None), query, what=f"by {way}, the token"
                )
    _gets_nothing_back(store.fresh())
    _must_take_the_same_token(store)


def _must_take_the_same_token(store: Subject) -> None:
    """Save the same token object again after a logout, as a program may."""
    for method in ("delete_token", "delete_tokens"):
        store = store.fresh()
        store.given(BERT)
        save = store.door.to_save(ANNA)
        store.request(save)
        saved = store.read_whole(save.token)
        if saved.id is None or saved.but(id=None) != ANNA:
            return  # SAVE-10 and SAVE-21 are about that
        store.answer(method, *([saved.id] if method == "delete_token" else []))
        if ANNA.user in {each.user for each in store.records()}:
            return  # DEL-1 and CLEAR-1 are about that
        store.request(save)
        there = [BERT] if method == "delete_token" else []
        contents.holds(store, *there, ANNA)


def _gets_nothing_back(store: Subject) -> None:
    """Check that a new login with fewer values gets none of the values of the deleted one."""
    again = ANNA.only("user", "access_token")
    ground = store.fresh()
    ground.given(BERT, again)
    try:
        contents.holds(ground, BERT, again)
    except ClauseFailed as failure:
        why = "a token with a user and an access token alone is not stored as it is"
        raise CannotJudge(why, "SAVE-1", otherwise=failure) from failure
    store = store.fresh()
    anna, _ = store.identified(ANNA, BERT)
    store.answer("delete_token", anna.id)
    store.save(again)
    contents.holds(store, again, BERT)
