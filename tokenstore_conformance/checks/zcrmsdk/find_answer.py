"""FIND-18: what a find returns."""

from __future__ import annotations

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.zcrmsdk.cast import TO_USE, carries, queries, three_logins
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
            carries(read, wanted, names, f"a new token, found by {way}, fit to be saved again")
