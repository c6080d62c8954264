"""Mutants wrong about what a field can hold: DATA-1."""

import html
import re
import unicodedata
from urllib.parse import unquote_plus

from tests.correct.zcrmsdk.honest import HonestFile
from tests.mutants import mutant
from tests.mutants.zcrmsdk.mutant import GarblingMutant, refuse


class _Garbles(GarblingMutant):
    """The store garbles text before it keeps it."""

    clause = "DATA-1"
    spills = ("FIND-14",)


class KeepsLatinAlone(_Garbles):
    """What Latin-1 does not know becomes a question mark."""

    def garble(self, text):
        return text.encode("latin-1", "replace").decode("latin-1")


class KeepsAsciiAlone(_Garbles):
    """What ASCII does not know becomes a question mark."""

    def garble(self, text):
        return text.encode("ascii", "replace").decode("ascii")


class DropsAstralCharacters(_Garbles):
    """Characters of four bytes are dropped, as by a database of three."""

    def garble(self, text):
        return "".join(c for c in text if c <= "\uffff")


class DoublesApostrophes(_Garbles):
    """An apostrophe comes back doubled."""

    def garble(self, text):
        return text.replace("'", "''")


class RefusesApostrophes(_Garbles):
    """An apostrophe raises SDKException: it ends the statement."""

    def garble(self, text):
        return refuse("unrecognized token") if "'" in text else text


class CutsAtAComma(_Garbles):
    """Text is cut at its first comma."""

    def garble(self, text):
        return text.partition(",")[0]


class EatsBackslashes(_Garbles):
    """A backslash is lost."""

    def garble(self, text):
        return text.replace("\\", "")


class DecodesPercents(_Garbles):
    """Text is taken for a part of a URL, and decoded."""

    def garble(self, text):
        return unquote_plus(text)


class WritesHtml(_Garbles):
    """Text is escaped for HTML."""

    def garble(self, text):
        return html.escape(text, quote=False)


class Strips(_Garbles):
    """Blanks at either end are stripped."""

    def garble(self, text):
        return text.strip(" ")


class Composes(_Garbles):
    """Text comes back in normal form C."""

    def garble(self, text):
        return unicodedata.normalize("NFC", text)


class Lowers(_Garbles):
    """Text comes back in lower case."""

    def garble(self, text):
        return text.lower()


class CutsAt100(_Garbles):
    """Text is cut at 100 characters."""

    limit = 100

    def garble(self, text):
        return text[: self.limit]


class CutsAt254(CutsAt100):
    """Text is cut at 254 characters."""

    limit = 254


class CutsAt255Bytes(_Garbles):
    """Text is cut at 255 bytes."""

    def garble(self, text):
        return text.encode("utf-8")[:255].decode("utf-8", "ignore")


class RefusesLongText(_Garbles):
    """Text of more than 200 characters raises SDKException."""

    def garble(self, text):
        return refuse("data too long") if len(text) > 200 else text


class TakesDigitsForNumbers(_Garbles):
    """Text of digits loses the zeros that it begins with."""

    def garble(self, text):
        return str(int(text)) if re.fullmatch("[0-9]+", text) else text


class TakesNullForNone(_Garbles):
    """The text `null` comes back as None."""

    def garble(self, text):
        return None if text.lower() in ("null", "none") else text


# DATA-1: in one field alone


class CutsTheAccessTokenAt200(_Garbles):
    """The access token is cut at 200 characters."""

    garbled = ("access_token",)

    def garble(self, text):
        return text[:200]


class DecodesTheRefreshToken(_Garbles):
    """The refresh token is taken for a part of a URL, and decoded."""

    garbled = ("refresh_token",)

    def garble(self, text):
        return unquote_plus(text)


class LowersTheEmail(_Garbles):
    """The user's email comes back in lower case."""

    garbled = ("user_mail",)

    def garble(self, text):
        return text.lower()


class DoublesApostrophesInEmails(_Garbles):
    """An apostrophe in the user's email comes back doubled."""

    garbled = ("user_mail",)

    def garble(self, text):
        return text.replace("'", "''")


# DATA-1: once the store is opened again


class StripsWhatItReads(mutant.Mutant, HonestFile):
    """What it saved it answers from memory; blanks at either end are lost to the next store."""

    clause = "DATA-1"

    def _load(self):
        if self.records:
            return
        super()._load()
        self.records = [
            {field: value and value.strip(" ") for field, value in record.items()}
            for record in self.records
        ]


class CutsTheIdAt200(_Garbles):
    """The id is cut at 200 characters."""

    needs_ids = True
    garbled = ("id",)

    def garble(self, text):
        return text[:200]


class StripsTheId(_Garbles):
    """Blanks at either end of an id are stripped."""

    needs_ids = True
    garbled = ("id",)

    def garble(self, text):
        return text.strip()
