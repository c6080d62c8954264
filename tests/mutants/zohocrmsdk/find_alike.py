"""Mutants wrong about keys that are alike: FIND-14 and FIND-15."""

import fnmatch
import re
import unicodedata

from tests.correct.zohocrmsdk.honest import SECRETS, blank
from tests.mutants.zohocrmsdk.mutant import Mutant

# FIND-14, FIND-15: keys compare exactly


class _FindsAlike(Mutant):
    """A query that finds nothing is answered with a record whose key is like its own."""

    clause = "FIND-14"
    fields = ("user", *SECRETS)

    def _locate(self, query):
        field, wanted = self._key(query) or ("", "")
        found = super()._locate(query)
        if found or field not in self.fields:
            return found
        return self._first(lambda r: not blank(r[field]) and self.alike(r[field], wanted))

    def alike(self, stored, wanted):
        raise NotImplementedError


def _bare(text):
    """Without its accents."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


class FindDropsAccents(_FindsAlike):
    """A query for `muller` gets the record of `müller`."""

    def alike(self, stored, wanted):
        return _bare(stored) == wanted


class FindComparesTheFirstOfLongOnes(_FindsAlike):
    """A query compares 191 characters, as an index of MySQL may."""

    def alike(self, stored, wanted):
        return len(wanted) > 191 and stored[:191] == wanted[:191]


class FindStrips(_FindsAlike):
    """A query with blanks around its key gets the record of the key without."""

    def alike(self, stored, wanted):
        return stored == wanted.strip(" ")


class FindPads(_FindsAlike):
    """Blanks at the end of a key do not count, as in a fixed-width column."""

    def alike(self, stored, wanted):
        return stored.rstrip(" ") == wanted.rstrip(" ")


class FindTakesWildcards(_FindsAlike):
    """A query takes "%" and "_" for wildcards."""

    def alike(self, stored, wanted):
        pattern = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in wanted)
        return re.fullmatch(pattern, stored, re.DOTALL)


class FindGlobs(_FindsAlike):
    """A query takes "*" for a wildcard."""

    def alike(self, stored, wanted):
        return "*" in wanted and fnmatch.fnmatchcase(stored, wanted.replace("[", "[[]"))


class FindTakesABeginning(_FindsAlike):
    """A query with the beginning of a key gets the record of the key."""

    def alike(self, stored, wanted):
        return stored.startswith(wanted)


class FindTakesAPart(_FindsAlike):
    """A query with a key that contains a stored one gets that record: `in` for `==`."""

    def alike(self, stored, wanted):
        return stored in wanted


class FindIgnoresTheCaseOfSecrets(_FindsAlike):
    """A query ignores the case of the grant, refresh and access tokens."""

    fields = SECRETS

    def alike(self, stored, wanted):
        return stored.lower() == wanted.lower()


class SaveIgnoresTheCaseOfSecrets(Mutant):
    """A save takes tokens that differ in letter case alone for one."""

    clause = "FIND-14"

    def _locate_for_save(self, new):
        field, wanted = self._key(new) or ("", "")
        known = super()._locate_for_save(new)
        if known or field not in SECRETS:
            return known
        return self._first(lambda r: (r[field] or "").lower() == wanted.lower())


class SaveDropsAccents(Mutant):
    """A save for `müller` updates the record of `muller`, and the other way round."""

    clause = "FIND-14"

    def _locate_for_save(self, new):
        known = super()._locate_for_save(new)
        if known or blank(new["user"]):
            return known
        return self._first(lambda r: _bare(r["user"] or "") == _bare(new["user"]))


class SavePads(Mutant):
    """A save for `u ` updates the record of `u`."""

    clause = "FIND-14"

    def _locate_for_save(self, new):
        known = super()._locate_for_save(new)
        if known or blank(new["user"]):
            return known
        return self._first(lambda r: (r["user"] or "").rstrip() == new["user"].rstrip())


class FindIgnoresTheCaseOfUsers(_FindsAlike):
    """A query for `U` gets the record of `u`."""

    clause = "FIND-15"
    fields = ("user",)

    def alike(self, stored, wanted):
        return stored.lower() == wanted.lower()


class FindFoldsUsers(FindIgnoresTheCaseOfUsers):
    """A query for `strasse` gets the record of `straße`."""

    def alike(self, stored, wanted):
        return stored.casefold() == wanted.casefold()


class FindNormalizesUsers(FindIgnoresTheCaseOfUsers):
    """A query for a name in one normal form gets the record of the name in another."""

    def alike(self, stored, wanted):
        return unicodedata.normalize("NFC", stored) == unicodedata.normalize("NFC", wanted)


class SaveIgnoresTheCaseOfUsers(Mutant):
    """A save for `U` updates the record of `u`."""

    clause = "FIND-15"

    def _locate_for_save(self, new):
        known = super()._locate_for_save(new)
        if known or blank(new["user"]):
            return known
        return self._first(lambda r: self.form(r["user"] or "") == self.form(new["user"]))

    def form(self, name):
        return name.lower()


class SaveNormalizesUsers(SaveIgnoresTheCaseOfUsers):
    """A save for a name in one normal form updates the record of the name in another."""

    def form(self, name):
        return unicodedata.normalize("NFC", name)


class FindsThePartBeforeTheColon(_FindsAlike):
    """A user is found by the email, whatever the organisation."""

    fields = ("user",)

    def alike(self, stored, wanted):
        return stored.partition(":")[0] == wanted.partition(":")[0]


class FindsByTheFirstHalfOfAToken(_FindsAlike):
    """A token is found by its first 40 characters, as with an index on a prefix."""

    fields = SECRETS

    def alike(self, stored, wanted):
        return len(wanted) > 40 and stored[:40] == wanted[:40]


class FindDropsWhatFollowsAPlus(_FindsAlike):
    """A query for `ann+crm@` gets the record of `ann@`, as mail servers deliver it."""

    fields = ("user",)

    def alike(self, stored, wanted):
        return re.sub(r"\+[^@]*@", "@", stored) == re.sub(r"\+[^@]*@", "@", wanted)


class FindIgnoresTheCaseOfDomains(_FindsAlike):
    """A query ignores the letter case of what follows the @ in a user name."""

    clause = "FIND-15"
    fields = ("user",)

    def alike(self, stored, wanted):
        return _with_a_plain_domain(stored) == _with_a_plain_domain(wanted)


def _with_a_plain_domain(name):
    before, at, domain = name.partition("@")
    return before + at + domain.lower()


# FIND-14: names that are tidied


class UsersAreNamesOfFiles(Mutant):
    """Of a user's name, what could not be in the name of a file is made an underscore."""

    clause = "FIND-14"

    def _seek(self, field, value):
        if field != "user":
            return super()._seek(field, value)
        return self._first(lambda record: self._tidied(record["user"]) == self._tidied(value))

    def _tidied(self, name):
        return name and re.sub(r"[^\w@.:\u0080-\uffff *%?-]", "_", name)


class UsersAreInLatin1(UsersAreNamesOfFiles):
    """User names are compared in Latin-1, where most characters of the world are one."""

    def _tidied(self, name):
        return name and name.encode("latin-1", "replace")


class UsersAreTheirEnds(UsersAreNamesOfFiles):
    """Of a long user name, the first and the last 32 characters are compared."""

    def _tidied(self, name):
        return name if name is None or len(name) <= 64 else name[:32] + name[-32:]


class FindReadsTheOrganisationAsANumber(_FindsAlike):
    """What comes after the colon in a user's name is compared as a number."""

    fields = ("user",)

    def alike(self, stored, wanted):
        (email, _, org), (its_email, _, its_org) = stored.partition(":"), wanted.partition(":")
        try:
            return email == its_email and int(org) == int(its_org)
        except ValueError:
            return False
