"""Tokens in a table of any database that Django knows, by its ORM.

    from shop.django_store import DjangoStore

    Initializer.initialize(environment=environment, token=token, store=DjangoStore())

Copy this file into an app of your project, here `shop`: it needs the SDK, lines 5 to 8, and Django
4.2 or later. Import its models in `shop/models.py`, and make their two tables:

    from .django_store import ZohoToken, ZohoTokenTurn  # noqa: F401

    python manage.py makemigrations shop && python manage.py migrate

What it promises, beyond the methods:

- One table serves all threads, processes and machines. Those that write take turns: each locks the
  row of `ZohoTokenTurn` first. Finds do not wait.
- A save that returned is committed, unless it is called within `transaction.atomic`, or in a view
  with ATOMIC_REQUESTS. It is committed or rolled back with that block then, and others wait to save
  until the block ends. A call that fails leaves the block as it was. If logins are to outlive a
  view that fails, make an alias of the server's database, for DjangoStore("tokens"):

      DATABASES["tokens"] = {**DATABASES["default"], "ATOMIC_REQUESTS": False}
      DATABASES["tokens"]["TEST"] = {"MIRROR": "default"}

- While the database is out of reach, every method raises `SDKException`. When it is back, so are
  the tokens: an open connection is tested before it is used. A forked child opens its own.
- In a coroutine, where Django refuses to work, a call runs in a thread with its own connection. The
  event loop waits for it; for `await sync_to_async(store.find_token)(token)` it does not.
- Values are compared exactly, although MySQL may take "ann", "Ann" and "ann " for the same.
- No message shows a value, nor does Django's page on an error. With DEBUG, its log of SQL does.

It leaves out, to stay short: replicas (name the alias of the primary); encryption; connections that
stay open in threads without requests, unless you set CONN_MAX_AGE; and a time limit for others if a
machine stops in the middle of a save.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections, models, transaction
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Values = dict[str, str]  # what a token carries, by field; nothing is blank
Work = Callable[[Any], Any]  # what is done with the rows

_FIELDS = (  # and the name of the user
    *("id", "client_id", "client_secret", "refresh_token", "access_token", "grant_token"),
    *("expires_in", "redirect_url", "api_domain"),
)
_KEYS = ("id", "user_name", "access_token", "grant_token", "refresh_token")


class ZohoToken(models.Model):
    """A row for each token: its values as JSON, and digests, by which alone it is looked up."""

    id_digest = models.CharField(max_length=64, primary_key=True)
    user_name_digest = models.CharField(max_length=64, null=True, unique=True)
    access_token_digest = models.CharField(max_length=64, null=True, db_index=True)
    grant_token_digest = models.CharField(max_length=64, null=True, db_index=True)
    refresh_token_digest = models.CharField(max_length=64, null=True, db_index=True)
    record = models.TextField()


class ZohoTokenTurn(models.Model):
    """One row, which every writer locks first."""

    number = models.IntegerField(primary_key=True)
    turn = models.BigIntegerField(default=0)


# Another was first, so try again: not serializable, deadlock, a row exists.
_RACES = ("40001", "40P01", "23505", 1213, 1020, 1062)
_aliases: set[str] = set()  # those of the stores
_inherited: list[Any] = []  # kept, since to close a connection of the parent would end it for both


def _leave_to_the_parent() -> None:
    """In a forked child, let Django forget the connections of its parent."""
    for connection in [connections[alias] for alias in _aliases.intersection(connections)]:
        if not (connection.vendor == "sqlite" and connection.is_in_memory_db()):
            pools = getattr(connection, "_connection_pools", {})
            _inherited.append((connection, pools.pop(connection.alias, None)))
            del connections[connection.alias]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)


class DjangoStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in a database of Django's.

    Args:
        using: the alias of the database in DATABASES.

    Every method may be called from any thread, also in a forked child, and raises SDKException,
    with the reason as its `cause`, when the database cannot answer.
    """

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        _aliases.add(connections[using].alias)  # raises if there is no such alias
        self._using = using

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Fill what `token` leaves blank from the record that it identifies; return it, or None.

        `token` itself is filled, since `OAuthToken.revoke` ignores what is returned.
        """
        record = self._run("The token cannot be found", lambda rows: _find(rows, _values(token)))
        return None if record is None else _filled(token, record)

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        record = self._run("The token cannot be found", lambda rows: _find(rows, {"id": id}))
        return None if record is None else _filled(OAuthToken(id=record["id"]), record)

    def save_token(self, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or add a new one.

        An update keeps the record's id, and whatever `token` leaves blank. The id of the record is
        set on `token`. A new token that could never be used is refused (`_why_not`).
        """
        save: Work = lambda rows: _save(rows, _values(token))  # noqa: E731 - no frame has values
        id = self._run("The token cannot be saved", save, writes=True)
        if id is None:
            raise SDKException("TOKEN_STORE", _why_not(_values(token)))
        token.set_id(id)

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""
        delete: Work = lambda rows: rows.filter(id_digest=_digest(id)).delete()  # noqa: E731
        self._run("The token cannot be deleted", delete, writes=True)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, in no certain order, as new objects."""
        records = self._run("The tokens cannot be listed", _records)
        return [_filled(OAuthToken(id=record["id"]), record) for record in records]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        self._run("The tokens cannot be deleted", lambda rows: rows.delete(), writes=True)

    def _run(self, failure: str, work: Work, *, writes: bool = False) -> Any:
        """What `work` returns, in a transaction; errors become SDKException(failure)."""
        loop = None
        with suppress(RuntimeError):
            loop = asyncio.get_running_loop()
        if loop is None:
            return self._run_here(failure, work, writes)
        with ThreadPoolExecutor(max_workers=1) as thread:
            try:
                return thread.submit(self._run_here, failure, work, writes).result()
            finally:
                thread.submit(connections.close_all)

    def _run_here(self, failure: str, work: Work, writes: bool, tries_left: int = 20) -> Any:
        connection = connections[self._using]
        was_open, in_a_block = connection.connection is not None, connection.in_atomic_block
        has_begun = False
        try:
            if was_open and not in_a_block and not connection.is_usable():
                with suppress(Error):
                    connection.close()  # Django opens another one
            with transaction.atomic(self._using):  # in a block, a savepoint
                has_begun = True
                return work(self._rows_to_write() if writes else self._rows())
        except (Error, OSError, ValueError) as error:
            cause, again = _reason(error, connection.vendor, has_begun)
        finally:
            if not was_open and connection.autocommit:
                with suppress(Error):
                    connection.close_if_unusable_or_obsolete()
        if again and tries_left and not in_a_block:
            return self._run_here(failure, work, writes, tries_left - 1)
        # Not within `except`: the first error, which may show values, would be a context of this.
        raise SDKException("TOKEN_STORE", f"{failure}: ", cause=cause) from cause

    def _rows(self) -> Any:
        return ZohoToken.objects.using(self._using)

    def _rows_to_write(self) -> Any:
        """The newest rows, that no other writes until the end of the transaction."""
        turns = ZohoTokenTurn.objects.using(self._using)
        while not turns.filter(number=1).update(turn=models.F("turn") + 1):
            turns.get_or_create(number=1)
        return self._rows().select_for_update()


def _reason(error: Exception, vendor: str, has_begun: bool) -> tuple[Exception, bool]:
    """The cause, without the text, which may quote a value; and whether another try may succeed."""
    driver = error.__cause__ if isinstance(error.__cause__, Exception) else error
    if not has_begun or (vendor == "sqlite" and "decode" not in f"{driver!r}".lower()):
        return driver, False
    number = next((each for each in driver.args[:1] if isinstance(each, int)), "")
    code = getattr(driver, "sqlstate", getattr(driver, "pgcode", None)) or number
    return RuntimeError(f"{type(driver).__name__} {code}".strip()), code in _RACES


# What a token says, and which row it means ---------------------------------------------------


def _values(token: OAuthToken) -> Values:
    """What a token carries, as text: the SDK wants its expiry back as a `str`."""
    values = {field: getattr(token, f"get_{field}")() for field in _FIELDS}
    if (user := token.get_user_signature()) is not None:
        values["user_name"] = user.get_name()
    return {field: str(value) for field, value in values.items() if value not in (None, "")}


def _key(given: Values) -> str | None:
    """The match rule: the field that identifies a record, or None.

    The first rule that applies decides alone. If a token that names an unknown user were looked
    up by its refresh token next, it would get another user's record.
    """
    client = [field for field in ("client_id", "client_secret") if field in given]
    if "user_name" in given:
        return "user_name"
    if "access_token" in given and not client:
        return "access_token"
    if "grant_token" in given and len(client) == 2:
        return "grant_token"
    if "refresh_token" in given and len(client) == 2:
        return "refresh_token"
    return None


def _find(rows: Any, given: Values) -> Values | None:
    """The record that a token identifies, by its key or else by its id.

    Several can come to share a token. Of these: the one with the given id, so that what was found
    is saved to it, then one that names a user (the SDK keeps that one fresh), then the first id.
    """
    field, id = _key(given) or "id", given.get("id")
    return min(
        _records(rows.filter(**{f"{field}_digest": _digest(given.get(field))})),
        key=lambda found: (found["id"] != id, "user_name" not in found, found["id"]),
        default=None,
    )


def _save(rows: Any, given: Values) -> str | None:
    """The id of the record that was updated or added; None if it must not be added."""
    old = _find(rows, given)
    with_id = _find(rows, {"id": given["id"]}) if "id" in given else None
    # By id, since the SDK adds the name of the user to a token that it found without.
    if old is None and with_id and not ("user_name" in with_id and "user_name" in given):
        old = with_id
    if old is None and _why_not(given):
        return None
    new_id = given["id"] if "id" in given and not with_id else uuid.uuid4().hex  # given out once
    record = {**(old or {}), **given, "id": old["id"] if old else new_id}
    columns = {f"{key}_digest": _digest(record.get(key)) for key in _KEYS}
    columns["record"] = json.dumps(record)
    if old is None:
        rows.create(**columns)
    else:
        rows.filter(id_digest=columns["id_digest"]).update(**columns)
    return record["id"]


def _why_not(given: Values) -> str | None:
    """Why a new record is refused: it could do nothing, or nothing could ever find it."""
    if given.keys().isdisjoint(("grant_token", "refresh_token", "access_token")):
        return "The token has no grant, refresh or access token."
    if _key(given) is None and "id" not in given:
        return "The token has nothing that it could be found by."
    return None


def _digest(value: str | None) -> str | None:
    return value and hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _records(rows: Any) -> list[Values]:
    return list(map(json.loads, rows.values_list("record", flat=True)))


def _filled(token: OAuthToken, record: Values) -> OAuthToken:
    """The token, with what it lacked of this record; what it carries stays."""
    for field in record.keys() - _values(token).keys():
        if field == "user_name":
            token.set_user_signature(UserSignature(record[field]))
        else:
            getattr(token, f"set_{field}")(record[field])
    return token
