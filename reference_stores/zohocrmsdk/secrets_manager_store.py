"""Tokens in a secret of AWS Secrets Manager, with boto3: for a handful of logins.

    from secrets_manager_store import SecretsManagerStore

    store = SecretsManagerStore("zohooauth", region_name="eu-central-1")
    store.create_secret()  # once; or describe the secret to Terraform or CloudFormation
    Initializer.initialize(environment=environment, token=token, store=store)

Copy this file into your project: it needs the SDK, lines 5 to 8, and boto3.

All tokens are in one secret, since Secrets Manager changes one at a time, and cannot list them
truly: a listing may lack what was created in the last minutes. A save puts a version next to the
current one, and makes it current if the version that it began with still is; else it begins again.
So what it promises, beyond the six methods, is:

- One secret serves all threads, processes, Lambdas and machines, and loses none of their saves.
- While the service is out of reach, every method raises `SDKException`. When it is back, the store
  goes on.
- No message shows a value of a token.

What Secrets Manager cannot do. If this is too little, take `dynamodb_store.py`:

- Many saves. A secret has some 100 versions, and keeps each for a day: so many changes a day, then
  `SDKException`. A login that is in use is refreshed each hour, so this is enough for four. A save
  that changes nothing is free.
- Many tokens. A secret has 65,536 bytes: compressed, that is some 400 logins, or some 200 that
  `encrypted_store.py` has encrypted.
- Reads that see each save. AWS does not promise it: for a moment a find may answer with what was
  stored before. No save is lost of that.
- Forgetting. Deleted tokens stay in older versions, for those who may read these.

Each call reads the secret, and nothing is cached: what another machine saved is seen. AWS allows
10,000 reads a second in a region, and takes $0.05 for 10,000.
"""

from __future__ import annotations

import functools
import json
import os
import random
import time
import uuid
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Values = dict[str, str]  # what a token carries, by field; nothing is blank
Answer = TypeVar("Answer")
Work = Callable[[list[Values]], Answer]  # on all records, which it may change

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

_KEYS = ("user_name", "access_token", "grant_token", "refresh_token")  # the first rule first
_MOST = 65_536  # bytes of a secret
_TRIES = 30
_AGAIN = ("InvalidParameterException", "ThrottlingException", "InternalServiceError")
# No retries of botocore's: it would wait for seconds.
_CONFIG = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 1})


@functools.lru_cache(maxsize=8)
def _client_of(process: int, **options: Any) -> Any:
    """One for all stores of a process, since it takes 100 ms to make, and another after a fork."""
    return boto3.session.Session().client("secretsmanager", **{"config": _CONFIG, **options})


class SecretsManagerStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in AWS Secrets Manager.

    Args:
        secret: its name or ARN.
        options: what `boto3.client` takes: region_name, endpoint_url, config and so on.

    Every method may be called from any thread, also in a forked child, and raises SDKException,
    with the reason as its `cause`, when the service cannot answer.
    """

    def __init__(self, secret: str = "zohooauth", **options: Any) -> None:
        self._secret = secret
        self._options = options

    def create_secret(self) -> None:
        """Create the secret, unless it is there. Errors are boto3's."""
        try:
            self._client.create_secret(Name=self._secret, SecretBinary=_packed([]))
        except ClientError as error:  # `client.exceptions` is not safe in threads
            if error.response["Error"]["Code"] != "ResourceExistsException":
                raise

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Fill what `token` leaves blank from the record that it identifies; return it, or None.

        `token` itself is filled, since `OAuthToken.revoke` ignores what is returned.
        """
        query = _values(token)
        find = _by_key if _key(query) else _by_id
        record = self._in_all("The token cannot be looked up", lambda records: find(records, query))
        return None if record is None else _filled(token, record)

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        found = self._in_all("The token cannot be looked up", lambda all: _by_id(all, {"id": id}))
        return None if found is None else _new_token(found)

    def save_token(self, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or add a new one.

        An update keeps the record's id, and whatever `token` leaves blank. The id of the record is
        set on `token`. A new token that could never be used is refused (`_check_storable`).
        """
        given = _values(token)

        def save(records: list[Values]) -> str:
            record, with_id = _by_key(records, given), _by_id(records, given)
            # By id, since the SDK looks a user's name up and adds it to a token that it found
            # without. Not if the record names another user.
            if with_id and not record and "user_name" not in with_id.keys() & given.keys():
                record = with_id
            if record is None:
                _check_storable(given)
                id = uuid.uuid4().hex if with_id or "id" not in given else given["id"]
                records.append(record := {"id": id})  # random: never given out again
            record.update(given, id=record["id"])
            return record["id"]

        token.set_id(self._in_all("The token cannot be saved", save))

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""

        def delete(records: list[Values]) -> None:
            records[:] = [record for record in records if record["id"] != id]

        self._in_all("The token cannot be deleted", delete)

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, the oldest first, as new objects."""
        return [_new_token(each) for each in self._in_all("The tokens cannot be listed", list)]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        self._in_all("The tokens cannot be deleted", lambda records: records.clear())

    @property
    def _client(self) -> Any:
        return _client_of(os.getpid(), **self._options)

    def _in_all(self, failure: str, work: Work[Answer]) -> Answer:
        """Do something with all records, and store what it changed of them.

        Again, until no other save comes between; errors become SDKException(failure).
        """
        cause: Exception
        for number in range(_TRIES):
            try:
                version, data = self._current()
                records = _unpacked(data)
                answer = work(records)
                if records != _unpacked(data):
                    self._replace(version, _packed(records))
                return answer
            except HTTPClientError as error:
                cause = error
                if number:  # the first time it may be an old connection that is closed by now
                    break
            except ClientError as error:
                cause = error
                if error.response["Error"]["Code"] not in _AGAIN:
                    break
            except (BotoCoreError, ValueError, LookupError, TypeError, zlib.error) as error:
                # The secret is not one of this store's. The text may quote a value.
                cause = RuntimeError(type(error).__name__)
                break
            time.sleep(random.uniform(0, min(0.002 * 2**number, 0.5)))
        raise SDKException("TOKEN_STORE", f"{failure}: ", cause=cause) from cause

    def _current(self) -> tuple[str, bytes]:
        found = self._client.get_secret_value(SecretId=self._secret, VersionStage="AWSCURRENT")
        return found["VersionId"], found["SecretBinary"]

    def _replace(self, version: str, data: bytes) -> None:
        """Make this the secret, if this version is still the current one."""
        if len(data) > _MOST:
            text = f"The tokens need {len(data):,} bytes, and a secret has {_MOST:,}."
            raise SDKException("TOKEN_STORE", text)
        new = str(uuid.uuid4())
        self._client.put_secret_value(
            SecretId=self._secret,
            ClientRequestToken=new,
            SecretBinary=data,
            VersionStages=["NEXT"],  # one label for all, since those that lose leave it behind
        )
        self._client.update_secret_version_stage(  # fails, if another save came between
            SecretId=self._secret,
            VersionStage="AWSCURRENT",
            MoveToVersionId=new,
            RemoveFromVersionId=version,
        )


# What a token says, and which record it means ------------------------------------------------


def _packed(records: list[Values]) -> bytes:
    return zlib.compress(json.dumps(records).encode(), 9)


def _unpacked(data: bytes) -> list[Values]:
    return json.loads(zlib.decompress(data))  # type: ignore[no-any-return]


def _by_id(records: list[Values], given: Values) -> Values | None:
    return next((record for record in records if record["id"] == given.get("id")), None)


def _by_key(records: list[Values], given: Values) -> Values | None:
    """The record with the key of this one. Several can come to share a token.

    Of these: the one with the same id, then one that names a user (the SDK keeps that one fresh),
    then the oldest.
    """
    field = _key(given)
    if field is None:
        return None
    found = [record for record in records if record.get(field) == given[field]]
    found.sort(key=lambda each: (each["id"] != given.get("id"), "user_name" not in each))
    return found[0] if found else None


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
    applies = (True, not client, len(client) == 2, len(client) == 2)
    rules = zip(_KEYS, applies, strict=True)
    return next((field for field, applies in rules if applies and field in given), None)


def _check_storable(given: Values) -> None:
    """Refuse a new record that could do nothing, or that nothing could ever find."""
    if given.keys().isdisjoint(_KEYS[1:]) or not (_key(given) or "id" in given):
        raise SDKException("TOKEN_STORE", "The token has no token, or no key to find it by.")


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
