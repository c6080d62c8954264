"""A token store over Django's ORM."""

import uuid
from contextlib import contextmanager

from django.db import DatabaseError, transaction
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from shop.models import FIELDS, Token

SECRETS = ("grant_token", "refresh_token", "access_token")


@contextmanager
def one_transaction():
    """All or nothing; what goes wrong in the database becomes SDKException."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        raise SDKException("TOKEN_STORE", "database: ", cause=error) from None


class DjangoStore(TokenStore):
    """On SQLite, give the database the option transaction_mode IMMEDIATE."""

    def find_token(self, token):
        if not isinstance(token, OAuthToken):
            return None
        with one_transaction():
            record = find(*(key(values_of(token)) or ("id", token.get_id())))
        return None if record is None else fill(token, record)

    def find_token_by_id(self, id):
        with one_transaction():
            record = find("id", id)
        return None if record is None else new_token(record)

    def save_token(self, token):
        if not isinstance(token, OAuthToken):
            return
        given = values_of(token)
        with one_transaction():
            record = find(*(key(given) or ("id", None)))
            same_id = find("id", token.get_id())
            if record is None and same_id and not (same_id.user_name and given["user_name"]):
                record = same_id
            if record is None:
                if not any(given[each] for each in SECRETS):
                    raise SDKException("TOKEN_STORE", "no grant, refresh or access token")
                keeps_id = token.get_id() and not same_id
                record = Token(id=token.get_id() if keeps_id else uuid.uuid4().hex)
            for name, value in given.items():
                if value:
                    setattr(record, name, value)
            record.save()
        token.set_id(record.id)

    def delete_token(self, id):
        with one_transaction():
            if isinstance(id, str):
                Token.objects.filter(id=id).delete()

    def get_tokens(self):
        with one_transaction():
            return [new_token(record) for record in Token.objects.order_by("id")]

    def delete_tokens(self):
        with one_transaction():
            Token.objects.all().delete()


def values_of(token):
    values = {name: getattr(token, f"get_{name}")() or None for name in FIELDS}
    user = token.get_user_signature()
    return {**values, "user_name": (user.get_name() or None) if user is not None else None}


def key(given):
    client = given["client_id"], given["client_secret"]
    if given["user_name"]:
        return "user_name", given["user_name"]
    if given["access_token"] and not any(client):
        return "access_token", given["access_token"]
    for name in ("grant_token", "refresh_token"):
        if given[name] and all(client):
            return name, given[name]
    return None


def find(name, value):
    return Token.objects.filter(**{name: value}).first() if isinstance(value, str) else None


def fill(token, record):
    values = values_of(token)
    token.set_id(token.get_id() or record.id)
    for name in FIELDS:
        if not values[name] and getattr(record, name) is not None:
            getattr(token, f"set_{name}")(getattr(record, name))
    if not values["user_name"] and record.user_name:
        token.set_user_signature(UserSignature(record.user_name))
    return token


def new_token(record):
    return fill(OAuthToken(id=record.id), record)
