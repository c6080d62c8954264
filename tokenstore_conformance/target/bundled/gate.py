"""A server that stands for AWS: ``python -m <this module>`` is moto, or the one at a URL behind it.

It adds two things that DynamoDB has and moto lacks:

- One request at a time. moto's own server answers each in a thread and locks nothing, so that two
  conditional writes can both succeed, and a transaction that is rolled back takes others along.
- An outage of one storage while others go on: after ``PUT /shut/<name>`` it cuts each connection on
  which a request has the name, until ``PUT /open/<name>``.

The first line of its output is its port. It ends when its input does, so that it outlives no run.
"""

from __future__ import annotations

import copy
import http.client
import io
import os
import socket
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import IO, Any, Final, cast
from urllib.parse import urlsplit
from wsgiref.handlers import SimpleHandler
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

KEPT: Final = ("authorization", "content-type", "x-amz-target", "x-amz-date")
"""The headers of a request that a server needs."""


class Gate:
    """An application that lets requests through to another, but for those that it cuts."""

    def __init__(self, behind: Application) -> None:
        self._behind = behind
        self._shut: set[bytes] = set()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT":
            _, command, name = environ["PATH_INFO"].split("/")
            (self._shut.add if command == "shut" else self._shut.discard)(name.encode())
            start_response("204 No Content", [])
            return []
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if any(name in body for name in self._shut):
            environ["gate.connection"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError
        environ["wsgi.input"] = io.BytesIO(body)
        return self._behind(environ, start_response)


def server_at(url: str) -> Application:
    """The server at a URL."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection

    def ask(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = {name: environ.get(_key(name), "") for name in KEPT}
        connection = kind(parts.hostname or "", parts.port, timeout=60)
        connection.request("POST", "/", environ["wsgi.input"].read(), headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        shown = [
            each for each in answer.getheaders() if each[0].lower().startswith(("x-", "content-"))
        ]
        start_response(f"{answer.status} {answer.reason}", shown)
        return [body]

    return ask


def _key(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_TYPE" else f"HTTP_{name}"


def moto() -> Application:
    """moto, in this process, less two things that make it slow and large."""
    from moto.core.common_models import BaseModel
    from moto.dynamodb.models.table import Table
    from moto.moto_server.werkzeug_app import create_backend_app

    # For its dashboard it keeps each object that it ever made.
    BaseModel.__new__ = _made  # type: ignore[assignment]
    # Before each transaction it copies every value of the table, lest it has to go back.
    Table.__deepcopy__ = _copy_of_table  # type: ignore[attr-defined]
    services = {name: create_backend_app(name) for name in ("dynamodb", "secretsmanager")}

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        service = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0].lower()
        return services[service.partition("_")[0]](environ, start_response)

    return answer


def _made(kind: type, *_: object, **__: object) -> Any:
    return object.__new__(kind)


def _copy_of_table(table: Any, _: object) -> Any:
    """What a Put or a Delete changes of a table; an Update would change the items too."""
    copied = copy.copy(table)
    copied.items = defaultdict(dict, {key: dict(items) for key, items in table.items.items()})
    return copied


class _Handler(WSGIRequestHandler):
    timeout = 5  # of a client that says nothing
    wbufsize = 65536  # an answer is one packet
    application: Application

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if self.raw_requestline and self.parse_request():
            environ = {**self.get_environ(), "gate.connection": self.connection}
            ends = cast(IO[bytes], self.rfile), cast(IO[bytes], self.wfile)
            SimpleHandler(*ends, sys.stderr, environ).run(type(self).application)

    def log_message(self, *_: object) -> None:
        pass


class _Server(WSGIServer):
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A client is gone, or was cut."""


def main(urls: list[str]) -> None:
    _Handler.application = Gate(server_at(urls[0]) if urls else moto())
    server = _Server(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
