"""The door to `zohocrmsdk`, SDK lines 5 to 8: six methods of a store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tokenstore_conformance.guard.frames import describe, in_short
from tokenstore_conformance.guard.interrupts import is_ours
from tokenstore_conformance.records import NAMELESS, Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.sdk.values import Unreadable, as_said, as_text
from tokenstore_conformance.sdk.zohocrmsdk.script import PROGRAM, TOKENS


class Door:
    """Builds and reads the tokens of SDK lines 5 to 8."""

    module = "zohocrmsdk"
    methods: ClassVar[dict[str, tuple[str, ...]]] = {
        "find_token": ("token",),
        "save_token": ("token",),
        "delete_token": ("id",),
        "get_tokens": (),
        "delete_tokens": (),
        "find_token_by_id": ("id",),
    }
    store_type: type = TokenStore
    token_type: type = OAuthToken
    user_type: type = UserSignature
    refusal: type[Exception] = SDKException
    classes: tuple[type, ...] = (TokenStore, OAuthToken, UserSignature, SDKException)
    makes_ids = True
    by_id = True
    script = TOKENS
    program_script = PROGRAM

    def build(self, record: Record) -> Any:
        # The constructor requires one of a few fields and cannot take the expiry, so use setters.
        token = OAuthToken(id="unset")
        token.set_id(None)
        self._set(token, record)
        return token

    def fill(self, token: Any, record: Record) -> None:
        self.fields(token)  # raises if the token is not whole
        self._set(token, record)

    def _set(self, token: Any, record: Record) -> None:
        for name, value in record.items():
            if name == "user":
                token.set_user_signature(UserSignature(None if value is NAMELESS else value))
            else:
                getattr(token, f"set_{name}")(value)

    def wipe(self, token: Any, names: Iterable[str]) -> None:
        for name in names:
            getattr(token, "set_user_signature" if name == "user" else f"set_{name}")(None)

    def to_save(self, record: Record) -> Request:
        token = self.build(record)
        return Request("save_token", (token,), token)

    def to_find(self, query: Record) -> Request:
        token = self.build(query)
        return Request("find_token", (token,), token)

    def to_find_by_id(self, id: str | None) -> Request:
        return Request("find_token_by_id", (id,))

    def as_kept(self, record: Record) -> Record:
        return record

    def comparable(self, record: Record) -> Record:
        return record

    def used(self, record: Record) -> Record:
        return record

    def in_full(self, record: Record) -> Record:
        return record

    def key(self, record: Record) -> Record:
        return record.only("user")

    def to_delete(self, record: Record) -> Request:
        return Request("delete_token", (record.id,))

    def email_of(self, user: Any) -> str | None:
        return None  # no call of this generation passes a user along with the token

    def named(self, value: object) -> str:
        return ""

    def fields(self, token: Any) -> dict[str, object]:
        try:
            if isinstance(token, OAuthToken):
                return _read(token)
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
        fields = self.fields(token)
        if fields["user"] is None and cast(Any, token).get_user_signature() is not None:
            fields["user"] = NAMELESS
        return Record.of({name: as_said(value) for name, value in fields.items()})

    def read(self, token: object) -> Record:
        return Record.of({name: as_text(value) for name, value in self.fields(token).items()})


def _read(token: Any) -> dict[str, object]:
    signature = token.get_user_signature()
    return {
        "id": token.get_id(),
        "user": signature.get_name() if signature is not None else None,
        "client_id": token.get_client_id(),
        "client_secret": token.get_client_secret(),
        "refresh_token": token.get_refresh_token(),
        "access_token": token.get_access_token(),
        "grant_token": token.get_grant_token(),
        "expires_in": token.get_expires_in(),
        "redirect_url": token.get_redirect_url(),
        "api_domain": token.get_api_domain(),
    }
