"""DATA: what a field can hold."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import ANNA, BERT, EVERY_KIND, person
from tokenstore_conformance.checks.texts import CONTROLS, HALF, LONG_TOKEN, NUL, TEXTS
from tokenstore_conformance.checks.zohocrmsdk.samples import keys_of
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

NEW = person("new").without("user")
"""The values of an update: every field but the user."""

PLAIN_IDS = ("k-1", "Login-of-Anna", "007", "k" * 36)


def record_of(text: str) -> Record:
    """Return a record with this text in every field but the id and the expiry."""
    return Record(
        user=text,
        client_id=text,
        client_secret=text,
        refresh_token=text,
        access_token=text,
        grant_token=text,
        expires_in=ANNA.expires_in,
        redirect_url=text,
        api_domain=text,
    )


@check("DATA-1", generation="zohocrmsdk")
def keeps_text(store: Subject) -> None:
    """Text comes back as it was saved, in every field, ids and keys included: Unicode, quotes,
    commas, backslashes, percent signs, and up to 255 characters in a field.
    """
    expect.texts(store, *EVERY_KIND)
    _come_back(store, TEXTS)
    _addresses_stay_apart(store.fresh())


def _addresses_stay_apart(store: Subject) -> None:
    """Check that two users keep redirect URLs that differ only in letter case."""
    urls = ("https://program.example/Back", "https://program.example/back")
    users = [each.but(redirect_url=url) for each, url in zip((ANNA, BERT), urls, strict=True)]
    for user in users:
        store.save(user)
    shown = {each.user: each.redirect_url for each in store.records()}
    for user in users:
        if user.user in shown and shown[user.user] in {*urls} - {user.redirect_url}:
            wanted = f"redirect_url={user.redirect_url!r} of {user.user!r}"
            raise ClauseFailed(wanted, f"{shown[user.user]!r}, that of another user")


@check("DATA-2", generation="zohocrmsdk")
def keeps_controls_and_long_text(store: Subject) -> None:
    """Line breaks of every kind, control characters, a byte order mark, and tokens of 4,096
    characters come back as they were saved. So does a NUL character, or the save raises
    SDKException. A save that raises, whatever the text in its token, changes no record.
    """
    _come_back(store, CONTROLS)
    for text in NUL:
        store = store.fresh()
        if _is_taken(store, record_of(text)):
            _comes_back(store, record_of(text))
    for text in (*NUL, HALF):
        store = store.fresh()
        store.given(*EVERY_KIND)
        contents.unchanged_if_raising(store, record_of(text))
        for field in ("client_secret", "access_token", "redirect_url", "api_domain"):
            update = ANNA.only("user").updated_by(NEW).but(**{field: text})
            contents.unchanged_if_raising(store, update)

    store = store.fresh()
    tokens = dict.fromkeys(("refresh_token", "access_token", "grant_token"), LONG_TOKEN)
    record = ANNA.but(**tokens)
    saved = record.but(id=store.read_whole(store.save(record)).id)
    by_user = ANNA.only("user")
    expect.complete(store.find(by_user), saved, by_user, what="by user, the token")
    if saved.id is not None:
        expect.complete(store.find_by_id(saved.id), saved, Record(), what="by id, the token")


def _is_taken(store: Subject, record: Record) -> bool:
    """Save a record, and return whether the store takes it. It may raise only SDKException."""
    outcome = store.try_request(store.door.to_save(record))
    expect.silent_or_refused(outcome, store, what="a NUL character in every field")
    return outcome.error is None


def _come_back(store: Subject, texts: tuple[str, ...]) -> None:
    for few in (texts[start : start + 8] for start in range(0, len(texts), 8)):
        store = store.fresh()
        for text in few:
            _comes_back(store, record_of(text))

        if not _keeps_ids(store.fresh()):
            continue  # SAVE-11 is about that
        store = store.fresh()
        for number, text in enumerate(few):
            _comes_back(store, person(f"user {number}").but(id=text))


def _comes_back(store: Subject, record: Record) -> None:
    saved = store.read_whole(store.save(record))
    known = next((each for each in store.records() if each.but(id=None) == record), saved)
    expected = record.but(id=record.id or known.id)
    if expected.id is not None and not store.has_shared_ids():  # else see SAVE-10 and SAVE-14
        found = store.find_by_id(expected.id)
        expect.complete(found, expected, Record(), what="by id, the token")
    for way, query in keys_of(record).items():
        expect.complete(store.find(query), expected, query, what=f"by {way}, the token")
    contents.is_listed(store.records(), expected)


def _keeps_ids(store: Subject) -> bool:
    """Whether the store keeps ids that are plain text. SAVE-11 is about that."""
    for number, id in enumerate(PLAIN_IDS):
        request = store.door.to_save(person(f"probe{number}").but(id=id))
        store.try_request(request)
        token = request.token
        found = store.attempt("find_token_by_id", id).value
        is_found = isinstance(found, store.door.token_type)
        if not is_found or store.read_whole(token).id != id:
            return False
    return True


@check("DATA-3")
def gives_the_expiry_as_text(store: Subject) -> None:
    """expires_in comes back as a str."""
    odd = (person("past").but(expires_in="-1"), person("zero").but(expires_in="0"))
    for record in store.given(*EVERY_KIND, *odd):
        for query in keys_of(record).values():
            _must_be_text(
                store, "find_token", store.attempt("find_token", store.door.build(query)).value
            )
        if record.id is not None:
            found = store.attempt("find_token_by_id", record.id).value
            _must_be_text(store, "find_token_by_id", found)
    for token in store.elements(store.attempt("get_tokens").value):
        _must_be_text(store, "get_tokens", token)

    expiries = {each.user: each.expires_in for each in contents.readable(store)}
    for record in odd:
        if expiries.get(ANNA.user) and record.user in expiries and not expiries[record.user]:
            raise ClauseFailed(
                f"expires_in={record.expires_in!r} for {record.user!r} in the list", "None"
            )


def _must_be_text(store: Subject, method: str, token: object) -> None:
    if not isinstance(token, store.door.token_type):
        return  # not found, or not a token: other clauses are about that
    expect.are_str(store, token, "expires_in", of=f"a token from {method}")
