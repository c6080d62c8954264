"""FIND-18 and 20: what a find returns."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.contents import has
from tokenstore_conformance.checks.zcrmsdk.lacking import by_grant_alone, those_kept
from tokenstore_conformance.checks.zcrmsdk.samples import TO_USE, carries, queries, three_logins
from tokenstore_conformance.failures import named
from tokenstore_conformance.records import Record, zoho_token
from tokenstore_conformance.subject import Subject


@check("FIND-18")
def gives_what_the_sdk_needs(store: Subject) -> None:
    """The token that is found has access token, expiry and refresh token. It is either the token
    that was passed, with these filled, or a new one that also has client id, client secret and
    grant token.
    """
    for record in three_logins(store):
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
            given = named(request.token, store.calls)
            carries(
                read,
                wanted,
                names,
                f"a new token, found by {way}, fit to be saved again",
                claim=f"answer is {given} or {has('answer', wanted)}",
            )
    for record in those_kept(store, *by_grant_alone(store, "dora")):
        (query,) = queries(record).values()
        read = store.find(query)
        is_it = read is not None and read.access_token == record.access_token
        if is_it:  # else FIND-16 is about that
            carries(read, record, TO_USE, "found by grant token, a login without a refresh token")


OLD = Record(access_token="old.access", expires_in="1767225600000")
"""What a program still has of a login that another program has refreshed since."""


@check("FIND-20")
def brings_the_stored_access_token(store: Subject) -> None:
    """If a query has an old access token, expiry or refresh token, the token that is found has the
    stored ones.
    """
    for record in three_logins(store):
        for way, query in queries(record).items():
            olds = [OLD, OLD.only("access_token"), OLD.only("expires_in")]
            stored = store.find(query)
            is_kept = stored is not None and stored.refresh_token == record.refresh_token
            if query.refresh_token is None and is_kept:  # then it is not part of the key
                olds.append(Record(refresh_token=zoho_token("of.yesterday")))
            for own in olds:
                found = store.find(query.updated_by(own))
                if found is not None:  # FIND-16 and FIND-17 are about that
                    names = ["access_token", "expires_in"]
                    names += ["refresh_token"] if own.refresh_token else []
                    what = f"found by {way}, with old values in the query"
                    carries(found, record, tuple(names), what)
