"""SAVE-27 to 29: a save stores what it is given, and changes no record but its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tokenstore_conformance.checks import check, contents, expect, reused_memory
from tokenstore_conformance.checks.control import raise_unless_alike
from tokenstore_conformance.checks.samples import (
    ANNA,
    BERT,
    BESIDE_GRANT,
    BY_ACCESS,
    BY_GRANT,
    CREDENTIALS,
    LATER,
    ONLY_REFRESH,
    person,
)
from tokenstore_conformance.checks.texts import SIMILAR_IDS
from tokenstore_conformance.checks.zohocrmsdk.samples import FRESH
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record, zoho_token, zoho_user
from tokenstore_conformance.subject import Subject

CLIENT = ANNA.only(*CREDENTIALS)

OTHER_ACCESS = Record(access_token=zoho_token("other.access"), expires_in=LATER)

WITHOUT_KEY = (
    CLIENT.but(access_token=zoho_token("keyless.access"), expires_in=LATER),
    CLIENT.only("client_id").but(access_token=zoho_token("keyless.access")),
    Record(refresh_token=zoho_token("keyless.refresh")),
    Record(grant_token=zoho_token("keyless.grant")),
)
"""Tokens that no match rule applies to, each with something worth storing."""

CHANGES = (
    CLIENT.updated_by(FRESH),
    Record(expires_in=LATER),
    Record(redirect_url="https://new.example"),
    Record(refresh_token=zoho_token("new.refresh")),
)
"""Changes that a token without a key may bring to the record with its id."""


@check("SAVE-27")
def stores_it_or_says_so(store: Subject) -> None:
    """A save that returns has stored the token or updated a record; otherwise it raises
    SDKException. This also holds for a token that has no key: one with an access token and client
    credentials, or one with the id of a record.
    """
    store.given(BERT, BY_GRANT)
    for token in WITHOUT_KEY:
        before = store.records()
        _must_be_done_or_refused(store, token, [*before, token], before)

    for record in (BY_GRANT, BERT):
        for change in CHANGES:
            store = store.fresh()
            known, other = store.identified(record, ONLY_REFRESH)
            changed = known.updated_by(change)
            _must_be_done_or_refused(
                store, change.but(id=known.id), [changed, other], [known, other]
            )


def _must_be_done_or_refused(
    store: Subject, token: Record, done: list[Record], before: list[Record]
) -> None:
    outcome = store.attempt("save_token", store.door.build(token))
    if outcome.error is None:
        try:
            contents.holds(store, *done)
        except ClauseFailed as failure:
            failure.calls = tuple(store.calls)
            if len(done) == len(before) and failure.fault.shows is Shown.OTHERS:
                failure.fault = replace(failure.fault, shows=Shown.NO_UPDATE)
            why = "a token without a key can only be looked for in the list"
            raise CannotJudge(why, "LIST-2", otherwise=failure) from failure
        return
    expect.refused(outcome, store, what="a save that does not store its token")
    contents.same_records(store, before, after="a save that was refused")


@check("SAVE-28")
def leaves_other_users_alone(store: Subject) -> None:
    """A save leaves the records of other users as they are, even if the token carries the id of
    such a record.
    """
    for token in (
        FRESH.updated_by(person("dora").only("user")),
        person("dora"),
        BERT.but(user=zoho_user("dora")),
        ANNA.updated_by(FRESH),
        ANNA.only("user"),
        BY_GRANT.updated_by(FRESH),
    ):
        for order in ((ANNA, BERT, BY_GRANT), (BERT, BY_GRANT, ANNA)):
            store = store.fresh()
            stored = {each.user: each for each in store.identified(*order)}
            store.attempt("save_token", store.door.build(token.but(id=stored[BERT.user].id)))

            listed = store.records()
            for other in (ANNA, BERT):
                if other.user != token.user:
                    what = f"a save with the id of {BERT.user!r}"
                    _must_be_as_it_was(listed, stored[other.user], what)

    for token in (BY_ACCESS, BY_GRANT):
        store = store.fresh()
        (anna,) = store.given(ANNA)
        if anna.user in store.ids():
            continue  # the token means that record: SAVE-18
        store.attempt("save_token", store.door.build(token.but(id=anna.user)))
        _must_be_as_it_was(store.records(), anna, "a save with that user name as its id")

    store = store.fresh()
    present = store.identified(ANNA, BERT)
    for name in ("dora", "emil", "fred"):  # one after another with the id of bert's record
        newcomer = person(name).but(id=present[1].id)
        store.attempt("save_token", store.door.build(newcomer))
        listed = store.records()
        for other in present:
            _must_be_as_it_was(listed, other, f"another save with the id of {BERT.user!r}")
        present += [each for each in listed if each.but(id=None) == person(name)]

    store = store.fresh()
    save = store.door.to_save(ANNA)
    store.request(save)
    is_as_it_was = store.read_whole(save.token).but(id=None) == ANNA  # else SAVE-21 is about that
    store.change(save.token, BERT)  # a program may keep its token for the next user
    before = [each for each in store.records() if each.user == ANNA.user] * is_as_it_was
    store.try_request(save)
    what = f"a save of {BERT.user!r} with the token object that {ANNA.user!r} had"
    for anna in before:
        _must_be_as_it_was(store.records(), anna, what)

    for one, another in ((BY_GRANT, BESIDE_GRANT), (BY_ACCESS, OTHER_ACCESS)):
        reused_memory.must_not_matter_to_saves(store.fresh(), one, another)

    for name in ("client_id", "client_secret", "redirect_url", "api_domain", "expires_in"):
        store = store.fresh()
        (anna,) = store.given(ANNA)
        bert = BERT.updated_by(ANNA.only(name))
        for token in (bert, bert.but(access_token=zoho_token("bert.second"))):
            store.attempt("save_token", store.door.build(token))
            what = f"a save of another user with the same {name}"
            _must_be_as_it_was(store.records(), anna, what)


def _must_be_as_it_was(listed: list[Record], record: Record, after: str) -> None:
    if record not in listed:
        now = [each for each in listed if each.user == record.user]
        raise ClauseFailed(
            f"the record of {record.user!r} as it was, after {after}",
            str(now[0]) if now else f"no record of {record.user!r}",
            claim=contents.claim("includes", [record.but(id=None)]),
        )


@check("SAVE-29", generation="zohocrmsdk")
def compares_ids_exactly(store: Subject) -> None:
    """A save compares ids exactly. A record whose id differs only in letter case, a blank, an
    accent, a wildcard, a leading zero or its last character is another record and stays as it is.
    In zcrmsdk this binds the lines 2.x.
    """
    pairs = SIMILAR_IDS[: store.room_for(2 * len(SIMILAR_IDS)) // 2]
    try:
        _updates_only_its_own(store, pairs)
    except ClauseFailed as failure:
        unlike = [(f"{number}-named", f"{number}-nameless") for number in range(len(pairs))]
        raise_unless_alike(store, failure, lambda: _updates_only_its_own(store.fresh(), unlike))


def _updates_only_its_own(store: Subject, pairs: Sequence[tuple[str, str]]) -> None:
    """Store records with these ids, and check that each save updates only its own record."""
    named = [person(f"a{number}").but(id=id) for number, (id, _) in enumerate(pairs)]
    nameless = [
        person(f"b{number}").without("user", "refresh_token").but(id=id)
        for number, (_, id) in enumerate(pairs)
    ]
    stored = store.given(*nameless, *named, verified=False)
    try:
        contents.holds(store, *(each.but(id=None) for each in stored))
    except ClauseFailed as failure:
        why = "records with similar ids are not all there"
        raise CannotJudge(why, "SAVE-6", "DATA-1", otherwise=failure) from failure
    listed = store.ids()
    for id in (each for pair in pairs for each in pair if each not in listed):
        lost = ClauseFailed(f"the id {id!r}, which a new token carried, in the list", "other ids")
        why = "the store does not keep the ids that tokens carry"
        raise CannotJudge(why, "SAVE-11", "SAVE-10", "LIST-2", otherwise=lost)
    for number, record in enumerate(stored):
        by_key = record.only(*CREDENTIALS, "grant_token") if record.user is None else record
        tokens = [
            by_key.but(id=None, access_token=zoho_token(f"second.{number}")),
            record.but(access_token=zoho_token(f"third.{number}")),
            record.only("id").but(
                user=record.user or zoho_user(f"c{number}"),
                access_token=zoho_token(f"4th.{number}"),
            ),
        ]
        for token in tokens:
            store.save(token)
            stored[number] = stored[number].updated_by(token)
            contents.holds(store, *(each.but(id=None) for each in stored))
