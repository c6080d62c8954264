"""SAVE-2 to 7: which record a save updates, and when it adds one."""

from __future__ import annotations

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.samples import (
    ANNA,
    BERT,
    BESIDE_GRANT,
    BESIDE_REFRESH,
    BY_ACCESS,
    BY_GRANT,
    BY_REFRESH,
    CARL,
    CREDENTIALS,
    CROWD,
    LATER,
    OFTEN,
    ONLY_REFRESH,
    person,
)
from tokenstore_conformance.checks.zohocrmsdk.samples import (
    FRESH,
    SHARES_ACCESS,
    SHARES_REFRESH,
    keys_of,
    refreshed,
)
from tokenstore_conformance.failures import CannotJudge, ClauseFailed
from tokenstore_conformance.records import Record, zoho_token, zoho_user
from tokenstore_conformance.subject import Subject


@check("SAVE-2")
def updates_by_user(store: Subject) -> None:
    """A token with a known user name updates the record of that user. The user has one record."""
    store.given(BERT, ANNA, ONLY_REFRESH)

    store.save(refreshed(ANNA))
    contents.holds(store, BERT, refreshed(ANNA), ONLY_REFRESH)

    second_login = Record(
        user=zoho_user("anna"),
        refresh_token=zoho_token("anna.second.refresh"),
        access_token=zoho_token("second"),
    )
    store.save(second_login)
    contents.holds(store, BERT, refreshed(ANNA).updated_by(second_login), ONLY_REFRESH)

    store.save(ONLY_REFRESH.updated_by(FRESH))
    contents.holds(
        store, BERT, refreshed(ANNA).updated_by(second_login), ONLY_REFRESH.updated_by(FRESH)
    )

    store = store.fresh()
    store.given(BERT)
    for number in range(OFTEN):  # a store may act differently at every tenth save
        again = ANNA.but(access_token=zoho_token(f"access.often.{number}"))
        store.save(again)
        contents.holds(store, BERT, again)


@check("SAVE-3")
def updates_by_access_token(store: Subject) -> None:
    """A token with a known access token, no user and no client credentials updates the record with
    that access token, whatever id the token has. There is one record for it.
    """
    store.given(BERT, BY_ACCESS, ANNA)

    again = BY_ACCESS.but(expires_in=LATER, redirect_url="https://again.example")
    store.save(again)
    contents.holds(store, BERT, again, ANNA)

    store.save(ANNA.only("access_token").but(expires_in=LATER))
    contents.holds(store, BERT, again, ANNA.but(expires_in=LATER))

    _whatever_its_id(store, "access token", BY_ACCESS, BY_REFRESH)


@check("SAVE-4")
def updates_by_grant_token(store: Subject) -> None:
    """A token with client credentials, a known grant token and no user updates the record with that
    grant token, whatever id the token has. There is one record for it.
    """
    store.given(BESIDE_GRANT, BY_GRANT, BERT)

    again = BY_GRANT.only(*CREDENTIALS, "grant_token").updated_by(FRESH)
    store.save(again.but(refresh_token=zoho_token("grace.refresh")))
    grace = BY_GRANT.updated_by(again).but(refresh_token=zoho_token("grace.refresh"))
    contents.holds(store, BESIDE_GRANT, grace, BERT)

    store.save(BERT.only(*CREDENTIALS, "grant_token").but(access_token=zoho_token("bert.second")))
    bert = BERT.but(access_token=zoho_token("bert.second"))
    contents.holds(store, BESIDE_GRANT, grace, bert)

    _whatever_its_id(store, "grant token", BY_GRANT, BY_ACCESS)


@check("SAVE-5")
def updates_by_refresh_token(store: Subject) -> None:
    """A token with client credentials, a known refresh token, no user and no grant token updates
    the record with that refresh token, whatever id the token has. There is one record for it.
    """
    store.given(BESIDE_REFRESH, BY_REFRESH, BERT)

    again = BY_REFRESH.only(*CREDENTIALS, "refresh_token").updated_by(FRESH)
    store.save(again)
    contents.holds(store, BESIDE_REFRESH, refreshed(BY_REFRESH), BERT)

    store.save(BERT.only(*CREDENTIALS, "refresh_token").but(access_token=zoho_token("bert.second")))
    bert = BERT.but(access_token=zoho_token("bert.second"))
    contents.holds(store, BESIDE_REFRESH, refreshed(BY_REFRESH), bert)

    _whatever_its_id(store, "refresh token", BY_REFRESH, BY_ACCESS)


def _whatever_its_id(store: Subject, way: str, record: Record, other: Record) -> None:
    """Check that the key decides before the id. What happens to the record with that id is open."""
    for whose in ("an unknown id", "the id of another record"):
        store = store.fresh()
        *_, stored = store.given(BERT, record, other)
        id = "no-such-id" if whose == "an unknown id" else stored.id
        if id is None:
            return  # SAVE-10 is about that
        store.save(keys_of(record)[way].but(id=id, expires_in=LATER))
        contents.has_one(
            store.records(),
            record.only(way.replace(" ", "_")),
            Record(expires_in=LATER),
            whose=f"with that {way}",
            after=whose,
        )


@check("SAVE-6", generation="zohocrmsdk")
def keeps_users_of_one_client_apart(store: Subject) -> None:
    """Different users have separate records, even if they share client credentials or tokens. The
    whole user name decides: the same email with another organisation id is another user, and so is
    another email with the same organisation id, or at another domain.
    """
    client = ANNA.only(*CREDENTIALS, "redirect_url", "api_domain")
    users = [each.updated_by(client) for each in (ANNA, BERT, CARL)]

    store.given(users[0])
    for number, user in enumerate(users[1:], start=2):
        store.save(user)
        contents.has_added(store, *users[:number])

    store.save(refreshed(users[1]))
    contents.leaves_others(store, [users[0], users[2]], refreshed(users[1]))

    for other in (SHARES_REFRESH, SHARES_ACCESS):
        for one, another in ((ANNA, other), (other, ANNA)):
            store = store.fresh()
            store.given(one, another)
            store.save(refreshed(one))
            contents.leaves_others(store, [another], refreshed(one))

    store = store.fresh()
    _keeps_many(store, client)

    store = store.fresh()
    names = ("ann@one.example:60001", "ann@one.example:60002", "ann@two.example:60001")
    users = [ANNA.but(user=name, access_token=zoho_token(f"access of {name}")) for name in names]
    store.given(users[0])
    for number, user in enumerate(users[1:], start=2):
        store.save(user)
        contents.has_added(store, *users[:number])


def _keeps_many(store: Subject, client: Record) -> None:
    """Save many users of one client. SAVE-14 is about whether each new one can be saved."""
    saved: list[Record] = []
    for number in range(store.room_for(CROWD)):
        user = person(f"user{number}").updated_by(client)
        if store.try_request(store.door.to_save(user)).error is not None:
            break
        saved.append(user)
    try:
        contents.has_added(store, *saved)
    except ClauseFailed as failure:
        why = "a save may have taken the place of another record"
        raise CannotJudge(why, "SAVE-14", otherwise=failure) from failure


@check("SAVE-7")
def saves_by_the_highest_rule(store: Subject) -> None:
    """A save matches by user first, then by access token, then by grant or refresh token. A record
    that only a later rule would match stays as it is.
    """
    cases = {
        "user before access token": ANNA.only("user").but(access_token=zoho_token("bert.access")),
        "user before grant token": ANNA.only("user", *CREDENTIALS).but(
            grant_token=zoho_token("bert.grant")
        ),
        "user before refresh token": ANNA.only("user", *CREDENTIALS).but(
            refresh_token=zoho_token("bert.refresh")
        ),
        "access token before refresh token": ANNA.only("access_token").but(
            refresh_token=zoho_token("bert.refresh")
        ),
        "access token before grant token": ANNA.only("access_token").but(
            grant_token=zoho_token("bert.grant")
        ),
    }
    for token in cases.values():
        store = store.fresh()
        store.given(BERT, ANNA)
        store.save(token)
        contents.has_updated(store, ANNA.updated_by(token), BERT)

    # With client credentials, the key is the refresh token, not the access token.
    store = store.fresh()
    store.given(ANNA, BERT)
    token = BERT.only(*CREDENTIALS, "refresh_token").but(access_token=zoho_token("anna.access"))
    store.save(token)
    contents.has_updated(store, BERT.updated_by(token), ANNA)

    # A higher rule that finds no record does not fall through to a lower one.
    for record in (BY_REFRESH, BY_GRANT, BY_ACCESS):
        store = store.fresh()
        store.given(record)
        token = record.but(user=zoho_user("dora"))
        store.save(token)
        contents.has_added(store, record, token)
    for token in (
        ANNA.but(user=zoho_user("dora")),
        ANNA.only("access_token").but(user=zoho_user("dora")),
        ANNA.only("refresh_token").but(access_token=zoho_token("another.access")),
        ANNA.only("grant_token").but(access_token=zoho_token("another.access")),
    ):
        store = store.fresh()
        store.given(BERT, ANNA)
        store.save(token)
        contents.has_added(store, BERT, ANNA, token)
