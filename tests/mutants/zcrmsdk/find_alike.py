"""Mutants that take one key for another: FIND-14."""

import fnmatch
import re
import unicodedata

from tests.mutants.mutant import for_each_field
from tests.mutants.zcrmsdk.mutant import GRANT, REFRESH, AlikeMutant, Mutant, as_pattern


def bare(text):
    """Without its accents."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


class _FindsAlike(AlikeMutant):
    """A query finds the record of a key that is like its own."""

    clause = "FIND-14"

    def _locate(self, query):
        return super()._locate(query) or self._alike(query)


class _FindIgnoresTheCaseOf(_FindsAlike):
    """A query ignores the letter case of the {field}."""

    field = ""

    @property
    def compared(self):
        return (self.field,)

    def alike(self, stored, wanted):
        return stored.lower() == wanted.lower()


globals().update(for_each_field(_FindIgnoresTheCaseOf, ("user_mail", "client_id", GRANT, REFRESH)))


class FindIgnoresTheCaseOfDomains(_FindsAlike):
    """A query ignores the letter case of what follows the @ in an email."""

    compared = ("user_mail",)

    def alike(self, stored, wanted):
        (name, domain), (other, its_domain) = stored.split("@"), wanted.split("@")
        return name == other and domain.lower() == its_domain.lower()


class FindDropsWhatFollowsAPlus(_FindsAlike):
    """A query for `ann+crm@` gets the record of `ann@`, as mail servers deliver it."""

    compared = ("user_mail",)

    def alike(self, stored, wanted):
        return re.sub(r"\+.*@", "@", stored) == re.sub(r"\+.*@", "@", wanted)


class FindDropsAccents(_FindsAlike):
    """A query for `año` gets the record of `ano`."""

    def alike(self, stored, wanted):
        return bare(stored) == bare(wanted)


class FindNormalizes(_FindsAlike):
    """A query for a key in one normal form gets the record of the key in another."""

    def alike(self, stored, wanted):
        return unicodedata.normalize("NFC", stored) == unicodedata.normalize("NFC", wanted)


class NamesAreNormalized(_FindsAlike):
    """Emails of users are compared in one normal form."""

    compared = ("user_mail",)

    def alike(self, stored, wanted):
        return unicodedata.normalize("NFC", stored) == unicodedata.normalize("NFC", wanted)


class FindPads(_FindsAlike):
    """Blanks at the end of a key do not count, as in a fixed-width column."""

    def alike(self, stored, wanted):
        return stored.rstrip(" ") == wanted.rstrip(" ")


class FindStripsTheBeginning(_FindsAlike):
    """Blanks at the beginning of a key do not count."""

    def alike(self, stored, wanted):
        return stored.lstrip(" ") == wanted.lstrip(" ")


class FindTakesWildcards(_FindsAlike):
    """A query takes "%" and "_" for wildcards, like SQL's LIKE."""

    def alike(self, stored, wanted):
        return re.fullmatch(as_pattern(wanted), stored, re.DOTALL) is not None


class FindTakesWildcardsInUsers(FindTakesWildcards):
    """A query takes "%" and "_" in an email for wildcards."""

    compared = ("user_mail",)


class FindGlobs(_FindsAlike):
    """A query takes "*" for a wildcard, like a shell that looks for a file."""

    def alike(self, stored, wanted):
        return "*" in wanted and fnmatch.fnmatchcase(stored, wanted.replace("[", "[[]"))


class FindTakesABeginning(_FindsAlike):
    """A query with the beginning of a token gets the record of the token."""

    compared = (GRANT, REFRESH)

    def alike(self, stored, wanted):
        return bool(wanted) and stored.startswith(wanted)


class FindTakesAnEnd(_FindsAlike):
    """A query with the end of a token gets the record of the token: `LIKE '%' || ?`."""

    compared = (GRANT, REFRESH)

    def alike(self, stored, wanted):
        return bool(wanted) and stored.endswith(wanted)


class FindDropsDotsOfEmails(_FindsAlike):
    """A query for `ann.lee@` gets the record of `annlee@`, as a mail server delivers it."""

    compared = ("user_mail",)

    def alike(self, stored, wanted):
        (name, domain), (other, its_domain) = stored.split("@"), wanted.split("@")
        return domain == its_domain and name.replace(".", "") == other.replace(".", "")


class FindTakesAPart(_FindsAlike):
    """A query with a key that contains a stored one gets that record: `in` for `==`."""

    def alike(self, stored, wanted):
        return stored in wanted


class _SavesAlike(AlikeMutant):
    """A save updates the record of a key that is like its own."""

    clause = "FIND-14"

    def _locate_for_save(self, new):
        return super()._locate_for_save(new) or self._alike(new)


class SaveIgnoresTheCaseOfUsers(_SavesAlike):
    """A save for `Ann@x` updates the record of `ann@x`."""

    compared = ("user_mail",)

    def alike(self, stored, wanted):
        return stored.lower() == wanted.lower()


class SaveIgnoresTheCaseOfTokens(SaveIgnoresTheCaseOfUsers):
    """A save takes grant or refresh tokens that differ in letter case alone for one."""

    compared = (GRANT, REFRESH)


class SavePads(_SavesAlike):
    """A save takes tokens that differ in blanks at the end alone for one."""

    compared = (GRANT, REFRESH)

    def alike(self, stored, wanted):
        return stored.rstrip(" ") == wanted.rstrip(" ")


# FIND-14: the parts of a key, put together


class _JoinsItsKey(Mutant):
    """Compares the parts of a key as one text."""

    clause = "FIND-14"
    between = ""

    def _same(self, record, values):
        key = self._key(values)
        return record[key] is not None and self._joined(record, key) == self._joined(values, key)

    def _joined(self, record, key):
        return self.between.join(str(record[f]) for f in ("user_mail", "client_id", key))


class JoinsItsKey(_JoinsItsKey):
    """The key of a login is its user, client and token, with nothing between."""


class JoinsItsKeyWithABar(_JoinsItsKey):
    """The same, with a bar between them."""

    between = "|"


class JoinsUserAndClient(_JoinsItsKey):
    """The user and the client of a login are one text, with a colon between."""

    def _joined(self, record, key):
        return (f"{record['user_mail']}:{record['client_id']}", record[key])


class EmailsAreNamesOfFiles(AlikeMutant):
    """Of an email, what is no letter, digit, dot or at sign is made an underscore."""

    clause = "FIND-14"
    compared = ("user_mail",)

    def _match(self, values):
        return self._alike(values)

    def alike(self, stored, wanted):
        return self._tidied(stored) == self._tidied(wanted)

    def _tidied(self, email):
        return re.sub(r"[^A-Za-z0-9@. \u0080-\uffff%-]", "_", email)
