"""Token stores to copy into a project: each file stands alone. See the README beside this file.

The stores of the six-method generation can also be imported from here, once the SDK is installed:

    from reference_stores import InMemoryStore, ListStore, SQLiteStore

So can SQLAlchemyStore, RedisStore, DynamoDBStore, SecretsManagerStore and EncryptedStore, once
their libraries are installed. But not DjangoStore: its models must belong to an app of yours, so
copy its file into one.

Those of the five-method generation are in ``reference_stores.zcrmsdk``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .zohocrmsdk.dynamodb_store import DynamoDBStore
    from .zohocrmsdk.encrypted_store import EncryptedStore
    from .zohocrmsdk.list_store import ListStore
    from .zohocrmsdk.memory_store import InMemoryStore
    from .zohocrmsdk.redis_store import RedisStore
    from .zohocrmsdk.secrets_manager_store import SecretsManagerStore
    from .zohocrmsdk.sqlalchemy_store import SQLAlchemyStore
    from .zohocrmsdk.sqlite_store import SQLiteStore

__all__ = [
    "DynamoDBStore",
    "EncryptedStore",
    "InMemoryStore",
    "ListStore",
    "RedisStore",
    "SQLAlchemyStore",
    "SQLiteStore",
    "SecretsManagerStore",
]

_MODULES = {
    "DynamoDBStore": ".zohocrmsdk.dynamodb_store",
    "EncryptedStore": ".zohocrmsdk.encrypted_store",
    "InMemoryStore": ".zohocrmsdk.memory_store",
    "ListStore": ".zohocrmsdk.list_store",
    "RedisStore": ".zohocrmsdk.redis_store",
    "SQLAlchemyStore": ".zohocrmsdk.sqlalchemy_store",
    "SQLiteStore": ".zohocrmsdk.sqlite_store",
    "SecretsManagerStore": ".zohocrmsdk.secrets_manager_store",
}


def __getattr__(name: str) -> Any:
    """Import a store when it is first asked for, so that this package needs no SDK."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
