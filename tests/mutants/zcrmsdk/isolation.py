"""Mutants wrong about isolation: ISO-1 and ISO-2."""

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

from tests.correct.zcrmsdk.honest import FIELDS, get_field
from tests.mutants.zcrmsdk.mutant import Mutant


class _Aliases(Mutant):
    """What is changed on a token that the store saw is changed in its record as well."""

    def __init__(self):
        super().__init__()
        self.shared = []

    def _share(self, token, record):
        if record is not None:
            self.shared.append([token, record, self._read(token)])

    def _rows(self):
        for entry in self.shared:
            token, record, seen = entry
            entry[2] = now = {field: get_field(token, field) for field in FIELDS}
            record.update({field: now[field] for field in FIELDS if now[field] != seen[field]})
        return super()._rows()


# ISO-1: the token that was saved


class _SavedTokensAreKept(_Aliases):
    """The token that was saved is itself what is stored."""

    clause = "ISO-1"
    inserted: bool

    def save_token(self, user, token):
        before = len(self.records)
        super().save_token(user, token)
        if isinstance(token, OAuthToken) and (len(self.records) > before) == self.inserted:
            self._share(token, self._match(self._of(user, token)))


class InsertedTokensAreKept(_SavedTokensAreKept):
    """A change of a token that was inserted changes the store."""

    inserted = True


class UpdatedTokensAreKept(_SavedTokensAreKept):
    """A change of a token that updated a record changes the store."""

    inserted = False


class KeysFindTheSavedToken(Mutant):
    """The access token of the login that was saved last is read from the token that was saved."""

    clause = "ISO-1"
    last = None

    def save_token(self, user, token):
        super().save_token(user, token)
        if isinstance(token, OAuthToken):
            self.last = (self._match(self._of(user, token)), token)

    def _fill(self, token, record):
        if self.last is not None and self.last[0] is record:
            access_token = get_field(self.last[1], "access_token")
            record = {**record, "access_token": access_token or record["access_token"]}
        return super()._fill(token, record)


# ISO-2: the tokens that were found or listed


class FoundTokensAreStored(_Aliases):
    """A change of a token that get_token returned changes the store."""

    clause = "ISO-2"

    def _fill(self, token, record):
        found = super()._fill(token, record)
        self._share(found, record)
        return found


class TokensFoundByIdAreStored(_Aliases):
    """A change of a token that get_token_by_id returned changes the store."""

    clause = "ISO-2"
    needs_ids = True

    def get_token_by_id(self, id, token):
        found = super().get_token_by_id(id, token)
        if found is not None:
            self._share(found, self._locate_by_id(id))
        return found


class ListedTokensAreStored(_Aliases):
    """A change of a token that get_tokens returned changes the store."""

    clause = "ISO-2"

    def _token(self, record):
        token = super()._token(record)
        self._share(token, record)
        return token


class _AnswersAreShared(Mutant):
    """A record is answered with the same token again, until something else is stored."""

    clause = "ISO-2"

    def __init__(self):
        super().__init__()
        self.answers = {}

    def _shared(self, record):
        values = tuple(record[field] for field in FIELDS)
        return self.answers.setdefault(values, self._token(record))


class FoundTokensAreShared(_AnswersAreShared):
    """Two finds of one record are answered with the same token."""

    def get_token(self, user, token):
        record = self._locate(self._of(user, token)) if isinstance(token, OAuthToken) else None
        return record and self._shared(record)


class ListedTokensAreShared(_AnswersAreShared):
    """Two listings hold the same tokens."""

    def get_tokens(self):
        return [self._shared(record) for record in self._list()]
