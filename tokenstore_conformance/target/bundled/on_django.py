"""Sets Django up with a database for each storage, and without a project."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tokenstore_conformance.target.bundled.database import DatabaseUnavailable

APP: Final = "reference_stores.zohocrmsdk"
"""The app that the models of the store belong to."""

_ENGINES: Final = {
    "postgresql": "django.db.backends.postgresql",
    "mysql": "django.db.backends.mysql",
    "mariadb": "django.db.backends.mysql",
}

_HERE: Final = ("127.0.0.1", "::1", "localhost")
"""Hosts for which PyMySQL need not prepare TLS. That would take 40 ms for each connection, and
threads open one for each call."""


def at_url(url: str) -> dict[str, Any]:
    """Return Django's settings for the database at a URL such as ``postgresql+psycopg://...``."""
    parts = urlsplit(url)
    engine = _ENGINES.get(parts.scheme.partition("+")[0])
    if engine is None:
        raise DatabaseUnavailable(
            "the store over Django needs a database; name one in TOKENSTORE_URL"
        )
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if engine == _ENGINES["mysql"] and _stands_in_for_mysqlclient() and parts.hostname in _HERE:
        options = {"ssl_disabled": True, **options}
    return {
        "ENGINE": engine,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def on_file(path: Path) -> dict[str, Any]:
    """Return Django's settings for a SQLite database."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}


def add_database(alias: str, database: dict[str, Any]) -> None:
    """Set Django up, and register a database with it. Raises `DatabaseUnavailable`."""
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import connections

    if not settings.configured:
        settings.configure(INSTALLED_APPS=[APP], LOGGING_CONFIG=None)
        django.setup()
    if not apps.ready or not apps.is_installed(APP):
        raise DatabaseUnavailable(
            "Django is set up already, for a project of yours; add -p no:django, or leave "
            "DJANGO_SETTINGS_MODULE out. To judge the store in your project: docs/django.md"
        )
    connections.settings.setdefault(alias, {**connections.settings["default"], **database})


def create_tables(alias: str) -> None:
    """Create the tables, as ``manage.py migrate`` does in a project."""
    from django.db import connections

    from reference_stores.zohocrmsdk.django_store import ZohoToken, ZohoTokenTurn

    with connections[alias].schema_editor() as editor:
        for model in (ZohoToken, ZohoTokenTurn):
            editor.create_model(model)
    connections[alias].close()


def connect(alias: str) -> None:
    """Open the connection of this thread, as in a request. Other threads have none.

    So the kit judges the store with a connection that stays open, and with one for each call.
    """
    from django.core.exceptions import SynchronousOnlyOperation
    from django.db import Error, connections

    with suppress(Error, SynchronousOnlyOperation):  # in an outage; in a coroutine
        connections[alias].ensure_connection()


def remove_database(alias: str) -> None:
    """Close the connection of this thread, and remove the database from Django."""
    from django.db import connections

    if alias in connections.settings:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def _stands_in_for_mysqlclient() -> bool:
    """Whether Django uses PyMySQL in place of mysqlclient, the only driver that it knows."""
    try:
        return "pymysql" in import_module("MySQLdb").__name__
    except ImportError:
        import_module("pymysql").install_as_MySQLdb()
        return True
