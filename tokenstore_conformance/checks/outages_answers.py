"""ERR-1: what a store says during an outage of its storage.

There is one rule: what the store says is true, or it raises SDKException. So a store that continues
from memory, or through a connection that is still open, is as right as one that refuses every call.
If it says that it saved a record, the record must be there when the storage works again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.in_outage import Claims, again, in_each_outage, out, reopened
from tokenstore_conformance.checks.samples import LATER, finding_requests, user_of
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.guard.frames import attribute, describe, own
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.sdk import Request, is_refusal
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.subject.caller import Outcome
from tokenstore_conformance.target.file_outages import Outage
from tokenstore_conformance.target.impatience import impatient
from tokenstore_conformance.target.storage import NotBuilt


@check("ERR-1")
def answers_truly_in_an_outage(store: Subject) -> None:
    """While its storage fails, every method gives a true answer or raises SDKException. So does a
    store that is made during the failure, and it deletes nothing.
    """
    with impatient():
        in_each_outage(store, _ask_in_an_outage, _delete_in_an_outage)


def _ask_in_an_outage(store: Subject, outage: Outage, claims: Claims) -> None:
    when = outage.during
    with out(store, outage):
        _find(store, claims, when)
        anna, carl = claims.stored[0], user_of(store.door, "carl")
        for record in (
            carl,
            anna.but(id=None, access_token=zoho_token("anna.new"), expires_in=LATER),
        ):
            request = store.door.to_save(store.door.in_full(record))
            outcome = _said(store, claims, request, f"{when}, a save")
            if outcome is None:
                continue
            (claims.perhaps if outcome.error else claims.saved).append(record)
            claims.answers[record.user] = len(store.calls) - 1
        _find(store, claims, when)
        if not claims.slow:
            _make_another(store, outage, claims)
    if outage.keeps:
        if claims.durable:  # first another one: the store may write now what it only had in memory
            _must_be_there(reopened(store, outage.after).records, outage, claims)
        _must_be_there(store.records, outage, claims)
        if claims.durable:
            _must_show_what_is_stored(store, outage)


def _must_show_what_is_stored(store: Subject, outage: Outage) -> None:
    """Check that a save that raised is done for every store or for none, not for this one alone."""
    stored = again(reopened(store, outage.after).records, f"{outage.after}: get_tokens to answer")
    number = len(store.calls) - 1
    shown = again(store.records, f"{outage.after}: get_tokens to answer again")
    try:
        contents.are(shown, *stored)
    except ClauseFailed as failure:
        failure.claim = f"lists(answer, *answer{number})"
        raise failure.within(
            f"{outage.after}, in a store that raised SDKException then, what another one lists: "
        ) from None


def _must_be_there(records: Callable[[], list[Record]], outage: Outage, claims: Claims) -> None:
    listed = again(records, f"{outage.after}: get_tokens to answer again")
    for versions in _expected(claims):
        if not any(_fits(each, record) for each in listed for record in versions):
            raise ClauseFailed(
                f"{versions[0].brief()}, saved before or by a save that returned {outage.during}",
                f"{contents.lacking(len(listed))}, when the backend is back",
                claim=_claim(claims, versions),
            )


def _claim(claims: Claims, versions: list[Record]) -> str:
    """Return Python that is true in a script if one of ``versions`` is listed, or if the save was
    refused and what was stored before is listed.
    """
    user = versions[0].user
    options = [contents.claim("includes", [each]) for each in versions]
    if user in claims.answers:
        before = [each for each in claims.stored if each.user == user]
        options.append(f"{_refused(claims.answers[user])} and {contents.claim('includes', before)}")
    return " or ".join(options)


def _refused(number: int) -> str:
    """Return Python that is true if the answer to this call was SDKException."""
    return f"isinstance(answer{number}, SDKException)"


def _make_another(store: Subject, outage: Outage, claims: Claims) -> None:
    """Make a store in the outage, as a program does that starts then."""
    when = f"{outage.during}, from a store made then"
    try:
        another = store.reopened()
    except NotBuilt as failure:
        if failure.in_store and not is_refusal(store.door, failure.error):
            raise ClauseFailed(
                f"{outage.during}: the store to be built, or SDKException",
                f"the exception {describe(failure.error)}",
                failure.error,
                fault=Fault(shows=Shown.ANOTHER_EXCEPTION),
            ) from failure
        return
    if claims.durable and not outage.looks_new:
        _find(another, replace(claims, asked=set()), when)


def _find(store: Subject, claims: Claims, when: str) -> None:
    door = store.door
    for record in claims.stored:
        for request in finding_requests(door, record):
            outcome = _said(store, claims, request, f"{when}, a stored token")
            if outcome and not outcome.error:
                versions = list(map(door.used, _versions(claims, record)))
                _must_be_one_of(_used(store, outcome.value), versions, when)
    nobody = door.key(door.in_full(user_of(door, "nobody")))
    outcome = _said(store, claims, door.to_find(nobody), f"{when}, an unknown user")
    if outcome and not outcome.error and outcome.value is not None:
        raise ClauseFailed(
            f"{when}: None or SDKException for an unknown user", str(store.said(outcome.value))
        )
    outcome = _said(store, claims, Request("get_tokens", ()), f"{when}, get_tokens")
    if outcome and not outcome.error:
        listed = [_whole(store, token) for token in store.elements(outcome.value)]
        for record in claims.stored:
            found = [each for each in listed if each.user == record.user]
            _must_be_one_of(
                found[0] if found else None, _versions(claims, record), f"{when}, listed"
            )


def _used(store: Subject, token: object) -> Record | None:
    return None if token is None else store.door.used(_whole(store, token))


def _whole(store: Subject, token: object) -> Record:
    return store.door.comparable(store.read_whole(token))


def _said(store: Subject, claims: Claims, request: Request, what: str) -> Outcome | None:
    """Make a call, and return its outcome: an answer, or SDKException with a reason.

    Return None if a store that waits was already asked this. Raises `ClauseFailed` for another
    exception, or for one without a reason.
    """
    outcome = claims.ask(store, request)
    error = None if outcome is None else outcome.error
    if error is None:
        return outcome
    if not is_refusal(store.door, error):
        raise ClauseFailed(
            f"{what}: a true answer or SDKException",
            f"the exception {describe(error)}",
            error,
            fault=Fault(shows=Shown.ANOTHER_EXCEPTION),
        )
    said = (*own(error, "args"), *(attribute(error, "__dict__") or {}).values())
    if not (any(said) or own(error, "__cause__") or own(error, "__context__")):
        raise ClauseFailed(
            f"{what}: SDKException with its cause",
            "one without cause and message",
            error,
            claim="tells_why(answer)",
        )
    return outcome


def _versions(claims: Claims, record: Record) -> list[Record]:
    """Return the versions of the record that may be stored now."""
    versions = [record]
    for each in (*claims.saved, *claims.perhaps):
        if each.user == record.user:
            updated = record.updated_by(each)
            versions = [updated] if each in claims.saved else [*versions, updated]
    return versions


def _must_be_one_of(found: Record | None, versions: list[Record], when: str) -> None:
    if found not in versions:
        raise ClauseFailed(
            f"{when}: SDKException, or the stored {versions[0].brief()}",
            found.brief() if found else "None",
        )


def _expected(claims: Claims) -> list[list[Record]]:
    """Return each record that the store said is stored, in the versions that it may have now."""
    known = {record.user for record in claims.stored}
    new = [[record] for record in claims.saved if record.user not in known]
    return [*new, *(_versions(claims, record) for record in claims.stored)]


def _fits(listed: Record, saved: Record) -> bool:
    """Whether the listed record has every value that was saved."""
    return all(getattr(listed, name) == value for name, value in saved.items())


def _delete_in_an_outage(store: Subject, outage: Outage, claims: Claims) -> None:
    when = outage.during
    with out(store, outage):
        _, bert = claims.stored
        delete = store.door.to_delete(store.door.in_full(bert))
        deleted = _said(store, claims, delete, f"{when}, delete_token")
        number = len(store.calls) - 1
        cleared = _said(store, claims, Request("delete_tokens", ()), f"{when}, delete_tokens")
    if not outage.keeps:
        return
    listed = again(store.records, f"{outage.after}: get_tokens to answer again")
    if cleared and not cleared.error and listed:
        got = f"{contents.count(len(listed))}, when the backend is back"
        raise ClauseFailed(
            f"{when}: no record after delete_tokens, or SDKException",
            got,
            claim=f"answer == [] or {_refused(number + 1)}",
        )
    if deleted and not deleted.error and any(each.user == bert.user for each in listed):
        got = "that record, when the backend is back"
        raise ClauseFailed(
            f"{when}: no {bert.brief()} after delete_token, or SDKException",
            got,
            claim=f"not includes(answer, {bert}) or {_refused(number)}",
        )
