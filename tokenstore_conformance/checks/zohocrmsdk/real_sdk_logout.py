"""SDK-6, 7 and 10: a program that removes and revokes tokens, by their ids."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.real_sdk import left, quoted
from tokenstore_conformance.checks.samples import UNKNOWN_IDS
from tokenstore_conformance.checks.zohocrmsdk.real_sdk import (
    ANNA,
    BERT,
    BY_THE_CLOCK,
    CARL,
    first_login,
    leaves,
    program,
    starts,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, NotApplicable
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.oracle.zohocrmsdk import differences
from tokenstore_conformance.records import Record, zoho_token, zoho_user
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.in_sdk import Running
from tokenstore_conformance.subject.keys import is_recognized

STORED: Final = ("SAVE-1", "SAVE-6", "SAVE-10", "LIST-1", "LIST-2")
FINDS: Final = ("FIND-1", "FIND-3", "FIND-4", "FIND-7", "FIND-11", "DATA-3")


@check("SDK-6", generation="zohocrmsdk")
def removes_that_record(store: Subject) -> None:
    """OAuthToken.remove deletes the record of its token and no other. In zohocrmsdk the token has
    its id, in zcrmsdk it was saved in the same program.
    """
    present = store.identified(ANNA, BERT.without("user"), CARL.but(id="caller-1"))
    with program(store) as sdk:
        sdk.start(ANNA.only("user"))
        while present:
            gone = present.pop(len(present) // 2)
            _removes(sdk, gone.only("id"))

            stay = [record.id for record in present]
            listed = [record.id for record in sdk.store.records()]
            if sorted(map(str, listed)) != sorted(map(str, stay)):
                raise ClauseFailed(
                    f"the records with the ids {stay} after OAuthToken.remove with {gone.id!r}",
                    f"those with the ids {listed}",
                    claim=left(BY_THE_CLOCK, present),
                )

    store = store.fresh()
    (bert,) = store.identified(BERT)
    with program(store) as sdk:
        token = sdk.start(first_login("anna"))
        _removes(sdk, token)

        leaves(sdk, bert, after="OAuthToken.remove on the token that logged in")


def _removes(sdk: Running, token: object) -> None:
    outcome = sdk.remove(token)
    if outcome.value is not True:
        raise ClauseFailed(
            f"True from OAuthToken.remove of {sdk.named(token)}",
            f"False; the SDK swallowed what the store did: {sdk.store.calls[-1]}",
            outcome.error,
            claim="answer is True",
        )


@check("SDK-7")
def revokes_that_token(store: Subject) -> None:
    """OAuthToken.revoke(id) sends the refresh token of the record with that id to Zoho. For an
    unknown id it sends nothing.
    """
    stored = store.identified(ANNA, BERT.without("user"), CARL.but(id="caller-1"))
    with program(store) as sdk:
        if not sdk.revokes:
            raise NotApplicable(
                "OAuthToken.revoke of this line of the SDK fails before it asks the store"
            )
        sdk.start(ANNA.only("user"))
        for id in UNKNOWN_IDS:
            sdk.revoke(id)
            if sdk.zoho.revoked():
                raise ClauseFailed(
                    f"OAuthToken.revoke({id!r}) to revoke nothing: no record has that id",
                    f"it revoked {quoted(sdk.zoho.revoked())}",
                    claim="zoho.revoked == []",
                )
        for record in stored[::-1]:
            before = len(sdk.zoho.revoked())
            outcome = sdk.revoke(record.id)
            sent = sdk.zoho.revoked()[before:]
            if not sent:
                _blame_for_no_answer(store, record)
            if sent != [record.refresh_token] or outcome.value is not True:
                came = f" and raised {describe(outcome.error)}" if outcome.error else ""
                raise ClauseFailed(
                    f"OAuthToken.revoke({record.id!r}) to revoke {record.refresh_token!r}",
                    f"it revoked {quoted(sent)}{came}",
                    claim=f"zoho.revoked[{before}:] == [{record.refresh_token!r}] and answer",
                )


def _blame_for_no_answer(store: Subject, record: Record) -> None:
    """Raise `CannotJudge` if other clauses explain why nothing was revoked."""
    revoked_nothing = f"OAuthToken.revoke({record.id!r}) found no refresh token and revoked nothing"
    if store.attempt("find_token", store.door.build(record.only("id"))).value is None:
        why = "find_token finds nothing by an id"
        raise CannotJudge(f"{revoked_nothing}: {why}", "FIND-10", *STORED, *FINDS)
    query = next(starts(record))
    token = store.door.build(query)
    store.attempt("find_token", token)
    if differences(record, store.read_whole(token), query):
        why = "find_token does not fill the token that it is given"
        raise CannotJudge(f"{revoked_nothing}: {why}", "FIND-9", *STORED, *FINDS)


@check("SDK-10")
def never_reaches_another_record(store: Subject) -> None:
    """OAuthToken.revoke and OAuthToken.remove never reach the token of another record, with a known
    id, with an unknown id and without an id.
    """
    stored = store.given(ANNA, BERT.without("user"), CARL.but(id="caller-1"))
    ids = [] if store.has_shared_ids() else stored
    owners = {record.id: record.refresh_token for record in ids if record.id is not None}
    with program(store) as sdk:
        sdk.start(ANNA.only("user"))
        for id in ("77", *UNKNOWN_IDS, "", None, *owners):
            before = len(sdk.zoho.revoked())
            sdk.revoke(id)

            strange = [t for t in sdk.zoho.revoked()[before:] if t != owners.get(str(id))]
            if strange:
                own = f"only {owners[id]!r}" if id in owners else "nothing: no record has that id"
                raise ClauseFailed(
                    f"OAuthToken.revoke({id!r}) to revoke {own}",
                    f"it revoked {quoted(strange)}, the login of another user",
                    claim=f"{{*zoho.revoked[{before}:]}} <= {{{owners.get(str(id))!r}}}",
                )

        for id in ("77", *UNKNOWN_IDS, None, *owners):
            sdk.remove(first_login("anna").but(id=id, user=ANNA.user))

            stored = [record for record in stored if id is None or record.id != id]
            _must_still_be_there(sdk, stored, f"OAuthToken.remove on a token with the id {id!r}")
    _removes_at_most_what_it_saved(store.fresh())


def _removes_at_most_what_it_saved(store: Subject) -> None:
    """Log out with a token that was saved just before. Its id may have come from the store, from
    the caller, or from the record of another user that the caller had.
    """
    anna, _, carl = store.given(ANNA, BERT, CARL)
    known = None if store.has_shared_ids() else carl.id
    newcomer = first_login("dora").but(user=zoho_user("dora"), id=known)
    with program(store) as sdk:
        sdk.start(ANNA.only("user"))
        for token in (BERT.but(access_token=zoho_token("bert.second")), newcomer):
            made = store.door.build(token)
            if sdk.store.attempt("save_token", made).error is not None:
                continue  # SAVE-19 is about that
            listed = sdk.store.records()
            others = [each for each in (anna, carl) if each in listed]  # else see SAVE-28
            sdk.remove(made)

            after = f"OAuthToken.remove on the saved token of {token.user!r}"
            _must_still_be_there(sdk, others, after)


def _must_still_be_there(sdk: Running, stored: list[Record], after: str) -> None:
    listed = sdk.store.records()
    gone = [each for each in stored if not any(is_recognized(each, other) for other in listed)]
    if not gone:
        return
    got = f"all but {', '.join(record.brief() for record in gone)}"
    raise ClauseFailed(
        f"every other record after {after}", got, claim=contents.claim("includes", stored)
    )
