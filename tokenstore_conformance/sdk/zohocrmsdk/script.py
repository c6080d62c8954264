"""The parts of scripts for SDK lines 5 to 8: tokens, and a program that uses the SDK."""

from __future__ import annotations

from typing import Final

TOKENS: Final = '''\
with else_it_cannot_run():
    from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
    from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
    from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature


def token(**fields):
    """An OAuthToken with just these fields."""
    made = OAuthToken(id="unset")
    made.set_id(None)
    change(made, **fields)
    return made


def change(made, **fields):
    """Set these fields of a token."""
    for name, value in fields.items():
        if name == "user":
            made.set_user_signature(UserSignature(value))
        else:
            getattr(made, "set_" + name)(value)


def read(made):
    """The fields of a token."""
    names = ("id", "client_id", "client_secret", "refresh_token", "access_token", "grant_token",
             "expires_in", "redirect_url", "api_domain")
    fields = {name: getattr(made, "get_" + name)() for name in names}
    signature = made.get_user_signature()
    fields["user"] = signature.get_name() if signature is not None else None
    return fields


def listed(made):
    """What a listing has to show of a token."""
    return {name: text(value) for name, value in read(made).items()}
'''
"""Defines ``token(...)``, and functions that read and change a token."""

PROGRAM: Final = '''\
with else_it_cannot_run():
    from zohocrmsdk.src.com.zoho.api.logger import Logger
    from zohocrmsdk.src.com.zoho.crm.api.dc.data_center import DataCenter
    from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer


class sdk:
    """A program on the SDK, with the store and with Zoho on loopback."""

    def start(token):
        Initializer.initializer = Initializer.LOCAL.init = None  # as in a new process
        Initializer.initialize(
            environment=zoho.environment(DataCenter.Environment),
            token=token,
            store=store,
            resource_path=zoho.directory,
            logger=Logger.get_instance(level=Logger.Levels.INFO, file_path=None),
        )

    def switch(token):
        Initializer.switch_user(token=token)

    def get_token(token):
        return token.get_token()

    def remove(token):
        return token.remove()

    def revoke(id):
        return token(access_token="asked.access").revoke(id)


'''
"""Defines ``sdk``, a program that starts and uses tokens."""
