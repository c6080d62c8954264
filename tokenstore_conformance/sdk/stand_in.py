"""A stand-in for Zoho on loopback: the accounts server, and the parts of the CRM that logins need.

It answers the four kinds of requests that the SDKs send: for a token (with a grant or a refresh
token), to revoke a refresh token, for the current user, and for the organisation. It answers as
Zoho does, in every API version, and remembers each request. A test says which user a grant or token
belongs to. What the stand-in makes up is the same in every run. It uses only the standard library,
no other module of the kit and no SDK.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

Service = Literal["token", "revoke", "users", "org", "unknown"]
Answer = tuple[int, dict[str, Any]]

API_DOMAIN: Final = "https://api.stand-in.example"
"""The API's address in the answers for tokens. It is made up: an SDK continues with the address
that it started with."""

_SERVICES: Final[dict[str, Service]] = {
    r"POST /oauth/v2/token": "token",
    r"POST /oauth/v2/token/revoke": "revoke",
    r"GET /crm/v[\d.]+/users": "users",
    r"GET /crm/v[\d.]+/org": "org",
}


@dataclass(frozen=True)
class HttpRequest:
    """One request, as it arrived."""

    service: Service
    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    authorization: str | None

    def __str__(self) -> str:
        fields = "&".join(f"{name}={value}" for name, value in {**self.query, **self.form}.items())
        return f"{self.method} {self.path} {fields}".rstrip()


@dataclass(frozen=True)
class _Login:
    email: str
    org: str
    refresh: str


class StandIn:
    """Zoho on 127.0.0.1, at a free port, from construction to `close`. Also a context manager.

    `lifetime` is how many seconds the next access tokens are valid. If negative, they are expired.
    """

    def __init__(self) -> None:
        self._requests: list[HttpRequest] = []
        self.reset()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.accounts_url = self.url + "/oauth/v2/token"
        # Poll often, because `close` waits for the next poll.
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.01,), name="stand-in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the server, and free the port and the thread."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reset(self) -> None:
        """Forget every login and request, as if newly made. The address stays the same."""
        self.lifetime = 3600
        self._requests.clear()
        self._grants: dict[str, _Login] = {}
        self._refreshes: dict[str, _Login] = {}
        self._accesses: dict[str, _Login] = {}
        self._issued = 0
        self._failing: set[Service] = set()

    def add_login(
        self,
        email: str,
        *,
        grant: str | None = None,
        refresh: str | None = None,
        access: str | None = None,
        org: str = "60001",
    ) -> str:
        """Add the tokens of a user's login. Return the name that the SDK gives to that user.

        A grant token works for one request, which returns the refresh token. A user may log in
        more than once.
        """
        login = _Login(email, org, refresh or f"refresh-of-{grant or email}")
        self._refreshes[login.refresh] = login
        if grant is not None:
            self._grants[grant] = login
        if access is not None:
            self._accesses[access] = login
        return f"{email}:{org}"

    @contextmanager
    def failing(self, *services: Service) -> Iterator[None]:
        """Inside, these services answer with the error that Zoho gives.

        "token" and "revoke" answer `general_error`. "users" and "org" answer that the token's scope
        is too small.
        """
        previous = self._failing
        self._failing = previous | set(services)
        try:
            yield
        finally:
            self._failing = previous

    @property
    def requests(self) -> list[HttpRequest]:
        """Every request so far, oldest first. A request is here before its answer is sent."""
        return list(self._requests)

    def asked(self, service: Service) -> list[HttpRequest]:
        """Return the requests to one service."""
        return [request for request in self._requests if request.service == service]

    def refreshed(self) -> list[str]:
        """Return the refresh tokens that were sent to get a new access token, in order."""
        return [r.form["refresh_token"] for r in self.asked("token") if "refresh_token" in r.form]

    def revoked(self) -> list[str]:
        """Return the tokens that were sent to be revoked, in order."""
        return [{**r.query, **r.form}.get("token", "") for r in self.asked("revoke")]

    def _answer(self, request: HttpRequest) -> Answer:
        """Record the request and return the answer. The server's thread does one at a time."""
        self._requests.append(request)
        if request.service == "token":
            return self._answer_token(request.form)
        if request.service == "revoke":
            return self._answer_revoke({**request.query, **request.form})
        return self._answer_crm(request)

    def _answer_token(self, form: Mapping[str, str]) -> Answer:
        if "token" in self._failing:
            return 500, {"error": "general_error"}
        granting = form.get("grant_type") == "authorization_code"
        if granting:
            login = self._grants.pop(form.get("code", ""), None)
        else:
            login = self._refreshes.get(form.get("refresh_token", ""))
        if login is None:
            return 400, {"error": "invalid_code"}

        self._issued += 1
        access = f"access-{self._issued}-of-{login.email}"
        self._accesses[access] = login
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": self.lifetime}
        refresh = {"refresh_token": login.refresh} if granting else {}
        return 200, {**answer, **refresh, "api_domain": API_DOMAIN}

    def _answer_revoke(self, fields: Mapping[str, str]) -> Answer:
        if "revoke" in self._failing:
            return 500, {"error": "general_error"}
        login = self._refreshes.pop(fields.get("token", ""), None)
        if login is None:
            return 400, {"error": "invalid_token"}
        self._accesses = {key: other for key, other in self._accesses.items() if other != login}
        return 200, {"status": "success"}

    def _answer_crm(self, request: HttpRequest) -> Answer:
        if request.service == "unknown":
            return _crm_error(404, "INVALID_URL_PATTERN")
        if request.service in self._failing:
            return _crm_error(401, "OAUTH_SCOPE_MISMATCH")
        login = self._accesses.get((request.authorization or "").partition("Zoho-oauthtoken ")[2])
        if login is None:
            return _crm_error(401, "INVALID_TOKEN")
        if request.service == "users":
            return 200, {"users": [{"id": "1", "email": login.email, "status": "active"}]}
        return 200, {"org": [{"id": "2", "zgid": login.org}]}


def _crm_error(status: int, code: str) -> Answer:
    message = code.lower().replace("_", " ")
    return status, {"code": code, "details": {}, "message": message, "status": "error"}


class _Server(TCPServer):
    """Handles one request at a time. Not `HTTPServer`, which asks the resolver for its own name."""

    request_queue_size = 128

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = 5  # seconds: a client that sends nothing must not block the others
    server: _Server

    def do_GET(self) -> None:
        self._respond()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _respond(self) -> None:
        status, body = self.server.stand_in._answer(self._read())
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _read(self) -> HttpRequest:
        address = urlsplit(self.path)
        what = f"{self.command} {address.path}"
        form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        return HttpRequest(
            service=next(
                (_SERVICES[path] for path in _SERVICES if re.fullmatch(path, what)), "unknown"
            ),
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            form=dict(parse_qsl(form, keep_blank_values=True)),
            authorization=self.headers.get("Authorization"),
        )

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing to stderr."""
