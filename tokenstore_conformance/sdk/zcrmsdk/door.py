"""The door to `zcrmsdk`, the older generation: five methods of a store, and six in its 2.x lines.

Three distributions install this module, and they differ. In `zcrmsdk` 3.x (and in the first release
of `zohocrmsdk2_0`) a token's fields are plain attributes, and a `TokenType` tells a grant token
from a refresh token. In `zohocrmsdk2_0` and `zohocrmsdk2_1` the fields have getters and setters,
and stores find tokens by id. The door looks at the installed module to learn which one it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Number
from typing import Any, ClassVar, Final

from zcrmsdk.src.com.zoho.api.authenticator import oauth_token
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tokenstore_conformance.guard.frames import describe, in_short
from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.records import FIELDS, Record, zoho_token
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.sdk.values import Unreadable, as_said, as_text
from tokenstore_conformance.sdk.zcrmsdk.script import PROGRAM, tokens

OAuthToken: Final = oauth_token.OAuthToken

NAMES: Final = {
    name: "user_mail" if name == "user" else name for name in FIELDS if name != "api_domain"
}
"""What the token calls the fields of a record. It does not have an API domain."""

DOMAIN: Final = "users.example"
"""The domain of the emails of users that only have a name."""

KEPT: Final = (
    "user",
    "client_id",
    "refresh_token",
    "access_token",
    "grant_token",
    "expires_in",
)
"""What a store has to keep of a login."""

BY_ID: Final = hasattr(TokenStore, "get_token_by_id")
"""Whether stores find tokens by id, in 2.x."""

ATTRIBUTES: Final = not hasattr(OAuthToken, "get_access_token")
"""Whether a token's fields are plain attributes, in 3.x. In 2.x they have getters and setters."""


def key_of(name: str) -> Record:
    """Return the tokens that identify the login of a user with this name.

    Half of the users log in with a grant token. The others have only a refresh token, as in a
    program that starts with one. A store may look these up, and lock them, in another way.
    """
    refresh = zoho_token(f"{name}.refresh")
    has_grant = ord(name[-1:] or "a") % 2
    return Record(
        grant_token=zoho_token(f"{name}.grant") if has_grant else None, refresh_token=refresh
    )


class Door:
    """Builds and reads the tokens of `zcrmsdk`."""

    module = "zcrmsdk"
    methods: ClassVar[dict[str, tuple[str, ...]]] = {
        "get_token": ("user", "token"),
        "save_token": ("user", "token"),
        "delete_token": ("token",),
        "get_tokens": (),
        "delete_tokens": (),
        **({"get_token_by_id": ("id", "token")} if BY_ID else {}),
    }
    store_type: type = TokenStore
    token_type: type = OAuthToken
    user_type: type = UserSignature
    refusal: type[Exception] = SDKException
    classes: tuple[type, ...] = (TokenStore, OAuthToken, UserSignature, SDKException)
    makes_ids = False
    by_id = BY_ID
    script = tokens(attributes=ATTRIBUTES)
    program_script = PROGRAM

    def user(self, record: Record) -> Any:
        """Return the signature of the record's user, or None if it has no user.

        The SDK raises SDKException for a user that does not match its pattern of an email.
        """
        return None if record.user is None else UserSignature(record.user)

    def email_of(self, user: Any) -> str | None:
        if not isinstance(user, UserSignature):
            raise Unreadable(f"{in_short(user)} is no UserSignature")
        email: str | None = user.email if ATTRIBUTES else user.get_email()
        return email

    def named(self, value: object) -> str:
        return f"user({self.email_of(value)!r})" if isinstance(value, UserSignature) else ""

    def build(self, record: Record) -> Any:
        # The constructors require some fields and cannot take others, so set all afterwards.
        if ATTRIBUTES:
            token = OAuthToken("unset", None, "unset", oauth_token.TokenType.GRANT)
        else:
            token = OAuthToken("unset", "unset", grant_token="unset")
        for name in NAMES:
            _put(token, name, getattr(record, name))
        return token

    def fill(self, token: Any, record: Record) -> None:
        self.fields(token)  # raises if the token is not whole
        for name, value in record.items():
            if name in NAMES:
                _put(token, name, value)

    def wipe(self, token: Any, names: Iterable[str]) -> None:
        for name in names:
            if name in NAMES:
                _put(token, name, None)

    def to_save(self, record: Record) -> Request:
        token = self.build(record.without("user"))  # the store sets it, from the signature
        return Request("save_token", (self.user(record), token), token)

    def to_find(self, query: Record) -> Request:
        token = self.build(query.without("user"))
        return Request("get_token", (self.user(query), token), token)

    def to_find_by_id(self, id: str | None) -> Request:
        token = self.build(Record(id=id))  # as in `OAuthToken.authenticate` of 2.x
        return Request("get_token_by_id", (id, token), token)

    def as_kept(self, record: Record) -> Record:
        # All logins of a user get the same key: with another key, it would be another record.
        name, _, rest = str(record.user).partition("@")
        email = f"{name}@{rest.partition(':')[0] or DOMAIN}"
        kept = record.but(user=email, grant_token=record.grant_token and key_of(name).grant_token)
        if kept.grant_token is None and record.refresh_token:
            kept = kept.but(refresh_token=key_of(name).refresh_token)
        return self.comparable(kept)

    def comparable(self, record: Record) -> Record:
        # FileStore of 3.x lists no refresh token for a login by grant token. LIST-2 checks that.
        kept = record.only(*KEPT)
        return kept if kept.grant_token is None else kept.without("refresh_token")

    def used(self, record: Record) -> Record:
        return record.only("access_token", "expires_in")

    def in_full(self, record: Record) -> Record:
        """Return what a program saves for this record. Each client has its own secret."""
        name = str(record.user).partition("@")[0]
        return record.but(
            id=record.id or (f"python_{name}_kit" if BY_ID else None),
            client_secret=record.client_secret or f"{record.client_id}.secret",
            refresh_token=record.refresh_token or zoho_token(f"{name}.refresh"),
            redirect_url=record.redirect_url or "https://program.example/back",
        )

    def key(self, record: Record) -> Record:
        grant = "refresh_token" if record.grant_token is None else "grant_token"
        return record.only("user", "client_id", "client_secret", grant)

    def to_delete(self, record: Record) -> Request:
        token = self.build(record)
        return Request("delete_token", (token,), token)

    def fields(self, token: Any) -> dict[str, object]:
        try:
            if isinstance(token, OAuthToken):
                return {name: _got(token, name) for name in NAMES}
        except AttributeError as error:
            raise Unreadable(
                f"an OAuthToken that is not whole ({error}); build it with its constructor"
            ) from error
        except BaseException as error:  # from the getters of a subclass
            if is_ours(error):
                raise
            raise Unreadable(f"an OAuthToken whose fields raise {describe(error)}") from error
        raise Unreadable(f"{in_short(token)} is not an OAuthToken")

    def written(self, token: object) -> Record:
        return Record.of({name: as_said(value) for name, value in self.fields(token).items()})

    def read(self, token: object) -> Record:
        read = {name: as_text(value) for name, value in self.fields(token).items()}
        expiry = self.fields(token)["expires_in"]
        if isinstance(expiry, Number):  # the SDK only requires that int() accepts it
            read["expires_in"] = _in_milliseconds(expiry) or read["expires_in"]
        return Record.of(read)


def _put(token: Any, name: str, value: object) -> None:
    if ATTRIBUTES:
        setattr(token, NAMES[name], value)
    else:
        getattr(token, f"set_{NAMES[name]}")(value)


def _got(token: Any, name: str) -> object:
    return getattr(token, NAMES[name]) if ATTRIBUTES else getattr(token, f"get_{NAMES[name]}")()


def _in_milliseconds(expiry: Any) -> str | None:
    """Return an expiry as text. None if it is not a number of milliseconds, such as infinity.

    DATA-4 judges that.
    """
    try:
        return str(int(expiry))
    except (ValueError, TypeError, OverflowError):
        return None
