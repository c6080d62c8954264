"""FIND-6: queries that find nothing."""

from __future__ import annotations

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.zcrmsdk.samples import (
    found,
    login,
    queries,
    three_logins,
    without_grant,
)
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject


@check("FIND-6", generation="zcrmsdk")
def misses(store: Subject) -> None:
    """A query that matches no record returns None and raises nothing, for each kind of key, on an
    empty store and on a store with records.
    """
    for filled in (False, True):
        records = (
            three_logins(store) if filled else [login(store, "anna"), without_grant(store, "bert")]
        )
        nobody = login(store, "nobody")
        for record in records:
            for way, query in queries(record).items():
                field = way.replace(" ", "_")
                strangers = {
                    "another user": query.but(user=nobody.user),
                    "another client": query.but(client_id=nobody.client_id),
                    "the same name elsewhere": query.but(user=f"{_name_of(record)}@other.example"),
                    f"another {way}": query.but(**{field: "no.such.token"}),
                    f"SQL as {way}": query.but(**{field: "x' or '1'='1"}),
                }
                if field == "grant_token":
                    crossed = query.but(grant_token=None, refresh_token=record.grant_token)
                    strangers["a grant token as refresh token"] = crossed
                else:
                    crossed = query.but(grant_token=record.refresh_token, refresh_token=None)
                    strangers["a refresh token as grant token"] = crossed
                if not filled:
                    strangers["an empty store"] = query
                for what, stranger in strangers.items():
                    expect.nothing_found(store, stranger, what=f"{what}, by {way}", stored=records)
            query = record.only("user", "client_id", "client_secret")
            by_refresh = query.but(refresh_token=record.refresh_token)
            if found(store, by_refresh) is None:
                continue  # a record without a refresh token has what this query has
            answer = found(store, query)  # the store may refuse it: it has no key
            if answer is not None:
                what = "neither grant nor refresh token"
                shows = expect.answered(answer, query, records)
                raise ClauseFailed(f"None: {what}", str(answer), fault=Fault(shows=shows))


def _name_of(record: Record) -> str:
    """Return the part of the user's email before the @."""
    return str(record.user).partition("@")[0]
