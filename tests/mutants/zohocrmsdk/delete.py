"""Mutants wrong about delete_token: DEL-1 to DEL-4."""

import re
import unicodedata

from tests.correct.zohocrmsdk.honest import SECRETS, blank
from tests.mutants.mutant import for_each_field
from tests.mutants.zohocrmsdk.mutant import Mutant

# DEL-1: that record and no other; then found by no key


class DeletesNothing(Mutant):
    """delete_token deletes nothing, and says nothing."""

    clause = "DEL-1"

    def _locate_for_delete(self, id):
        return None


class _StillFoundBy(Mutant):
    """A deleted token is still found by its {field}: the index keeps it."""

    clause = "DEL-1"
    field = ""

    def __init__(self):
        super().__init__()
        self.deleted = []

    def _remove(self, record):
        super()._remove(record)
        self.deleted.append(record)

    def _locate(self, query):
        key = self._key(query) or ("id", query["id"])
        ghost = (r for r in self.deleted if key == (self.field, r[self.field]))
        return super()._locate(query) or next(ghost, None)


globals().update(for_each_field(_StillFoundBy, ("user", *SECRETS)))


class StillFoundById(_StillFoundBy):
    """A deleted token is still found by find_token_by_id."""

    def _locate(self, query):
        return super(_StillFoundBy, self)._locate(query)

    def _locate_by_id(self, id):
        ghost = (r for r in self.deleted if r["id"] == id)
        return super()._locate_by_id(id) or next(ghost, None)


class StillListed(_StillFoundBy):
    """A deleted token is found no more, but still listed."""

    def _locate(self, query):
        return super(_StillFoundBy, self)._locate(query)

    def _list(self):
        listed = super()._list()
        known = {record["id"] for record in listed}
        return listed + [record for record in self.deleted if record["id"] not in known]


class DeletesTheSecretsAlone(Mutant):
    """delete_token wipes the grant, refresh and access token, and keeps the record."""

    clause = "DEL-1"

    def _remove(self, record):
        self._change(record, dict.fromkeys(SECRETS))


class DeletesTheNextToo(Mutant):
    """delete_token takes the record after it along."""

    clause = "DEL-1"

    def _remove(self, record):
        rows = self._rows()
        for gone in rows[rows.index(record) :][:2]:
            super()._remove(gone)


class DeletesTheLast(Mutant):
    """delete_token deletes the record that was added last, whichever it was asked for."""

    clause = "DEL-1"

    def _remove(self, record):
        super()._remove(self._rows()[-1])


class DeletesTheWholeClient(Mutant):
    """delete_token deletes every record of the same client."""

    clause = "DEL-1"

    def _remove(self, record):
        for other in self._rows():
            if other is record or other["client_id"] == record["client_id"]:
                super()._remove(other)


class DeletesUsersAlone(Mutant):
    """delete_token deletes no record that has no user."""

    clause = "DEL-1"

    def _remove(self, record):
        if not blank(record["user"]):
            super()._remove(record)


class DeletesIdsThatBeginAlike(Mutant):
    """delete_token deletes every id that begins with the one it was given: "1" takes "10"."""

    clause = "DEL-1"

    def _remove(self, record):
        for other in self._rows():
            if other["id"].startswith(record["id"]):
                super()._remove(other)


class DeletesOnOnePage(Mutant):
    """delete_token looks for the id on one page of 100 records."""

    clause = "DEL-1"

    def _locate_for_delete(self, id):
        return next((each for each in self._rows()[:100] if each["id"] == id), None)


class DeletedUsersRaise(Mutant):
    """An index of the users keeps those that were deleted: a find by one raises KeyError."""

    clause = "DEL-1"

    def __init__(self):
        super().__init__()
        self.deleted = set()

    def _remove(self, record):
        super()._remove(record)
        self.deleted.add(record["user"])

    def _locate(self, query):
        found = super()._locate(query)
        if found is None and not blank(query["user"]) and query["user"] in self.deleted:
            raise KeyError(query["user"])
        return found


# DEL-2: an unknown id, and None, change nothing; None or SDKException


class DeletingNoneDeletesAll(Mutant):
    """delete_token(None) deletes every record: no id, no condition."""

    clause = "DEL-2"

    def delete_token(self, id):
        super().delete_tokens() if id is None else super().delete_token(id)


class DeletingNoneDeletesTheFirst(Mutant):
    """delete_token(None) deletes the first record."""

    clause = "DEL-2"

    def _locate_for_delete(self, id):
        return next(iter(self._rows()), None) if id is None else super()._locate_for_delete(id)


class DeletingNoneDeletesTheUserless(Mutant):
    """delete_token(None) deletes a record that has no user: None is equal to None."""

    clause = "DEL-2"

    def _locate_for_delete(self, id):
        if id is None:
            return self._first(lambda record: record["user"] is None)
        return super()._locate_for_delete(id)


class DeletingAnUnknownIdRaisesKeyError(Mutant):
    """delete_token raises KeyError for an unknown id."""

    clause = "DEL-2"

    def delete_token(self, id):
        self._remove({record["id"]: record for record in self._rows()}[id])


class DeletingALongIdRaises(Mutant):
    """An unknown id that is too long for the name of a file raises OSError."""

    clause = "DEL-2"

    def delete_token(self, id):
        if id is not None and len(id.encode()) > 250 and not self._by_id(id):
            raise OSError(36, "File name too long")
        super().delete_token(id)


class DeletingNoneRaisesTypeError(Mutant):
    """delete_token(None) raises TypeError: the id is pasted into a statement."""

    clause = "DEL-2"

    def delete_token(self, id):
        "delete from tokens where id = " + id
        super().delete_token(id)


class DeletingWantsANumber(Mutant):
    """delete_token raises ValueError for an unknown id that is not a number."""

    clause = "DEL-2"

    def delete_token(self, id):
        if self._locate_for_delete(id) is None and id is not None:
            int(id)
        super().delete_token(id)


class DeletingFromAnEmptyStoreRaises(Mutant):
    """delete_token raises IndexError while the store is empty."""

    clause = "DEL-2"

    def delete_token(self, id):
        self._rows()[0]
        super().delete_token(id)


class DeletingAnUnknownIdDeletesTheLast(Mutant):
    """delete_token deletes the last record for an unknown id: index -1 is an index."""

    clause = "DEL-2"

    def delete_token(self, id):
        ids = [record["id"] for record in self._rows()]
        index = ids.index(id) if id in ids else -1
        if ids:
            self._remove(self._rows()[index])


# DEL-3: hostile ids delete nothing but themselves


class _DeletesByLikeness(Mutant):
    """An id that is not there deletes those that are like it."""

    clause = "DEL-3"

    def delete_token(self, id):
        known = self._locate_for_delete(id)
        for record in [known] if known else self._rows():
            if known or (isinstance(id, str) and self.alike(record["id"], id)):
                self._remove(record)

    def alike(self, stored, wanted):
        raise NotImplementedError


class DeleteIsInjectable(_DeletesByLikeness):
    """delete_token("1 or 1=1") deletes every record."""

    def alike(self, stored, wanted):
        return wanted.endswith("1 or 1=1")


class DeleteIsInjectableByQuotes(_DeletesByLikeness):
    """delete_token("' or '1'='1") deletes every record."""

    def alike(self, stored, wanted):
        return "' or '1'='1" in wanted


class DeleteComparesTheFirstOfLongOnes(_DeletesByLikeness):
    """delete_token compares 128 characters, as much as its column holds."""

    def alike(self, stored, wanted):
        return len(wanted) > 128 and stored[:128] == wanted[:128]


class DeleteTakesWildcards(_DeletesByLikeness):
    """delete_token takes "%" and "_" for wildcards."""

    def alike(self, stored, wanted):
        pattern = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in wanted)
        return re.fullmatch(pattern, stored, re.DOTALL)


class DeleteComparesNumbers(_DeletesByLikeness):
    """delete_token takes "01" for "1"."""

    def alike(self, stored, wanted):
        return stored.isdecimal() and wanted.isdecimal() and int(stored) == int(wanted)


class DeleteIgnoresCase(_DeletesByLikeness):
    """delete_token takes "abc" for "Abc"."""

    def alike(self, stored, wanted):
        return stored.casefold() == wanted.casefold()


class DeleteStripsTheWanted(_DeletesByLikeness):
    """delete_token takes "1 " for "1"."""

    def alike(self, stored, wanted):
        return stored == wanted.strip()


# DEL-4: a deleted token can be saved again, as a new record


class _Mourns(Mutant):
    """The store remembers what it deleted."""

    clause = "DEL-4"

    def __init__(self):
        super().__init__()
        self.deleted = []

    def _remove(self, record):
        super()._remove(record)
        self.deleted.append(record)


class DeletedUsersStayAway(_Mourns):
    """A user whose token was deleted is not stored again."""

    def _insert(self, token, new):
        if blank(new["user"]) or new["user"] not in [record["user"] for record in self.deleted]:
            super()._insert(token, new)


class DeletedIdsStayAway(_Mourns):
    """The same token, saved again after it was deleted, is not stored: its id is buried."""

    def _insert(self, token, new):
        if new["id"] not in [record["id"] for record in self.deleted]:
            super()._insert(token, new)


class DeletedTokensCannotBeSaved(_Mourns):
    """A save of what was deleted raises KeyError: the index still points at the old record."""

    def _insert(self, token, new):
        key = self._key(new)
        if key and key in [(key[0], record[key[0]]) for record in self.deleted]:
            raise KeyError(key[0])
        super()._insert(token, new)


class DeletedTokensComeBackAsTheyWere(_Mourns):
    """A save of what was deleted brings back the old record, not the new values."""

    def _fresh(self, new):
        key = self._key(new)
        ghosts = (r for r in self.deleted if key and key == (key[0], r[key[0]]))
        return next(ghosts, super()._fresh(new))


# DEL-2 and DEL-4: names, and what comes back


class DeletesByUserNamesToo(Mutant):
    """delete_token deletes by the name of a user as well."""

    clause = "DEL-2"

    def _locate_for_delete(self, id):
        return super()._locate_for_delete(id) or (id and self._seek("user", id))


class ADeletedLoginComesBack(Mutant):
    """A user who logs in again gets back what the deleted record had and the new token has not."""

    clause = "DEL-4"

    def __init__(self):
        super().__init__()
        self.deleted = {}

    def _remove(self, record):
        super()._remove(record)
        self.deleted[record["user"]] = record

    def _fresh(self, new):
        old = self.deleted.get(new["user"]) if new["user"] else None
        fresh = super()._fresh(new)
        return {**self._merge(old, new), "id": fresh["id"]} if old else fresh


class DeletesByNormalForm(Mutant):
    """An id is normalized before the record is deleted: o and two dots are one letter."""

    clause = "DEL-3"

    def _locate_for_delete(self, id):
        wanted = unicodedata.normalize("NFC", id) if isinstance(id, str) else id
        return super()._locate_for_delete(wanted)


class ATokenKnowsItsRecord(Mutant):
    """A token object that was saved is of its record for good, also once that was deleted."""

    clause = "DEL-4"

    def save_token(self, token):
        known = getattr(token, "record", None)
        if known is None or any(each is known for each in self._rows()):
            super().save_token(token)
            token.__dict__["record"] = self._by_id(token.get_id())


class DeletesWhatIsBelowAnId(Mutant):
    """Records are kept by keys such as "7:user": deleting "desk" deletes "desk:7" too."""

    clause = "DEL-3"

    def _locate_for_delete(self, id):
        found = super()._locate_for_delete(id)
        below = f"{id}:"
        return found or self._first(lambda record: record["id"].startswith(below))


class DeletesLoginsOfItsClient(Mutant):
    """Without user and grant token, all records of the client are deleted with one of them."""

    clause = "DEL-1"

    def _remove(self, record):
        like = ("user", "grant_token", "client_id")
        super()._remove(record)
        if blank(record["user"]) and blank(record["grant_token"]) and record["client_id"]:
            for each in list(self._rows()):
                if all(each[field] == record[field] for field in like):
                    super()._remove(each)


class DeletesTheAccessTokenAlone(Mutant):
    """With a user's record, a record of only the same access token is deleted."""

    clause = "DEL-1"

    def _remove(self, record):
        super()._remove(record)
        for each in list(self._rows()):
            if blank(each["user"]) and each["access_token"] == record["access_token"]:
                super()._remove(each)
