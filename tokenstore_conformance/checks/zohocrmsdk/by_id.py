"""BYID: what find_token_by_id returns."""

from __future__ import annotations

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.samples import ANNA, BERT, CARL, EVERY_KIND, UNKNOWN_IDS, person
from tokenstore_conformance.checks.texts import FULL_IDS, LONG, ODD_NUMBERS, hostile
from tokenstore_conformance.checks.zohocrmsdk.samples import FRESH, knows_a_long_id, values_of
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome


@check("BYID-1", generation="zohocrmsdk")
def finds_the_complete_token(store: Subject) -> None:
    """The store finds a token by its id and returns it complete. In zcrmsdk this binds the lines
    2.x, and the token also has its id and its client secret.
    """
    chosen = (person("dora").but(id="caller-1"), person("emil").but(id="77"))
    for record in store.identified(*EVERY_KIND, *chosen):
        found = store.find_by_id(record.id)

        if found is None:
            raise ClauseFailed(f"the token of the id {record.id!r}", "None")
        expect.equal(found, record, what=f"the token of the id {record.id!r}")

    store = store.fresh()
    (anna,) = store.identified(ANNA)
    changed = anna.updated_by(FRESH)
    store.answer("get_tokens")
    store.attempt("save_token", store.door.build(changed))
    found = store.find_by_id(anna.id)
    if found is not None and [each for each in store.records() if each.id == anna.id] == [changed]:
        expect.equal(found, changed, what=f"the token of the id {anna.id!r}, after an update")

    store = store.fresh()
    newcomer = person("frank").but(id="caller-2")
    store.attempt("find_token_by_id", newcomer.id)
    (stored,) = store.given(newcomer)
    if stored == newcomer and store.find_by_id(newcomer.id) is None:
        raise ClauseFailed(
            f"the token of the id {newcomer.id!r}, which was asked for before it was saved", "None"
        )


@check("BYID-2")
def misses_with_none(store: Subject) -> None:
    """find_token_by_id returns None for an unknown id and raises nothing."""
    for ground in ((), EVERY_KIND):
        store = store.fresh()
        store.given(*ground)
        for id in (*UNKNOWN_IDS, *FULL_IDS, *ODD_NUMBERS):
            found = store.find_by_id(id)

            if found is not None:
                raise ClauseFailed(f"None for the unknown id {id!r}", str(found))


@check("BYID-3", generation="zohocrmsdk")
def matches_ids_exactly(store: Subject) -> None:
    """An id matches only itself: not with quotes, SQL, wildcards, blanks or another letter case,
    and '01' is not '1'. In zcrmsdk this binds the lines 2.x.
    """
    stored = store.identified(ANNA, BERT, CARL.but(id="aBc"), person("dora").but(id="7"))
    known = {record.id for record in stored}
    always_raises = store.attempt("find_token_by_id", UNKNOWN_IDS[0]).error is not None  # BYID-2
    for record in stored:
        for id in (*hostile(str(record.id)), *values_of([record])):
            if id in known:
                continue
            outcome = _must_not_match(store, id)
            if outcome.error is not None and not always_raises:
                raise ClauseFailed(
                    f"None: no record has the id {id!r}",
                    f"the exception {describe(outcome.error)}",
                    outcome.error,
                )
    store = store.fresh()
    if knows_a_long_id(store):
        _must_not_match(store, LONG[1])


def _must_not_match(store: Subject, id: str) -> Outcome:
    """Ask for an id that no record has. The store must not return a record, but may raise."""
    outcome = store.attempt("find_token_by_id", id)
    found = store.read(outcome.value)
    if found is not None:
        raise ClauseFailed(f"None: no record has the id {id!r}", str(found))
    return outcome
