"""Tokens in a table of Amazon DynamoDB, with boto3.

    from dynamodb_store import DynamoDBStore

    store = DynamoDBStore("zohooauth", region_name="eu-central-1")
    store.create_table()  # once; or describe the table to Terraform or CloudFormation
    Initializer.initialize(environment=environment, token=token, store=store)

Copy this file into your project: it needs the SDK, lines 5 to 8, and boto3.

What it promises, beyond the six methods:

- One table serves all threads, processes, Lambdas and machines. Each save and each delete is one
  transaction, which DynamoDB carries out only if no other came between; else it is tried again.
- What is read is consistent: a find sees each save that returned before, on any machine.
- A save that returned is on disk in three places, and survives a power failure.
- While DynamoDB is out of reach, every method raises `SDKException`. When it is back, the store
  goes on.
- No message shows a value of a token, and no key of an item does: keys are SHA-256.

What it leaves out, to stay short:

- Many writers. Saves take turns on one item, which is good for some 100 saves a second.
- A listing while many save: `get_tokens` starts again when a save comes between, and gives up with
  `SDKException` after 30 times.
- `delete_tokens` as one step: it deletes 19 tokens at a time.
- Global tables. They are consistent in each region alone: connect to one region.
- Encryption beyond that of the table. Whoever may read the table can read the tokens.
"""

from __future__ import annotations

import functools
import hashlib
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Values = dict[str, str]  # what a token carries, by field; nothing is blank
Answer = TypeVar("Answer")

# For each field of a token: how to read it, and how to set it.
_FIELDS = {
    "id": (OAuthToken.get_id, OAuthToken.set_id),
    "user_name": (
        lambda token: (user := token.get_user_signature()) and user.get_name(),
        lambda token, name: token.set_user_signature(UserSignature(name)),
    ),
    "client_id": (OAuthToken.get_client_id, OAuthToken.set_client_id),
    "client_secret": (OAuthToken.get_client_secret, OAuthToken.set_client_secret),
    "refresh_token": (OAuthToken.get_refresh_token, OAuthToken.set_refresh_token),
    "access_token": (OAuthToken.get_access_token, OAuthToken.set_access_token),
    "grant_token": (OAuthToken.get_grant_token, OAuthToken.set_grant_token),
    "expires_in": (OAuthToken.get_expires_in, OAuthToken.set_expires_in),
    "redirect_url": (OAuthToken.get_redirect_url, OAuthToken.set_redirect_url),
    "api_domain": (OAuthToken.get_api_domain, OAuthToken.set_api_domain),
}

# A record is an item of the partition "id", and again one in the partition of each value that it
# can be found by, so that a find is one query. One more item has the revision, a random text. Each
# write replaces it, provided that it is still the one that the writer read first.
_KEYS = ("user_name", "access_token", "grant_token", "refresh_token")
_REVISION = {"pk": {"S": "revision"}, "sk": {"S": "revision"}}
_AT_ONCE = 19  # records to delete: a transaction may have 100 items
_TRIES = 30
_CONFIG = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 3})


class _Overtaken(Exception):
    """Another write came between."""


@functools.lru_cache(maxsize=8)
def _client_of(process: int, **options: Any) -> Any:
    """One client for all stores and threads of a process, since it takes 100 ms to make one.

    A forked child makes its own: it must not use the connections of its parent.
    """
    return boto3.session.Session().client("dynamodb", **{"config": _CONFIG, **options})


class DynamoDBStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in DynamoDB.

    Args:
        table: its name.
        options: what `boto3.client` takes: region_name, endpoint_url, config and so on.

    Every method may be called from any thread, also in a forked child, and raises SDKException,
    with the reason as its `cause`, when DynamoDB cannot answer.
    """

    def __init__(self, table: str = "zohooauth", **options: Any) -> None:
        self._table = table
        self._options = options

    def create_table(self) -> None:
        """Create the table, paid by request, and wait until it is there."""

        def create() -> None:
            keys = {"pk": "HASH", "sk": "RANGE"}
            self._client.create_table(
                TableName=self._table,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": key, "KeyType": keys[key]} for key in keys],
                AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in keys],
            )
            self._client.get_waiter("table_exists").wait(TableName=self._table)

        self._run("The table cannot be created", create)

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Fill what `token` leaves blank from the record that it identifies; return it, or None.

        `token` itself is filled, since `OAuthToken.revoke` ignores what is returned.
        """
        query = _values(token)
        find = self._by_key if _key(query) else self._by_id
        record = self._run("The token cannot be looked up", lambda: find(query))
        return None if record is None else _filled(token, record)

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        record = self._run("The token cannot be looked up", lambda: self._by_id({"id": str(id)}))
        return None if record is None else _new_token(record)

    def save_token(self, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or add a new one.

        An update keeps the record's id, and whatever `token` leaves blank. The id of the record is
        set on `token`. A new token that is not worth a record is refused (`_check_storable`).
        """
        given = _values(token)
        token.set_id(self._run("The token cannot be saved", lambda: self._save(given)))

    def _save(self, given: Values) -> str:
        revision = self._revision()
        old, with_id = self._by_key(given), self._by_id(given)
        # By id, since the SDK looks a user's name up and adds it to a token that it found without.
        # Not if the record names another user.
        if with_id and not old and not ("user_name" in with_id and "user_name" in given):
            old = with_id
        if old is None:
            _check_storable(given)
            id = uuid.uuid4().hex if with_id or "id" not in given else given["id"]
            self._write(revision, [], {**given, "id": id})  # random: never given out again
            return id
        new = {**old, **given, "id": old["id"]}
        if new != old:
            self._write(revision, [old], new)
        return old["id"]

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""

        def delete() -> None:
            revision = self._revision()
            if record := self._by_id({"id": str(id)}):
                self._write(revision, [record])

        if id is not None:
            self._run("The token cannot be deleted", delete)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, in no certain order, as new objects."""

        def read() -> list[Values]:
            revision = self._revision()
            records = [record for page in self._pages("id") for record in page]
            if self._revision() != revision:
                raise _Overtaken
            return records

        return [_new_token(record) for record in self._run("The tokens cannot be listed", read)]

    def delete_tokens(self) -> None:
        """Delete all tokens."""

        def delete_some() -> bool:
            revision = self._revision()
            records = next(self._pages("id", Limit=_AT_ONCE))
            if records:
                self._write(revision, records)
            return len(records) == _AT_ONCE

        while self._run("The tokens cannot be deleted", delete_some):
            pass

    def close(self) -> None:
        """Close the connections. The next call opens another one."""
        self._client.close()

    @property
    def _client(self) -> Any:
        return _client_of(os.getpid(), **self._options)

    def _run(self, failure: str, step: Callable[[], Answer]) -> Answer:
        """Take a step until no other write comes between; errors become SDKException(failure)."""
        cause: Exception = TimeoutError(f"other writes came between, {_TRIES} times")
        try:
            for number in range(_TRIES):
                try:
                    return step()
                except _Overtaken:
                    time.sleep(random.uniform(0, min(0.002 * 2**number, 0.5)))
        except (BotoCoreError, ClientError, OSError, ValueError) as error:
            # The text of some errors may quote a value.
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            quotes = isinstance(error, (ValueError, ParamValidationError)) or "Validation" in code
            cause = RuntimeError(code or type(error).__name__) if quotes else error
        raise SDKException("TOKEN_STORE", f"{failure}: ", cause=cause) from cause

    def _by_id(self, given: Values) -> Values | None:
        if "id" not in given:
            return None
        item = self._item({"pk": {"S": "id"}, "sk": {"S": _digest(given["id"])}})
        return _record(item) if item else None

    def _by_key(self, given: Values) -> Values | None:
        """The record with the key of this one. Several can come to share a token.

        Of these: the one with the same id, then one that names a user (the SDK keeps that one
        fresh).
        """
        field = _key(given)
        if field is None:
            return None
        records = next(self._pages(f"{field} {_digest(given[field])}"))
        rank = lambda record: (record["id"] != given.get("id"), "user_name" not in record)  # noqa: E731
        return min(records, key=rank, default=None)

    def _revision(self) -> str | None:
        item = self._item(_REVISION)
        return item["revision"]["S"] if item else None

    def _item(self, key: dict[str, Any]) -> dict[str, Any] | None:
        found = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return found.get("Item")  # type: ignore[no-any-return]

    def _pages(self, partition: str, **more: Any) -> Iterator[list[Values]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ConsistentRead=True,
            **more,
        )
        return ([_record(item) for item in page["Items"]] for page in pages)

    def _write(self, revision: str | None, old: list[Values], new: Values | None = None) -> None:
        """Put a record in the place of others, if nothing was written since this revision."""
        put = _items(new) if new else {}
        gone = {key for record in old for key in _items(record)} - put.keys()
        turn: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if revision:
            turn = {"ConditionExpression": "revision = :last"}
            turn["ExpressionAttributeValues"] = {":last": {"S": revision}}
        turn["Item"] = {**_REVISION, "revision": {"S": uuid.uuid4().hex}}
        changes = [("Put", turn), *(("Put", {"Item": item}) for item in put.values())]
        changes += [("Delete", {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}) for pk, sk in gone]
        actions = [{kind: {"TableName": self._table, **each}} for kind, each in changes]
        try:
            self._client.transact_write_items(TransactItems=actions)
        except ClientError as error:
            reasons = {each.get("Code") for each in error.response.get("CancellationReasons", ())}
            if reasons.isdisjoint(("ConditionalCheckFailed", "TransactionConflict")):
                raise
            raise _Overtaken from None


# What a token says, which record it means, and its items ---------------------------------------


def _values(token: OAuthToken) -> Values:
    """What a token carries, as text: the SDK wants its expiry back as a `str`."""
    values = {field: get(token) for field, (get, _) in _FIELDS.items()}
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


def _check_storable(given: Values) -> None:
    """Refuse a new record that could do nothing, or that nothing could ever find."""
    if given.keys().isdisjoint(("grant_token", "refresh_token", "access_token")):
        raise SDKException("TOKEN_STORE", "The token has no grant, refresh or access token.")
    if _key(given) is None and "id" not in given:
        raise SDKException("TOKEN_STORE", "The token has nothing that it could be found by.")


def _items(record: Values) -> dict[tuple[str, str], dict[str, Any]]:
    """The items of a record, by their keys."""
    digest = _digest(record["id"])
    places = [f"{field} {_digest(record[field])}" for field in _KEYS if field in record]
    values = {field: {"S": value} for field, value in record.items()}
    return {(pk, digest): {"pk": {"S": pk}, "sk": {"S": digest}, **values} for pk in ["id", *places]}


def _record(item: dict[str, dict[str, str]]) -> Values:
    return {field: item[field]["S"] for field in _FIELDS if field in item}


def _digest(value: str) -> str:
    """A key of any text: those of DynamoDB may have 1,024 bytes."""
    return hashlib.sha256(value.encode()).hexdigest()


def _filled(token: OAuthToken, record: Values) -> OAuthToken:
    """The token, with what it lacked of this record; what it carries stays."""
    for field, value in record.items():
        get, set_value = _FIELDS[field]
        if get(token) in (None, ""):
            set_value(token, value)
    return token


def _new_token(record: Values) -> OAuthToken:
    """A token made by the constructor: the SDK cannot refresh one that was made without."""
    return _filled(OAuthToken(id=record["id"]), record)
