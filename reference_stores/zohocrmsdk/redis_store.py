"""Tokens in Redis or Valkey, with redis-py.

    from redis_store import RedisStore

    store = RedisStore("redis://user:password@host:6379")
    Initializer.initialize(environment=environment, token=token, store=store)

Copy this file into your project: it needs the SDK, lines 5 to 8, and redis-py.

What it promises, beyond the six methods:

- One server serves all threads, processes and machines. Each call is one step: a script of Lua,
  or a command, in which the server does nothing else.
- While the server is out of reach, every method raises `SDKException`. When it is back, the store
  goes on.
- It takes five keys, which begin with the prefix in braces, so that a cluster keeps them together.
- No message shows a value of a token.

What the server must be set to, or logins are lost:

- `appendonly yes`. Then a save that returned survives the death of the server, and with
  `appendfsync always` also a power failure. With `everysec`, which is the default, a power failure
  takes up to a second of saves with it; with snapshots alone, minutes.
- `maxmemory-policy noeviction`. With any other policy a full server deletes tokens.

What it leaves out, to stay short:

- Failover. A replica that takes over may lack the last saves, since it gets them late.
- Encryption. Anyone who may read the keys can read the tokens.
"""

from __future__ import annotations

import json
import uuid
from typing import Any, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

Values = dict[str, str]  # what a token carries, by field; nothing is blank


def _user_name(token: OAuthToken) -> str | None:
    user = token.get_user_signature()
    return None if user is None else user.get_name()


def _set_user_name(token: OAuthToken, name: str) -> None:
    token.set_user_signature(UserSignature(name))


# For each field of a token: how to read it, and how to set it.
_FIELDS = {
    "id": (OAuthToken.get_id, OAuthToken.set_id),
    "user_name": (_user_name, _set_user_name),
    "client_id": (OAuthToken.get_client_id, OAuthToken.set_client_id),
    "client_secret": (OAuthToken.get_client_secret, OAuthToken.set_client_secret),
    "refresh_token": (OAuthToken.get_refresh_token, OAuthToken.set_refresh_token),
    "access_token": (OAuthToken.get_access_token, OAuthToken.set_access_token),
    "grant_token": (OAuthToken.get_grant_token, OAuthToken.set_grant_token),
    "expires_in": (OAuthToken.get_expires_in, OAuthToken.set_expires_in),
    "redirect_url": (OAuthToken.get_redirect_url, OAuthToken.set_redirect_url),
    "api_domain": (OAuthToken.get_api_domain, OAuthToken.set_api_domain),
}

# The keys are hashes. The first has each record as JSON, by its id. The others have, for each value
# of a field, a list of the ids of its records as JSON: several can come to share a token.
_NAMES = ("tokens", "user_name", "access_token", "grant_token", "refresh_token")
_COMMON = """
local tokens = KEYS[1]
local index = {user_name = KEYS[2], access_token = KEYS[3], grant_token = KEYS[4],
               refresh_token = KEYS[5]}
local given, field = cjson.decode(ARGV[1]), ARGV[2]

local function by_id(id)
  local text = id and redis.call('HGET', tokens, id)
  return text and cjson.decode(text)
end

local function ids_with(field, value)
  local text = redis.call('HGET', index[field], value)
  return text and cjson.decode(text) or {}
end

-- The record with the given value in this field. Of several: the one with the given id, then the
-- first that names a user, since the SDK keeps that one fresh, then the first.
local function look_up(field)
  if field == 'id' then return by_id(given.id) end
  local found
  for _, id in ipairs(ids_with(field, given[field])) do
    local record = by_id(id)
    if id == given.id then return record end
    if not found or (record.user_name and not found.user_name) then found = record end
  end
  return found
end

-- Puts the id of a record on the list of a value, or takes it off.
local function list(field, value, id, is_on)
  local ids = {}
  for _, each in ipairs(ids_with(field, value)) do
    if each ~= id then table.insert(ids, each) end
  end
  if is_on then table.insert(ids, id) end
  if #ids > 0 then redis.call('HSET', index[field], value, cjson.encode(ids))
  else redis.call('HDEL', index[field], value) end
end
"""
_FIND = "local record = look_up(field) return record and cjson.encode(record)"
_SAVE = """
local new_id, is_storable = ARGV[3], ARGV[4] == 'yes'
local with_id = by_id(given.id)
local record = field ~= 'id' and look_up(field)
-- By id, since the SDK looks a user's name up and adds it to a token that it found without. Not if
-- the record names another user.
if not record and with_id and not (with_id.user_name and given.user_name) then record = with_id end
if not record then
  if not is_storable then return false end
  record = {id = given.id and not with_id and given.id or new_id}
end
for field in pairs(index) do
  if given[field] and given[field] ~= record[field] then
    if record[field] then list(field, record[field], record.id, false) end
    list(field, given[field], record.id, true)
  end
end
given.id = nil
for field, value in pairs(given) do record[field] = value end
redis.call('HSET', tokens, record.id, cjson.encode(record))
return record.id
"""
_DELETE = """
local record = look_up('id')
if not record then return end
for field in pairs(index) do
  if record[field] then list(field, record[field], record.id, false) end
end
redis.call('HDEL', tokens, record.id)
"""


class RedisStore(TokenStore):
    """A `TokenStore` of the Zoho CRM SDK that keeps its tokens in Redis.

    Args:
        server: a URL; or a client of yours, `redis.Redis` or `redis.RedisCluster`.
        prefix: what the keys begin with, in braces.

    Every method may be called from any thread, also in a forked child, and raises SDKException,
    with the reason as its `cause`, when the server cannot answer.
    """

    def __init__(
        self, server: str | redis.Redis | redis.RedisCluster, *, prefix: str = "zohooauth"
    ) -> None:
        if isinstance(server, str):
            server = redis.Redis.from_url(
                server,
                retry=Retry(NoBackoff(), 1),  # at once, where redis-py would wait for seconds
                socket_timeout=5,
                socket_connect_timeout=5,
            )
        self._client: Any = server
        self._keys = [f"{{{prefix}}}:{name}" for name in _NAMES]
        self._scripts = {
            name: self._client.register_script(_COMMON + code)
            for name, code in (("find", _FIND), ("save", _SAVE), ("delete", _DELETE))
        }

    def find_token(self, token: OAuthToken) -> OAuthToken | None:
        """Fill what `token` leaves blank from the record that it identifies; return it, or None.

        `token` itself is filled, since `OAuthToken.revoke` ignores what is returned.
        """
        query = _values(token)
        record = self._run("find", "The token cannot be looked up", query, _key(query) or "id")
        return None if record is None else _filled(token, json.loads(record))

    def find_token_by_id(self, id: str) -> OAuthToken | None:
        """Return the token with this id as a new object, or None."""
        query = {} if id is None else {"id": id}
        record = self._run("find", "The token cannot be looked up", query, "id")
        return None if record is None else _new_token(record)

    def save_token(self, token: OAuthToken) -> None:
        """Update the record that `token` identifies, or add a new one.

        An update keeps the record's id, and whatever `token` leaves blank. The id of the record is
        set on `token`. A new token that could never be used is refused (`_why_not`).
        """
        given = _values(token)
        why_not = _why_not(given)
        new_id = uuid.uuid4().hex  # random: never given out again
        is_storable = "no" if why_not else "yes"
        arguments = (_key(given) or "id", new_id, is_storable)
        id = self._run("save", "The token cannot be saved", given, *arguments)
        if id is None:
            raise SDKException("TOKEN_STORE", why_not)
        token.set_id(id if isinstance(id, str) else id.decode())

    def delete_token(self, id: str | None) -> None:
        """Delete the token with this id. An unknown id, or None, deletes nothing."""
        if id is not None:
            self._run("delete", "The token cannot be deleted", {"id": id}, "id")

    def get_tokens(self) -> list[OAuthToken]:
        """Return all tokens, in no certain order, as new objects."""
        records = self._run("HVALS", "The tokens cannot be listed")
        return [_new_token(record) for record in records]

    def delete_tokens(self) -> None:
        """Delete all tokens."""
        self._run("DEL", "The tokens cannot be deleted")

    def close(self) -> None:
        """Close the connections. The next call opens another one."""
        self._client.close()

    def _run(self, what: str, failure: str, given: Values | None = None, *arguments: str) -> Any:
        """Run a script, or a command on the keys; errors become SDKException(failure)."""
        try:
            if what == "HVALS":
                return self._client.hvals(self._keys[0])
            if what == "DEL":
                return self._client.delete(*self._keys)
            return self._scripts[what](self._keys, [json.dumps(given), *arguments])
        except (redis.RedisError, OSError, ValueError) as error:
            # The text of any other error may quote a value.
            shown = (redis.ConnectionError, redis.TimeoutError)
            cause = error if isinstance(error, shown) else RuntimeError(type(error).__name__)
        raise SDKException("TOKEN_STORE", f"{failure}: ", cause=cause) from cause


# What a token says, and which record it means ------------------------------------------------


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


def _why_not(given: Values) -> str | None:
    """Why a new record is refused: it could do nothing, or nothing could ever find it."""
    if given.keys().isdisjoint(("grant_token", "refresh_token", "access_token")):
        return "The token has no grant, refresh or access token."
    if _key(given) is None and "id" not in given:
        return "The token has nothing that it could be found by."
    return None


def _filled(token: OAuthToken, record: Values) -> OAuthToken:
    """The token, with what it lacked of this record; what it carries stays."""
    for field, value in record.items():
        get, set_value = _FIELDS[field]
        if get(token) in (None, ""):
            set_value(token, value)
    return token


def _new_token(text: str | bytes) -> OAuthToken:
    """A token made by the constructor: the SDK cannot refresh one that was made without."""
    record = cast(Values, json.loads(text))
    return _filled(OAuthToken(id=record["id"]), record)
