"""Correct stores that save, answer and list in other ways, where the contract leaves it open."""

import random

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zcrmsdk.honest import (
    ACCESSORS,
    FIELDS,
    Honest,
    get_field,
    set_field,
)

NEEDED = ("refresh_token", "access_token", "expires_in")
"""What the SDK takes from a token that was found."""


class Replaces(Honest):
    """An update replaces the record: what the new token leaves None is gone."""

    def _merge(self, old, new):
        return dict(new)


class DeletesAndInserts(Honest):
    """An update deletes the old record, and adds a new one at the end."""

    def _update(self, old, new):
        self._remove(old)
        self._insert(new)


class KeepsWhatTheUserGaveFirst(Honest):
    """An update writes the tokens and the expiry alone."""

    def _merge(self, old, new):
        return {**old, **{field: new[field] or old[field] for field in NEEDED}}


class AnswersNewTokens(Honest):
    """What is found is a token of its own; the query stays as it was."""

    def _fill(self, token, record):
        return self._token(record)


class AnswersNewTokensWithTheSecretOfTheQuery(Honest):
    """What is found is a new token; secret and redirect url are not kept, and are the query's."""

    def _fresh(self, new):
        return new if ACCESSORS else {**new, "client_secret": None, "redirect_url": None}

    def _merge(self, old, new):
        return self._fresh(super()._merge(old, new))

    def _fill(self, token, record):
        found = self._token(record)
        for field in () if ACCESSORS else ("client_secret", "redirect_url"):
            set_field(found, field, get_field(token, field))
        return found


class FillsWhatIsNeeded(Honest):
    """The query is filled with what the SDK needs, and nothing else: no email, no redirect url."""

    breaks_should = ("SDK-11",)

    def _fill(self, token, record):
        needed = NEEDED
        if get_field(token, "client_id") is None:  # it was asked for by its id
            needed = (*NEEDED, "client_id", "client_secret", "grant_token")
        for field in needed:
            set_field(token, field, record[field])
        return token


class SetsTheEmailOnEveryQuery(Honest):
    """The user's email is set on the token by a find, too, found or not."""

    def get_token(self, user, token):
        found = super().get_token(user, token)
        set_field(token, "user_mail", get_field(user, "email"))
        return found


class ListsInAnyOrder(Honest):
    """The order of the listing is another one each time."""

    def __init__(self):
        super().__init__()
        self.chance = random.Random(7)

    def _list(self):
        rows = super()._list()
        return self.chance.sample(rows, len(rows))


class ListsWithoutSecrets(Honest):
    """No client secret and no redirect url is listed."""

    def _list(self):
        return [{**row, "client_secret": None, "redirect_url": None} for row in super()._list()]


class RefusesWhatIsUnknown(Honest):
    """SDKException where there is nothing to delete, or no token to save."""

    def delete_token(self, token):
        if not isinstance(token, OAuthToken) or self._match(self._read(token)) is None:
            raise SDKException("TOKEN_STORE", "no such token")
        super().delete_token(token)

    def save_token(self, user, token):
        if not isinstance(token, OAuthToken):
            raise SDKException("TOKEN_STORE", "no token")
        super().save_token(user, token)


class RefusesUnknownIds(Honest):
    """SDKException where there is nothing under an id, as in both of the SDK's stores of 2.x."""

    def get_token_by_id(self, id, token):
        found = super().get_token_by_id(id, token)
        if found is None:
            raise SDKException("TOKEN_STORE", "no such id")
        return found


class TypeErrorForWhatIsNoToken(Honest):
    """Something that is not a token is refused with an ordinary exception."""

    def save_token(self, user, token):
        if not isinstance(token, OAuthToken):
            raise TypeError(f"{type(token).__name__} is not a token")
        super().save_token(user, token)


class _MyToken(OAuthToken):
    """A token of a program's own."""


class ListsASubclass(Honest):
    """Listed tokens, and those that are found, are of a subclass of the SDK's."""

    kind = _MyToken

    def _fill(self, token, record):
        return self._token(record)


class ExpiresAtANumber(Honest):
    """The expiry is kept as a number, and given so."""

    def _of(self, user, token):
        values = super()._of(user, token)
        expiry = values["expires_in"]
        return {**values, "expires_in": None if expiry is None else int(expiry)}


class ListsTheExpiryAsANumber(Honest):
    """The expiry is a number in the listing, and a text elsewhere."""

    def get_tokens(self):
        tokens = super().get_tokens()
        for token in tokens:
            expiry = get_field(token, "expires_in")
            set_field(token, "expires_in", None if expiry is None else int(expiry))
        return tokens


class EmptyTextForNone(Honest):
    """What is None is given as the empty text, as in a file of text, except for the grant token."""

    def _token(self, record):
        return super()._token({f: "" if v is None else v for f, v in record.items()})

    def _fill(self, token, record):
        super()._fill(token, record)
        for field in FIELDS:
            if field != "grant_token" and get_field(token, field) is None:
                set_field(token, field, "")
        return token


class ReturnsTokens(Honest):
    """A save returns the token, as the SDK's docstring says; a delete whether it did."""

    def save_token(self, user, token):
        super().save_token(user, token)
        return token

    def delete_token(self, token):
        before = len(self.records)
        super().delete_token(token)
        return len(self.records) < before

    def delete_tokens(self):
        super().delete_tokens()
        return self


class NewestFirst(Honest):
    """A record that was updated or added stands first."""

    def _add(self, record):
        self.records.insert(0, record)

    def _change(self, record, values):
        self.records.remove(record)
        self.records.insert(0, values)
