"""Tokens in a table of Amazon DynamoDB, with boto3.

    from dynamodb_store import DynamoDBStore

    store = DynamoDBStore("zohooauth", region_name="eu-central-1")
    store.create_table()  # once; or describe the table to Terraform or CloudFormation
    Initializer.initialize(environment=environment, token=token, store=store)

Copy this file into your project: it needs the SDK, lines 5 to 8, and boto3.

What it promises, beyond the six methods:

- One table serves all threads, processes, Lambdas and machines. A find or a write is a transaction,
  which DynamoDB carries out only if no other came between; else it is tried again.
- While DynamoDB is out of reach, every method raises `SDKException`. After that the store goes on.
- No message shows a value of a token, nor does the key of an item: these are SHA-256.

What it leaves out, to stay short:

- Many writers. They take turns at one item, which is good for some 50 saves a second. While others
  save all the time, `get_tokens` begins again, and gives up with `SDKException` after 30 times.
- `delete_tokens` in one step: it deletes four tokens at a time.
- Global tables: use one region. Encryption: anyone who may read the table can read the tokens.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import random
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Values = dict[str, str]  # what a token carries, by field; nothing is blank

_FIELDS = (  # and the name of the user
    *("id", "client_id", "client_secret", "refresh_token", "access_token", "grant_token"),
    *("expires_in", "redirect_url", "api_domain"),
)
_KEYS = ("user_name", "access_token", "grant_token", "refresh_token")  # the first rule first

# The table has an item for each id, and for each value that records are found by: it holds these
# records, so that a find reads one. One more has the revision, a random text. Each write replaces
# it, if it is still the one that the writer read. What a write rests on is read by transactions: a
# plain read may see one item of another write, and not yet the next.
_REVISION = "revision"
_AT_ONCE = 4  # records to delete: moto reads 25 items in a transaction, and DynamoDB 100
_TRIES = 30
_CONFIG = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 3})


class _Overtaken(Exception):
    """Another write came between."""


@functools.lru_cache(maxsize=8)
def _client_of(process: int, **options: Any) -> Any:
    """One for all stores of a process, since it takes 100 ms to make, and another after a fork."""
    # The client of a resource is safe in threads too, and takes plain values.
    return boto3.Session().resource("dynamodb", **{"config": _CONFIG, **options}).meta.client


class DynamoDBStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in a table of DynamoDB.

    `options` is what `boto3.client` takes. Every method may be called from any thread, also in a
    forked child, and raises SDKException, with a `cause`, when DynamoDB cannot answer.
    """

    def __init__(self, table: str = "zohooauth", **options: Any) -> None:
        self._table = table
        self._options = options

    def create_table(self) -> None:
        """Create the table, unless it is there, and wait until it is. Errors are boto3's."""
        try:
            self._client.create_table(
                TableName=self._table,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            )
        except ClientError as error:  # `client.exceptions` is not safe in threads
            if error.response["Error"]["Code"] != "ResourceInUseException":
                raise
        self._client.get_waiter("table_exists").wait(TableName=self._table)

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Fill what `token` leaves blank from the record that it identifies; return it, or None.

        `token` itself is filled, since `OAuthToken.revoke` ignores what is returned.
        """
        query = _values(token)
        found = self._find(_key(query) or "id", query)
        return _filled(token, found[0]) if found else None

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        found = self._find("id", {"id": id})
        return _filled(OAuthToken(id=id), found[0]) if found else None

    def _find(self, field: str, query: Values) -> list[Values]:
        def read() -> list[Values]:
            return _records(self._held(_place(field, query)), _place(field, query), query)

        return self._run("The token cannot be looked up", read)  # type: ignore[no-any-return]

    def save_token(self, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or add a new one.

        An update keeps what `token` leaves blank. The id of the record is set on `token`. A new
        token that could never be used is refused.
        """
        given = _values(token)

        def save() -> str:
            by_key, by_id = _place(_key(given) or "id", given), _place("id", given)
            held = self._held(_REVISION, by_key, by_id)
            with_id = _records(held, by_id, given)
            # By id, as the SDK adds a name to a token that it found without; but not another's.
            old = _records(held, by_key, given)[:1] or [
                each for each in with_id if "user_name" not in each.keys() & given.keys()
            ]
            if old:
                new = {**old[0], **given, "id": old[0]["id"]}
            elif given.keys().isdisjoint(_KEYS[1:]) or not (by_key or by_id):
                # It could do nothing, or nothing could ever find it.
                raise SDKException("TOKEN_STORE", "The token has no token, or no key.")
            else:  # a random id is never given out again
                new = {**given, "id": (not with_id and given.get("id")) or uuid.uuid4().hex}
            if [new] != old:
                self._write(held, old, [new])
            return new["id"]

        token.set_id(self._run("The token cannot be saved", save))

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""

        def delete() -> None:
            held = self._held(_REVISION, place := _place("id", {"id": id or ""}))
            self._write(held, _records(held, place))

        self._run("The token cannot be deleted", delete)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, in no certain order, as new objects."""

        def read() -> list[Values]:
            before, records = self._held(_REVISION), self._scan()
            if self._held(_REVISION) != before:
                raise _Overtaken
            return records

        records = self._run("The tokens cannot be listed", read)
        # By the constructor: the SDK cannot refresh a token that was made without.
        return [_filled(OAuthToken(id=record["id"]), record) for record in records]

    def delete_tokens(self) -> None:
        """Delete all tokens."""

        def delete_some() -> bool:
            places = [_place("id", each) for each in self._scan(MaxItems=_AT_ONCE)]
            held = self._held(_REVISION, *places)
            self._write(held, [each for place in places for each in _records(held, place)])
            return len(places) == _AT_ONCE

        while self._run("The tokens cannot be deleted", delete_some):
            pass

    @property
    def _client(self) -> Any:
        return _client_of(os.getpid(), **self._options)

    def _run(self, failure: str, step: Callable[[], Any]) -> Any:
        """Take a step until no other write comes between; errors become SDKException(failure)."""
        cause: Exception = TimeoutError(f"other writes came between, {_TRIES} times")
        try:
            for number in range(_TRIES):
                try:
                    return step()
                except _Overtaken:
                    time.sleep(random.uniform(0, min(0.002 * 2**number, 0.5)))
        except (ClientError, HTTPClientError) as error:
            cause = error
        except (BotoCoreError, ValueError) as error:  # its text may quote a value
            cause = RuntimeError(type(error).__name__)
        raise SDKException("TOKEN_STORE", f"{failure}: ", cause=cause) from cause

    def _held(self, *places: str) -> dict[str, str]:
        """What these places hold, all at one moment."""
        wanted = [place for place in dict.fromkeys(places) if place]
        gets = [("Get", {"Key": {"pk": place}}) for place in wanted]
        found = self._transact(self._client.transact_get_items, gets) if gets else []
        both = zip(wanted, found, strict=True)
        return {place: each["Item"]["holds"] for place, each in both if "Item" in each}

    def _scan(self, **limits: int) -> list[Values]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(pk, :id)",
            ExpressionAttributeValues={":id": "id "},
            ConsistentRead=True,
            PaginationConfig=limits,
        )
        return [json.loads(item["holds"])[0] for page in pages for item in page["Items"]]

    def _write(self, read: dict[str, str], old: list[Values], new: Sequence[Values] = ()) -> None:
        """Put a record in the place of others, if nothing was written since this was read."""
        changed = {place for record in (*old, *new) for place in _places(record)}
        if not changed:
            return
        held = self._held(_REVISION, *changed)
        if held.get(_REVISION) != read.get(_REVISION):
            raise _Overtaken
        ids = {record["id"] for record in (*old, *new)}
        turn = {
            "Item": {"pk": _REVISION, "holds": uuid.uuid4().hex},
            "ConditionExpression": "attribute_not_exists(pk) OR holds = :last",
            "ExpressionAttributeValues": {":last": held.get(_REVISION, "none")},
        }
        actions: list[tuple[str, dict[str, Any]]] = [("Put", turn)]
        for place in changed:
            kept = [each for each in _records(held, place) if each["id"] not in ids]
            kept += [record for record in new if place in _places(record)]
            item = {"pk": place, "holds": json.dumps(kept)}
            actions.append(("Put", {"Item": item}) if kept else ("Delete", {"Key": {"pk": place}}))
        self._transact(self._client.transact_write_items, actions)

    def _transact(self, call: Callable[..., Any], actions: list[tuple[str, Any]]) -> list[Any]:
        items = [{kind: {"TableName": self._table, **each}} for kind, each in actions]
        try:
            return call(TransactItems=items).get("Responses", [])  # type: ignore[no-any-return]
        except ClientError as error:
            reasons = {each.get("Code") for each in error.response.get("CancellationReasons", ())}
            if reasons.isdisjoint(("ConditionalCheckFailed", "TransactionConflict")):
                raise
            raise _Overtaken from None


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
    rules = zip(_KEYS, (True, not client, len(client) == 2, len(client) == 2), strict=True)
    return next((field for field, applies in rules if applies and field in given), None)


def _places(record: Values) -> list[str]:
    return [_place(field, record) for field in ("id", *_KEYS) if field in record]


def _place(field: str, record: Values) -> str:
    """A digest, since a key has 2,048 bytes, and is shown in messages; "" for no value."""
    value = record.get(field)
    return f"{field} {hashlib.sha256(value.encode()).hexdigest()}" if value else ""


def _records(held: dict[str, str], place: str, given: Values | None = None) -> list[Values]:
    """The records of a place. Several can come to share a token.

    First the one with the given id, then those that name a user (the SDK keeps these fresh).
    """
    id = (given or {}).get("id")
    found: list[Values] = json.loads(held.get(place, "[]"))
    return sorted(found, key=lambda each: (each["id"] != id, "user_name" not in each))


def _filled(token: OAuthToken, record: Values) -> OAuthToken:
    """The token, with what it lacked of this record; what it carries stays."""
    for field in record.keys() - _values(token).keys():
        if field == "user_name":
            token.set_user_signature(UserSignature(record[field]))
        else:
            getattr(token, f"set_{field}")(record[field])
    return token
