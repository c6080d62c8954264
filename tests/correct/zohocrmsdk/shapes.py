"""Correct stores whose methods come about in other ways."""

import functools

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore

from tests.correct.zohocrmsdk.correct import Correct
from tests.correct.zohocrmsdk.honest import Honest


class DispatchesByType(Correct):
    """A separate method handles arguments that are not tokens."""

    @functools.singledispatchmethod
    def save_token(self, token):
        pass

    @save_token.register
    def _(self, token: OAuthToken):
        super().save_token(token)


class OtherParameterNames(Correct):
    """The parameters have other names, by position alone."""

    def find_token(self, wanted, /):
        return super().find_token(wanted)

    def save_token(self, given, /):
        super().save_token(given)

    def delete_token(self, key, /):
        super().delete_token(key)

    def find_token_by_id(self, key, /):
        return super().find_token_by_id(key)


class MoreParameters(Correct):
    """The methods, and the constructor, know optional parameters that the SDK does not."""

    def __init__(self, table="tokens", *, echo=False):
        super().__init__()

    def find_token(self, token, for_update=False):
        return super().find_token(token)

    def save_token(self, token, *, commit=True):
        super().save_token(token)

    def get_tokens(self, limit=None, offset=0):
        return super().get_tokens()[offset:limit]

    def delete_tokens(self, *, sure=True):
        super().delete_tokens()


class StarredParameters(Correct):
    """The methods take what they are given."""

    def find_token(self, *args, **kwargs):
        return super().find_token(*args, **kwargs)

    def save_token(self, *args, **kwargs):
        return super().save_token(*args, **kwargs)

    def delete_token(self, *args, **kwargs):
        return super().delete_token(*args, **kwargs)

    def get_tokens(self, *args, **kwargs):
        return super().get_tokens(*args, **kwargs)

    def delete_tokens(self, *args, **kwargs):
        return super().delete_tokens(*args, **kwargs)

    def find_token_by_id(self, *args, **kwargs):
        return super().find_token_by_id(*args, **kwargs)


@TokenStore.register
class Delegates:
    """It has no method of its own, and is a TokenStore by registration."""

    breaks_should: tuple[str, ...] = ()

    def __init__(self):
        self._store = Honest()

    def __getattr__(self, name):
        return getattr(self._store, name)


class AssignsItsMethods(TokenStore):
    """Its methods are assigned when it is constructed."""

    breaks_should: tuple[str, ...] = ()
    find_token = save_token = delete_token = None
    get_tokens = delete_tokens = find_token_by_id = None

    def __init__(self):
        store = Honest()
        for name in TokenStore.__abstractmethods__:
            setattr(self, name, getattr(store, name))


class PartialMethods(TokenStore):
    """Its methods are partial ones of a single method."""

    breaks_should: tuple[str, ...] = ()

    def __init__(self):
        self._store = Honest()

    def _call(self, name, *args):
        return getattr(self._store, name)(*args)

    find_token = functools.partialmethod(_call, "find_token")
    save_token = functools.partialmethod(_call, "save_token")
    delete_token = functools.partialmethod(_call, "delete_token")
    get_tokens = functools.partialmethod(_call, "get_tokens")
    delete_tokens = functools.partialmethod(_call, "delete_tokens")
    find_token_by_id = functools.partialmethod(_call, "find_token_by_id")


class FalseWhileEmpty(Correct):
    """It has a length, so that an empty one is false, no hash, and is not equal to itself."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other):
        return False

    def __len__(self):
        return len(self.records)
