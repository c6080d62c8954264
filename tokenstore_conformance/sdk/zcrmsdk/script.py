"""The parts of scripts for the older SDK: tokens, and a program that uses the SDK."""

from __future__ import annotations

from string import Template
from typing import Final

_TOKENS: Final = Template('''\
with else_it_cannot_run():
    from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import $imported
    from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
    from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature


def user(email):
    """The signature of a user."""
    return UserSignature(email)


def token(**fields):
    """An OAuthToken with just these fields; the user is its user_mail."""
    made = $made
    change(made, **fields)
    return made


def change(made, **fields):
    """Set these fields of a token."""
    for name, value in fields.items():
        name = "user_mail" if name == "user" else name
        $put


def read(made):
    """The fields of a token, or the user of a signature."""
    if isinstance(made, UserSignature):
        return {"user": $email}
    names = ("id", "client_id", "client_secret", "refresh_token", "access_token", "grant_token",
             "expires_in", "redirect_url", "user_mail")
    fields = {name: $got for name in names}
    fields["user"] = fields.pop("user_mail")
    return fields


def listed(made):
    """What a listing has to show of a token: with a grant token not its refresh token."""
    names = ["user", "client_id", "access_token", "grant_token", "expires_in"]
    fields = {name: text(read(made)[name]) for name in names}
    if fields["grant_token"] is None:
        fields["refresh_token"] = text(read(made)["refresh_token"])
    return fields
''')

_OF_ATTRIBUTES: Final = {
    "imported": "OAuthToken, TokenType",
    "made": 'OAuthToken("unset", None, "unset", TokenType.GRANT)\n'
    "    made.client_id = made.grant_token = None",
    "put": "setattr(made, name, value)",
    "got": "getattr(made, name)",
    "email": "made.email",
}
_OF_ACCESSORS: Final = {
    "imported": "OAuthToken",
    "made": 'OAuthToken("unset", "unset", grant_token="unset")\n'
    '    for name in ("client_id", "client_secret", "grant_token"):\n'
    '        getattr(made, "set_" + name)(None)',
    "put": 'getattr(made, "set_" + name)(value)',
    "got": 'getattr(made, "get_" + name)()',
    "email": "made.get_email()",
}


def tokens(*, attributes: bool) -> str:
    """Return Python that defines ``token(...)``, and functions that read and change a token.

    ``attributes`` says whether a token's fields are plain attributes.
    """
    return _TOKENS.substitute(_OF_ATTRIBUTES if attributes else _OF_ACCESSORS)


PROGRAM: Final = '''\
with else_it_cannot_run():
    from zcrmsdk.src.com.zoho.api.logger import Logger
    from zcrmsdk.src.com.zoho.crm.api.dc.data_center import DataCenter
    from zcrmsdk.src.com.zoho.crm.api.initializer import Initializer
    from zcrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
    from zcrmsdk.src.com.zoho.crm.api.util.api_http_connector import APIHTTPConnector


class sdk:
    """A program on the SDK, with the store and with Zoho on loopback."""

    def start(user, token):
        log = f"{zoho.directory}/sdk.log"
        Initializer.initializer = Initializer.LOCAL.init = None  # as in a new process
        Initializer.initialize(
            user=user,
            environment=zoho.environment(DataCenter.Environment),
            token=token,
            store=store,
            sdk_config=SDKConfig(),
            resource_path=zoho.directory,
            logger=Logger.get_instance(level=Logger.Levels.INFO, file_path=log),
        )

    def switch(user, token):
        Initializer.switch_user(
            user=user,
            environment=zoho.environment(DataCenter.Environment),
            token=token,
            sdk_config=SDKConfig(),
        )

    def get_token(token):
        connector = APIHTTPConnector()
        token.authenticate(connector)
        return connector.headers["Authorization"].replace("Zoho-oauthtoken ", "", 1)

    def remove(token):
        return token.remove()


'''
"""Defines ``sdk``, a program that starts and uses tokens."""
