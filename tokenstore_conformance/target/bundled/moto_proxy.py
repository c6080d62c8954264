"""A server that stands for AWS. It passes requests on to moto, or to the server at a URL.

``python -m <this module> [URL]`` runs it. It adds two things that DynamoDB has and moto lacks:

- One request at a time. moto's own server answers each request in a thread and locks nothing. So
  two conditional writes can both succeed, and a transaction that is rolled back undoes others.
- An outage of one storage while others continue. After ``PUT /shut/<name>`` the proxy cuts each
  connection on which a request has the name, until ``PUT /open/<name>``.

The first line of its output is its port. It ends when its input ends, so it does not outlive a run.
"""

from __future__ import annotations

import copy
import http.client
import os
import socket
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

Headers = Iterable[tuple[str, str]]
Server = Callable[[Mapping[str, str], bytes], tuple[int, Headers, bytes]]
"""Takes the headers and the body of a request. Returns a status, headers and a body."""

ASKED: Final = ("Authorization", "Content-Type", "X-Amz-Target", "X-Amz-Date")
"""The request headers that a server needs."""

ANSWERED: Final = ("content-type", "x-")
"""The prefixes of the response headers that a client needs."""


def server_at(url: str) -> Server:
    """Return the server at a URL."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection

    def answer(headers: Mapping[str, str], body: bytes) -> tuple[int, Headers, bytes]:
        connection = kind(parts.hostname or "", parts.port, timeout=60)
        connection.request("POST", "/", body, dict(headers))
        answered = connection.getresponse()
        received = answered.read()
        connection.close()
        return answered.status, answered.getheaders(), received

    return answer


def moto() -> Server:
    """Return moto, in this process, without two things that make it slow and large."""
    from moto.core.common_models import BaseModel
    from moto.dynamodb.models.table import Table
    from moto.moto_server.werkzeug_app import create_backend_app
    from werkzeug.test import Client

    # moto keeps every object that it ever made, for its dashboard.
    BaseModel.__new__ = _made  # type: ignore[assignment]
    # Before each transaction it copies every value of the table, to be able to roll back.
    Table.__deepcopy__ = _copy_of_table  # type: ignore[attr-defined]
    services = {
        "DynamoDB": Client(create_backend_app("dynamodb"), use_cookies=False),
        "secretsmanager": Client(create_backend_app("secretsmanager"), use_cookies=False),
    }

    def answer(headers: Mapping[str, str], body: bytes) -> tuple[int, Headers, bytes]:
        target = headers["X-Amz-Target"].partition(".")[0].partition("_")[0]
        answered = services[target].post("/", data=body, headers=dict(headers))
        return answered.status_code, answered.headers, answered.data

    return answer


def _made(kind: type, *_: object, **__: object) -> Any:
    return object.__new__(kind)


def _copy_of_table(table: Any, _: object) -> Any:
    """Copy what a Put or a Delete changes in a table. An Update would change the items, too."""
    copied = copy.copy(table)
    copied.items = defaultdict(dict)
    for key, items in table.items.items():  # without a sort key, each is an item
        copied.items[key] = dict(items) if isinstance(items, dict) else items
    return copied


class MotoProxy(BaseHTTPRequestHandler):
    """Passes requests on to the server, one at a time. Cuts the connections of shut storages."""

    server_behind: ClassVar[Server]
    turn: ClassVar[threading.Lock] = threading.Lock()
    shut: ClassVar[set[bytes]] = set()
    protocol_version = "HTTP/1.1"  # keeps connections open
    disable_nagle_algorithm = True
    wbufsize = 65536  # an answer is one packet

    def do_PUT(self) -> None:
        _, command, name = self.path.split("/")
        with self.turn:
            (self.shut.add if command == "shut" else self.shut.discard)(name.encode())
        self._send(204, (), b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        with self.turn:
            if any(name in body for name in self.shut):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            headers = {name: self.headers[name] for name in ASKED if name in self.headers}
            answer = type(self).server_behind(headers, body)
        self._send(*answer)

    def _send(self, status: int, headers: Headers, body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower().startswith(ANSWERED):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _ProxyServer(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Do nothing: the client is gone, or its connection was cut."""


def main(urls: list[str]) -> None:
    MotoProxy.server_behind = staticmethod(server_at(urls[0]) if urls else moto())
    server = _ProxyServer(("127.0.0.1", 0), MotoProxy)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
