"""LIST: what get_tokens returns."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents, expect
from tokenstore_conformance.checks.samples import MANY
from tokenstore_conformance.checks.zcrmsdk.lacking import by_grant_alone, without_secret
from tokenstore_conformance.checks.zcrmsdk.samples import (
    KEPT,
    found,
    kept,
    login,
    nth_login,
    queries,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject


@check("LIST-1", generation="zcrmsdk")
def lists_nothing_on_an_empty_store(store: Subject) -> None:
    """get_tokens of an empty store returns an empty list, not None."""
    expect.empty_list(store, "on a new store")
    anna = store.door.to_save(login(store, "anna"))
    for method, when in (
        ("delete_token", "the last login was deleted"),
        ("delete_tokens", "all were"),
    ):
        store.try_request(anna)
        store.attempt(method, *([anna.token] if method == "delete_token" else []))
        outcome = store.attempt("get_tokens")
        if outcome.error is None and not isinstance(outcome.value, list) and not outcome.value:
            raise ClauseFailed(f"[] {when}", str(store.said(outcome.value)))


@check("LIST-2", generation="zcrmsdk")
def lists_every_record_once(store: Subject) -> None:
    """get_tokens returns a list with every record once, each as a complete OAuthToken. In zcrmsdk a
    token with a grant token may lack its refresh token here: LIST-3 requires it.
    """
    few = [login(store, "anna"), without_grant(store, "bert")]
    for number, record in enumerate(few, start=1):  # a store may take no more
        store.given(record)
        _must_be_listed(store, few[:number])

    store = store.fresh()
    often = login(store, "zoe")  # one user with many logins, which may fill a page or two
    records = [
        *(login(store, f"user{number}") for number in range(MANY)),
        *(without_grant(store, f"guest{number}") for number in range(4)),
        *(nth_login(often, number) for number in range(MANY // 2)),
    ]
    store.given(*records)
    _must_be_listed(store, records)
    _lists_relatives(store.fresh())


def _must_be_listed(store: Subject, records: list[Record]) -> None:
    listed = store.answer("get_tokens")
    if not isinstance(listed, list):
        raise ClauseFailed("a list", str(store.said(listed)))
    contents.are(
        [kept(store, store.read_whole(token)) for token in listed],
        *(kept(store, record) for record in records),
    )


def _lists_relatives(store: Subject) -> None:
    """Check that each login that is found is listed, even if some share a user, client or access
    token, or have no refresh token or client secret.
    """
    anna = login(store, "anna")
    client = anna.only("client_id", "client_secret")
    other = anna.but(client_id="other.client", access_token=zoho_token("other.access"))
    bert = login(store, "bert").updated_by(client)
    carl = login(store, "carl").updated_by(anna.only("access_token"))
    again = anna.but(grant_token=None, refresh_token=zoho_token("anna.by.refresh"))
    records = [anna, other, bert, carl, again.but(access_token=zoho_token("anna.again"))]
    if store.door.by_id:
        records = [each.but(id=f"python_relative_{n}") for n, each in enumerate(records)]
    store.given(*records, verified=False)
    lacking = [*by_grant_alone(store, "dora"), *without_secret(store, "emil")]
    records += [each for each in lacking if not store.try_request(store.door.to_save(each)).error]
    listed = [kept(store, each) for each in map(store.read_whole, store.answer("get_tokens"))]
    for record in records:
        answers = [found(store, query) for query in queries(record).values()]
        is_stored = all(each and _is_of(each, record) for each in answers)
        if is_stored and kept(store, record) not in listed:
            raise ClauseFailed(
                f"{kept(store, record)} in what get_tokens lists",
                "a list without it",
                claim=_is_listed(kept(store, record), "say(store.get_tokens)"),
            )


def _is_of(found: Record, record: Record) -> bool:
    """Whether it is that login, without the grant token of another. SAVE-25 is about the latter."""
    is_own = found.grant_token in (None, record.grant_token)
    return is_own and found.access_token == record.access_token


@check("LIST-3")
def lists_refresh_tokens(store: Subject) -> None:
    """A listed token that has a grant token has its refresh token too."""
    records = [login(store, "anna"), without_grant(store, "bert"), login(store, "carl")]
    for number, record in enumerate(records, start=1):
        store.given(record)
        saved = [each.only(*KEPT) for each in records[:number]]
        try:
            contents.are([each.only(*KEPT) for each in contents.readable(store)], *saved)
        except ClauseFailed as failure:
            failure.claim = " and ".join(map(_is_listed, saved))
            raise


def _is_listed(record: Record, listed: str = "answer") -> str:
    """Return Python that is true in a script if a listing has these values in it."""
    return f"any({contents.has('each', record)} for each in {listed})"
