"""The reference stores over AWS's services, on moto or another server that stands for AWS.

``AWS_ENDPOINT_URL``, a variable of boto3, names the server. Without it, the kit starts moto for
each run. The server is never AWS itself: a run makes some 50,000 requests, and each costs money.
"""

from __future__ import annotations

import abc
import contextlib
import functools
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from tokenstore_conformance.contract import CAPABILITIES
from tokenstore_conformance.harness import Harness
from tokenstore_conformance.target.bundled import moto_proxy
from tokenstore_conformance.target.bundled.database import NoServer
from tokenstore_conformance.target.bundled.on_server import installed
from tokenstore_conformance.target.bundled.servers import START

PROXY: Final = "TOKENSTORE_AWS_PROXY"
"""The environment variable with the URL of this run's proxy, for all processes of the run."""

_CLIENT: Final = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}
"""Settings that boto3 requires and moto ignores."""


class OnAWS(Harness):
    """A harness with a table, or a secret, for each storage."""

    capabilities = CAPABILITIES
    extra: ClassVar[str]
    """What to install: an extra of this distribution."""

    @classmethod
    @contextmanager
    def session(cls) -> Iterator[None]:
        """Run a proxy in front of the server, for the whole run: see `moto_proxy`."""
        with contextlib.ExitStack() as ending:
            for name, value in _CLIENT.items():
                os.environ.setdefault(name, value)
            server = _server()
            if server is not None:
                os.environ[PROXY] = ending.enter_context(_open_proxy(*server))
            yield

    @abc.abstractmethod
    def create(self, url: str) -> None:
        """Make the place of the storage on the server."""

    @abc.abstractmethod
    def store(self, url: str) -> Any:
        """Return a store over that place."""

    @abc.abstractmethod
    def drop(self, url: str) -> None:
        """Remove the place."""

    def set_up(self) -> None:
        with installed(self.extra):
            self.create(_proxy())

    def open(self) -> Any:
        with installed(self.extra):
            return self.store(_proxy())

    def close(self, store: Any) -> None:
        """Do nothing: all stores of a process share the connections."""

    def tear_down(self) -> None:
        self.drop(_proxy())

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Have the proxy cut each connection on which a request names the storage."""
        _tell_proxy(f"/shut/{self.namespace}")
        yield
        _tell_proxy(f"/open/{self.namespace}")


def _server() -> tuple[str, ...] | None:
    """Return the arguments for the proxy: a URL, or () for moto. None if there is no server."""
    url = os.environ.get("AWS_ENDPOINT_URL")
    if not url:
        return () if find_spec("moto") else None
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), 2).close()
    except OSError:
        return None
    return (url,)


@contextmanager
def _open_proxy(*arguments: str) -> Iterator[str]:
    """Run a proxy with these arguments until the block ends. Yield its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", moto_proxy.__name__, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


def _proxy() -> str:
    if PROXY in os.environ:
        return os.environ[PROXY]
    if url := os.environ.get("AWS_ENDPOINT_URL"):
        raise NoServer(f"no server answers at {url}; start one: {START}")
    raise NoServer(
        "there is no moto server to judge it on; pip install 'moto[server]', and it is started for "
        "each run, or name one: AWS_ENDPOINT_URL=http://127.0.0.1:5000"
    )


def _tell_proxy(path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(_proxy()).netloc, timeout=60)
    connection.request("PUT", path)
    connection.getresponse().read()
    connection.close()


@functools.cache
def client_of(service: str, url: str) -> Any:
    """Return a client that makes and removes places."""
    import boto3

    return boto3.session.Session().client(service, endpoint_url=url)


class DynamoDB(OnAWS):
    """The store over DynamoDB, in a table of its own."""

    extra = "dynamodb"

    def create(self, url: str) -> None:
        self.store(url).create_table()

    def store(self, url: str) -> Any:
        from reference_stores.zohocrmsdk.dynamodb_store import DynamoDBStore

        return DynamoDBStore(self.namespace, endpoint_url=url)

    def drop(self, url: str) -> None:
        client_of("dynamodb", url).delete_table(TableName=self.namespace)


class SecretsManager(OnAWS):
    """The store over Secrets Manager, in a secret of its own."""

    extra = "secrets-manager"

    def create(self, url: str) -> None:
        self.store(url).create_secret()

    def store(self, url: str) -> Any:
        from reference_stores.zohocrmsdk.secrets_manager_store import SecretsManagerStore

        return SecretsManagerStore(self.namespace, endpoint_url=url)

    def drop(self, url: str) -> None:
        client_of("secretsmanager", url).delete_secret(
            SecretId=self.namespace, ForceDeleteWithoutRecovery=True
        )
