"""The stand-in answers as Zoho does, records its requests, and stops when it is told to."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tokenstore_conformance.sdk.stand_in import Service, StandIn

Answer = tuple[int, dict[str, Any]]


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


def ask(stand_in: StandIn, method: str, path: str, access: str = "", **form: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(stand_in.url).netloc, timeout=5)
    headers = {"Authorization": f"Zoho-oauthtoken {access}"} if access else {}
    try:
        connection.request(method, path, urlencode(form), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def exchange(stand_in: StandIn, code: str) -> Answer:
    form = {"grant_type": "authorization_code", "code": code}
    return ask(stand_in, "POST", "/oauth/v2/token", **form)


def refresh(stand_in: StandIn, token: str) -> Answer:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return ask(stand_in, "POST", "/oauth/v2/token", **form)


def revoke(stand_in: StandIn, token: str) -> Answer:
    return ask(stand_in, "POST", "/oauth/v2/token/revoke", token=token)


class TestTokens:
    def test_a_grant_gives_both_tokens(self, stand_in: StandIn) -> None:
        """A grant token is exchanged for an access token and the login's refresh token."""
        stand_in.add_login("ann@stand-in.example", grant="grant", refresh="refresh")

        status, answer = exchange(stand_in, "grant")

        assert (status, answer) == (
            200,
            {
                "access_token": "access-1-of-ann@stand-in.example",
                "refresh_token": "refresh",
                "api_domain": "https://api.stand-in.example",
                "token_type": "Bearer",
                "expires_in": 3600,
            },
        )

    def test_a_refresh_token_gives_an_access_token_alone(self, stand_in: StandIn) -> None:
        """Each refresh gives a new access token, and no refresh token."""
        stand_in.add_login("ann@stand-in.example", refresh="refresh")

        answers = [refresh(stand_in, "refresh")[1] for _ in range(2)]

        assert [answer["access_token"] for answer in answers] == [
            "access-1-of-ann@stand-in.example",
            "access-2-of-ann@stand-in.example",
        ]
        assert "refresh_token" not in answers[0]

    def test_the_lifetime_can_be_set(self, stand_in: StandIn) -> None:
        """A test can have tokens issued that have expired already."""
        stand_in.add_login("ann@stand-in.example", refresh="refresh")
        stand_in.lifetime = -1

        assert refresh(stand_in, "refresh")[1]["expires_in"] == -1

    def test_a_grant_is_good_once(self, stand_in: StandIn) -> None:
        """The second exchange of a grant token is refused."""
        stand_in.add_login("ann@stand-in.example", grant="grant")
        exchange(stand_in, "grant")

        assert exchange(stand_in, "grant") == (400, {"error": "invalid_code"})

    @pytest.mark.parametrize("asking", [exchange, refresh])
    def test_an_unknown_token_is_refused(self, stand_in: StandIn, asking: Any) -> None:
        """A token that no login has is an invalid code."""
        assert asking(stand_in, "unknown") == (400, {"error": "invalid_code"})

    def test_a_revoked_token_ends_the_login(self, stand_in: StandIn) -> None:
        """After a revoke, neither the refresh token nor its access tokens work."""
        stand_in.add_login("ann@stand-in.example", refresh="refresh", access="access")

        revoked = revoke(stand_in, "refresh")

        assert revoked == (200, {"status": "success"})
        assert refresh(stand_in, "refresh")[0] == 400
        assert ask(stand_in, "GET", "/crm/v8/users", "access")[0] == 401

    def test_revoking_the_unknown_fails(self, stand_in: StandIn) -> None:
        """Revoking a token that no login has does not succeed."""
        assert revoke(stand_in, "unknown")[0] == 400


class TestUsers:
    @pytest.mark.parametrize("version", ["v2", "v2.1", "v5", "v8", "v12"])
    def test_the_access_token_says_who(self, stand_in: StandIn, version: str) -> None:
        """User and organisation are those of the login that the access token came from."""
        stand_in.add_login("ann@stand-in.example", access="access-ann")
        name = stand_in.add_login("bob@stand-in.example", access="access-bob", org="7")

        user = ask(stand_in, "GET", f"/crm/{version}/users?type=CurrentUser", "access-bob")[1]
        org = ask(stand_in, "GET", f"/crm/{version}/org", "access-bob")[1]

        assert f"{user['users'][0]['email']}:{org['org'][0]['zgid']}" == name

    @pytest.mark.parametrize("access", ["", "unknown"])
    @pytest.mark.parametrize("path", ["/crm/v8/users", "/crm/v8/org"])
    def test_nobody_is_nobody(self, stand_in: StandIn, path: str, access: str) -> None:
        """A request without a valid access token gets an error, and no user."""
        status, answer = ask(stand_in, "GET", path, access)

        assert (status, answer["code"], answer["status"]) == (401, "INVALID_TOKEN", "error")


class TestFailing:
    @pytest.mark.parametrize(
        ("service", "expected"),
        [
            pytest.param("token", [500, 200, 200, 200], id="token"),
            pytest.param("users", [200, 401, 200, 200], id="users"),
            pytest.param("org", [200, 200, 401, 200], id="organisation"),
            pytest.param("revoke", [200, 200, 200, 500], id="revoke"),
        ],
    )
    def test_one_service_alone(
        self, stand_in: StandIn, service: Service, expected: list[int]
    ) -> None:
        """A service that was told to fail fails; the others still work."""
        stand_in.add_login("ann@stand-in.example", refresh="refresh", access="access")

        with stand_in.failing(service):
            answers = [
                refresh(stand_in, "refresh"),
                ask(stand_in, "GET", "/crm/v8/users", "access"),
                ask(stand_in, "GET", "/crm/v8/org", "access"),
                revoke(stand_in, "refresh"),
            ]

        assert [status for status, _ in answers] == expected

    def test_only_inside(self, stand_in: StandIn) -> None:
        """After the block, the service works again."""
        stand_in.add_login("ann@stand-in.example", refresh="refresh")

        with stand_in.failing("token"):
            pass

        assert refresh(stand_in, "refresh")[0] == 200


class TestRequests:
    def test_are_kept_as_they_came(self, stand_in: StandIn) -> None:
        """Method, path, query, form and authorization of each request can be looked up."""
        ask(stand_in, "POST", "/oauth/v2/token?page=1", "access", code="a b&c", empty="")

        (request,) = stand_in.requests
        assert (request.service, request.method, request.path) == (
            "token",
            "POST",
            "/oauth/v2/token",
        )
        assert (request.query, request.form) == ({"page": "1"}, {"code": "a b&c", "empty": ""})
        assert request.authorization == "Zoho-oauthtoken access"

    def test_read_well_in_a_message(self, stand_in: StandIn) -> None:
        """A request is one line: what, where, and with which fields."""
        refresh(stand_in, "refresh-ann")

        assert str(stand_in.requests[0]) == (
            "POST /oauth/v2/token grant_type=refresh_token&refresh_token=refresh-ann"
        )

    def test_by_service(self, stand_in: StandIn) -> None:
        """One call tells which tokens were refreshed, another which were revoked."""
        exchange(stand_in, "grant")
        refresh(stand_in, "refresh-ann")
        revoke(stand_in, "refresh-bob")

        assert len(stand_in.asked("token")) == 2
        assert stand_in.refreshed() == ["refresh-ann"]
        assert stand_in.revoked() == ["refresh-bob"]

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/"), ("PUT", "/crm/v8/users"), ("GET", "/crm/v8/Leads"), ("GET", "/crm/v8/orgs")],
    )
    def test_to_anywhere_else_are_refused_and_kept(
        self, stand_in: StandIn, method: str, path: str
    ) -> None:
        """The stand-in answers what it does not know with 404, and records it."""
        status, _ = ask(stand_in, method, path)

        assert (status, [each.service for each in stand_in.requests]) == (404, ["unknown"])

    def test_reset_forgets(self, stand_in: StandIn) -> None:
        """After a reset, there are no requests and no logins, and tokens count from 1 again."""
        stand_in.add_login("ann@stand-in.example", refresh="refresh")
        refresh(stand_in, "refresh")
        stand_in.lifetime = -1

        stand_in.reset()

        assert (stand_in.requests, stand_in.lifetime) == ([], 3600)
        assert refresh(stand_in, "refresh")[0] == 400


class TestTheEnd:
    def test_leaves_no_thread(self) -> None:
        """The server's thread is gone when the stand-in is closed."""
        before = threading.enumerate()

        with StandIn() as stand_in:
            exchange(stand_in, "grant")

        assert threading.enumerate() == before

    def test_leaves_no_port(self) -> None:
        """Nothing answers at the address any more."""
        with StandIn() as stand_in:
            address = urlsplit(stand_in.url)

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5)
