"""Mutants wrong about text: DATA-1 to DATA-3."""

import html
import re
import unicodedata
from urllib.parse import unquote_plus

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.honest import FIELDS, HonestFile
from tests.mutants import rare_text
from tests.mutants.mutant import over
from tests.mutants.zohocrmsdk.mutant import Mutant

# DATA-1, DATA-2: text comes back as it went in


class _Garbles(Mutant):
    """The store garbles text before it keeps it."""

    clause = "DATA-1"
    spills = ("FIND-14", "FIND-15")

    def _insert(self, token, new):
        super()._insert(token, self._garbled(new))

    def _update(self, token, old, new):
        super()._update(token, old, self._garbled(new))

    def _garbled(self, record):
        return {f: record[f] if record[f] is None else self.garble(record[f]) for f in FIELDS}

    def garble(self, text):
        raise NotImplementedError


class KeepsLatinAlone(_Garbles):
    """What Latin-1 does not know becomes a question mark."""

    def garble(self, text):
        return text.encode("latin-1", "replace").decode("latin-1")


class KeepsAsciiAlone(_Garbles):
    """What ASCII does not know becomes a question mark."""

    spills = ("FIND-14", "FIND-15", "SAVE-29")

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
        if "'" in text:
            raise SDKException("TOKEN_STORE", "unrecognized token")
        return text


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


class DropsTheLastSlash(_Garbles):
    """A slash at the end is lost, as from a URL that is tidied up."""

    def garble(self, text):
        return text.removesuffix("/")


class TidiesUrls(_Garbles):
    """The scheme and the host of a URL come back in lower case."""

    def garble(self, text):
        return re.sub("^https?://[^/]*", lambda found: found[0].lower(), text, flags=re.I)


class WritesHtml(_Garbles):
    """Text is escaped for HTML."""

    def garble(self, text):
        return html.escape(text, quote=False)


class Strips(_Garbles):
    """Blanks at either end are stripped."""

    spills = ("FIND-14", "FIND-15", "SAVE-29")

    def garble(self, text):
        return text.strip(" ")


class Composes(_Garbles):
    """Text comes back in normal form C."""

    def garble(self, text):
        return unicodedata.normalize("NFC", text)


class Lowers(_Garbles):
    """Text comes back in lower case."""

    spills = ("FIND-14", "FIND-15", "SAVE-11")

    def garble(self, text):
        return text.lower()


class CutsAt100(_Garbles):
    """Text is cut at 100 characters."""

    limit = 100

    def garble(self, text):
        return text[: self.limit]


class CutsAt200(CutsAt100):
    """Text is cut at 200 characters."""

    limit = 200


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
        if len(text) > 200:
            raise SDKException("TOKEN_STORE", "data too long")
        return text


class TakesDigitsForNumbers(_Garbles):
    """Text of digits loses the zeros that it begins with."""

    spills = ("FIND-14", "FIND-15", "SAVE-11")

    def garble(self, text):
        return str(int(text)) if re.fullmatch("[0-9]+", text) else text


class TakesNullForNone(_Garbles):
    """The text `null` comes back as None."""

    def garble(self, text):
        return None if text.lower() in ("null", "none") else text


class _GarblesOneField(_Garbles):
    """The store garbles one field alone."""

    field = ""

    def _garbled(self, record):
        return {**record, self.field: super()._garbled(record)[self.field]}


class CutsTheRedirectUrlAt200(_GarblesOneField):
    """The redirect URL is cut at 200 characters."""

    field = "redirect_url"

    def garble(self, text):
        return text[:200]


class CutsTheClientSecretAt100(_GarblesOneField):
    """The client secret is cut at 100 characters."""

    field = "client_secret"

    def garble(self, text):
        return text[:100]


class LowersTheApiDomain(_GarblesOneField):
    """The API domain comes back in lower case."""

    field = "api_domain"

    def garble(self, text):
        return text.lower()


class StripsTheId(_GarblesOneField):
    """Blanks at either end of an id are stripped."""

    spills = ("FIND-14", "FIND-15", "SAVE-29")

    field = "id"

    def garble(self, text):
        return text.strip()


class _GarblesRareText(_Garbles):
    """The store garbles what is rare in text."""

    clause = "DATA-2"


globals().update(over(_GarblesRareText, rare_text.GARBLED, __name__))
globals().update(over(HonestFile, rare_text.IN_JSON, __name__))

# DATA-3: expires_in comes back as a str


class FindAnswersWithANumber(Mutant):
    """find_token answers with an int for the expiry."""

    clause = "DATA-3"
    number = int

    def find_token(self, token):
        return self._numbered(super().find_token(token))

    def _numbered(self, token):
        expiry = token and token.get_expires_in()
        if expiry and expiry.isdecimal():
            token.set_expires_in(self.number(expiry))
        return token


class ByIdAnswersWithANumber(FindAnswersWithANumber):
    """find_token_by_id answers with an int for the expiry."""

    def find_token(self, token):
        return super(FindAnswersWithANumber, self).find_token(token)

    def find_token_by_id(self, id):
        return self._numbered(super().find_token_by_id(id))


class ListAnswersWithNumbers(FindAnswersWithANumber):
    """get_tokens answers with ints for the expiries."""

    def find_token(self, token):
        return super(FindAnswersWithANumber, self).find_token(token)

    def get_tokens(self):
        return [self._numbered(token) for token in super().get_tokens()]


class FindAnswersWithAFloat(FindAnswersWithANumber):
    """find_token answers with a float for the expiry."""

    spills = ("FIND-14",)

    number = float


# DATA-1: text that is taken for something else


class HexadecimalIsWrittenSmall(Mutant):
    """Tokens in Zoho's shape are kept as bytes, and come back in small letters."""

    clause = "DATA-1"

    def _fresh(self, new):
        fresh = super()._fresh(new)
        return {
            field: value.lower()
            if isinstance(value, str) and re.fullmatch(r"1000(\.[0-9A-F]{32}){2}", value)
            else value
            for field, value in fresh.items()
        }


class ReadsTwice(Mutant):
    """Text is kept in Latin-1 where that will do, and read as UTF-8 where that is possible."""

    clause = "DATA-1"

    def _fresh(self, new):
        return {field: self._read_again(value) for field, value in super()._fresh(new).items()}

    def _read_again(self, value):
        try:
            return value.encode("latin-1").decode("utf-8")
        except (AttributeError, UnicodeError):
            return value


class AddressesInAnyCase(Mutant):
    """An address that is stored already, in whatever case, is stored once."""

    clause = "DATA-1"

    def _add(self, record):
        for each in self._rows():
            if str(each["redirect_url"]).lower() == str(record["redirect_url"]).lower():
                record = {**record, "redirect_url": each["redirect_url"]}
        super()._add(record)
