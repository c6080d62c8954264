"""Logins, and helpers that use them, for the tests of the stores on servers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tests.servers import Proxy


def token_of(user: str | None, access: str = "access", **others: str) -> OAuthToken:
    return OAuthToken(
        user_signature=None if user is None else UserSignature(user),
        client_id="client",
        client_secret="secret",
        refresh_token=f"refresh of {user}",
        access_token=access,
        **others,
    )


def accesses(store: Any) -> dict[str, str]:
    """Return the access token of each user; fail if a user is stored twice."""
    tokens = store.get_tokens()
    found = {each.get_user_signature().get_name(): each.get_access_token() for each in tokens}
    assert len(found) == len(tokens)
    return found


def at_once(*calls: Callable[[], object]) -> None:
    """Run the calls at the same time, each in its own thread; raise the first error, if any."""
    ready = threading.Barrier(len(calls))
    raised: list[BaseException] = []

    def run(call: Callable[[], object]) -> None:
        try:
            ready.wait()
            call()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


CALLS: dict[str, Callable[[Any], object]] = {
    "find_token": lambda store: store.find_token(token_of("user")),
    "find_token_by_id": lambda store: store.find_token_by_id("1"),
    "save_token": lambda store: store.save_token(token_of("other")),
    "delete_token": lambda store: store.delete_token("1"),
    "get_tokens": lambda store: store.get_tokens(),
    "delete_tokens": lambda store: store.delete_tokens(),
}


def refuses_while_cut(store: Any, proxy: Proxy) -> None:
    """Check that every call raises SDKException with a cause in an outage; then it answers."""
    store.save_token(token_of("user"))

    proxy.cut()
    for call in CALLS.values():
        with pytest.raises(SDKException) as raised:
            call(store)
        assert raised.value.__cause__ is not None
    proxy.open()

    assert accesses(store) == {"user": "access"}
