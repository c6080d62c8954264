"""Correct stores that know no id, no character or no name but those that they must."""

import unicodedata

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.correct import Correct
from tests.correct.zohocrmsdk.honest import FIELDS


class UnknownIdsAreRefused(Correct):
    """delete_token raises SDKException for an unknown id, and for None."""

    def delete_token(self, id):
        if self._by_id(id) is None:
            raise SDKException("TOKEN_STORE", "no such id")
        super().delete_token(id)


class NoIdIsRefused(Correct):
    """delete_token raises SDKException for None, and is silent for an unknown id."""

    def delete_token(self, id):
        if id is None:
            raise SDKException("TOKEN_STORE", "no id")
        super().delete_token(id)


class ControlCharactersAreRefused(Correct):
    """Control characters and long texts raise SDKException: DATA-2 is not kept."""

    breaks_should = ("DATA-2",)

    def _read(self, token):
        values = super()._read(token)
        for text in filter(None, values.values()):
            if len(text) > 255 or any(map(self._odd, text)):
                raise SDKException("TOKEN_STORE", "a text that cannot be kept")
        return values

    def _odd(self, character):
        return unicodedata.category(character) in ("Cc", "Zl", "Zp") or character == "\ufeff"


class LineBreaksAreOne(Correct):
    """CR comes back as LF: DATA-2 is not kept."""

    breaks_should = ("DATA-2",)

    def _read(self, token):
        values = super()._read(token)
        return {f: values[f] and values[f].replace("\r", "\n") for f in FIELDS}


class NamesAreFolded(Correct):
    """User names are compared without case and normal form: FIND-15 is not kept."""

    breaks_should = ("FIND-15",)

    def _seek(self, field, value):
        if field != "user":
            return super()._seek(field, value)
        return self._first(lambda record: self._fold(record["user"]) == self._fold(value))

    def _same_id(self, new):
        record = self._by_id(new["id"])
        if record and self._fold(record["user"]) == self._fold(new["user"]):
            return record
        return super()._same_id(new)

    def _fold(self, name):
        return name and unicodedata.normalize("NFC", name).lower()


class NulIsRefused(Correct):
    """A NUL character raises SDKException, as no text column of PostgreSQL takes it."""

    def _read(self, token):
        values = super()._read(token)
        if any("\0" in text for text in values.values() if text):
            raise SDKException("TOKEN_STORE", "a NUL character")
        return values


class KeysAreShort(Correct):
    """Ids, user names and clients of more than 255 characters are refused: they are indexed."""

    def _read(self, token):
        values = super()._read(token)
        for field in ("id", "user", "client_id", "client_secret", "redirect_url", "api_domain"):
            if len(values[field] or "") > 255:
                raise SDKException("TOKEN_STORE", f"{field} is too long")
        return values
