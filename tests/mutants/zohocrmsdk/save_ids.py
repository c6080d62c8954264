"""Mutants wrong about the ids that save_token gives: SAVE-10 to SAVE-15."""

import hashlib
import random

from tests.correct.zohocrmsdk.honest import HonestFile, blank
from tests.mutants.zohocrmsdk.mutant import Mutant, refuse

SEEDED = random.Random(1)

# SAVE-10: an insert sets a non-empty str id, unique, on the token it was given


class InsertDoesNotTellTheId(Mutant):
    """An insert does not set the id on the token."""

    clause = "SAVE-10"

    def _insert(self, token, new):
        super()._insert(token, new)
        token.set_id(new["id"])


class InsertTellsANumber(Mutant):
    """An insert sets the id on the token as an int."""

    clause = "SAVE-10"

    def _insert(self, token, new):
        super()._insert(token, new)
        if blank(new["id"]):
            token.set_id(int(token.get_id()))


class InsertTellsAnEmptyId(Mutant):
    """An insert sets the empty text as id on the token."""

    clause = "SAVE-10"

    def _insert(self, token, new):
        super()._insert(token, new)
        token.set_id(new["id"] or "")


class InsertTellsAnotherId(Mutant):
    """An insert sets an id on the token that is not the record's."""

    clause = "SAVE-10"

    def _insert(self, token, new):
        super()._insert(token, new)
        token.set_id(new["id"] or f"{token.get_id()}-{len(self.records)}")


# SAVE-11: an insert keeps the id that the token came with


class _InsertRewritesIds(Mutant):
    """An insert rewrites the id that the token came with."""

    clause = "SAVE-11"

    def _choose_id(self, wanted):
        return super()._choose_id(wanted and self.rewritten(wanted))

    def rewritten(self, id):
        raise NotImplementedError


class InsertIgnoresIds(_InsertRewritesIds):
    """An insert gives every token an id of its own making."""

    def rewritten(self, id):
        return None


class InsertIgnoresIdsThatAreNoNumber(_InsertRewritesIds):
    """An insert keeps ids that are numbers, and no others."""

    def rewritten(self, id):
        return id if id.isdecimal() else None


class InsertRefusesIdsThatAreNoNumber(_InsertRewritesIds):
    """An insert raises ValueError for an id that is not a number."""

    spills = ("DATA-1",)

    def rewritten(self, id):
        return int(id) and id


class InsertRefusesLongIds(_InsertRewritesIds):
    """An insert raises SDKException for an id of more than 20 characters."""

    spills = ("DATA-1",)

    def rewritten(self, id):
        return id if len(id) <= 20 else refuse("data too long for column 'id'")


class InsertCutsIds(_InsertRewritesIds):
    """An insert cuts ids at ten characters."""

    spills = ("DATA-1",)

    def rewritten(self, id):
        return id[:10]


class InsertStripsZerosOffIds(_InsertRewritesIds):
    """An insert strips the zeros that an id begins with."""

    spills = ("DATA-1",)

    def rewritten(self, id):
        return id.lstrip("0") or id


class InsertLowersIds(_InsertRewritesIds):
    """An insert makes ids lower case."""

    spills = ("DATA-1",)

    def rewritten(self, id):
        return id.lower()


# SAVE-12: an update keeps the record's id


class UpdateTakesTheTokensId(Mutant):
    """An update gives the record the id that the token came with."""

    clause = "SAVE-12"

    def _merge(self, old, new):
        free = not blank(new["id"]) and self._by_id(new["id"]) is None
        return {**super()._merge(old, new), "id": new["id"] if free else old["id"]}


class UpdateMakesANewId(Mutant):
    """An update gives the record a new id: replace into."""

    clause = "SAVE-12"

    def _merge(self, old, new):
        return {**super()._merge(old, new), "id": self._new_id()}


# SAVE-13: an update sets the record's id on the token


class UpdateDoesNotTellTheId(Mutant):
    """An update does not set the record's id on the token."""

    clause = "SAVE-13"

    def _update(self, token, old, new):
        super()._update(token, old, new)
        token.set_id(new["id"])


class UpdateTellsNoTokenThatHasAnId(Mutant):
    """An update leaves a token the id that it came with, though the record has another."""

    clause = "SAVE-13"

    def _update(self, token, old, new):
        super()._update(token, old, new)
        token.set_id(new["id"] or old["id"])


# SAVE-14: ids stay unique


class TheGreatestIdIsCompared(Mutant):
    """The next id is one more than the greatest as text: after '9' and '10' comes '10' again."""

    clause = "SAVE-14"

    def _new_id(self):
        ids = [record["id"] for record in self._rows() if record["id"].isdecimal()]
        return str(int(max(ids, default="0")) + 1)

    def _add(self, record):
        if self._by_id(record["id"]):
            refuse("UNIQUE constraint failed")
        super()._add(record)


class IdsAreCounted(Mutant):
    """The next id is the number of records and one: taken, after a deletion."""

    clause = "SAVE-14"

    def _new_id(self):
        return str(len(self._rows()) + 1)


class IdsAreCountedAndRefused(IdsAreCounted):
    """The next id is the number of records and one: refused, after a deletion."""

    def _add(self, record):
        if self._by_id(record["id"]):
            refuse("UNIQUE constraint failed")
        super()._add(record)


class IdsOfCallersAreNotSeen(Mutant):
    """The store counts its ids, and does not see that a caller took the next one."""

    clause = "SAVE-14"

    def _new_id(self):
        self.issued += 1
        return str(self.issued)


class IdsWithAPrefixAreNotSeen(IdsOfCallersAreNotSeen):
    """The same with something in front of the number: `tok-7`."""

    def _new_id(self):
        return f"tok-{super()._new_id()}"


class CountsItsRecordsWhenItIsOpened(HonestFile, Mutant):
    """The first id of a store that is opened is the number of records and one."""

    clause = "SAVE-14"

    def __init__(self):
        super().__init__()
        self.count = len(self._rows())

    def _new_id(self):
        self.count += 1
        return f"t{self.count}"


class IdsHaveTwoDigits(Mutant):
    """The hundred-and-first id is the first again."""

    clause = "SAVE-14"

    def _new_id(self):
        self.issued += 1
        return f"{self.issued % 100:02}"


class TenRecordsAreEnough(Mutant):
    """The eleventh insert is refused."""

    clause = "SAVE-14"
    limit = 10

    def _add(self, record):
        if len(self._rows()) >= self.limit:
            refuse("the store is full")
        super()._add(record)


class AHundredRecordsAreEnough(TenRecordsAreEnough):
    """The hundred-and-first insert is refused."""

    limit = 100


class TheOldestMakesRoom(Mutant):
    """Beyond a hundred records, each insert removes the oldest, as in a cache."""

    clause = "SAVE-14"

    def _add(self, record):
        super()._add(record)
        del self.records[:-100]


class _NumbersIds(Mutant):
    """The next id is one more than the greatest number among the ids."""

    clause = "SAVE-14"

    def _new_id(self):
        numbers = [self.number(record["id"]) for record in self._rows()]
        self.issued = max(self.issued, *numbers, 0) + 1
        return str(self.issued)

    def number(self, id):
        raise NotImplementedError


class IdsAreTakenForNumbers(_NumbersIds):
    """An insert raises ValueError beside an id that is not a number."""

    def number(self, id):
        return int(id)


class DigitsAreTakenForNumbers(_NumbersIds):
    """An insert raises ValueError beside an id like "²": isdigit is True, int raises."""

    def number(self, id):
        return int(id) if id.isdigit() else 0


class NumeralsAreTakenForNumbers(_NumbersIds):
    """An insert raises ValueError beside an id like "½": isnumeric is True, int raises."""

    def number(self, id):
        return int(id) if id.isnumeric() else 0


class SignsAreTakenForNumbers(_NumbersIds):
    """An insert raises ValueError beside an id like "a-1": the number after the last dash."""

    def number(self, id):
        return int(id.rpartition("-")[2]) if "-" in id else int(id) if id.isdecimal() else 0


class EveryIdIsTheClients(Mutant):
    """The id that an insert makes is the client's: not unique."""

    clause = "SAVE-14"
    spills = ("DATA-1",)

    def _new_id(self):
        return "1000.CLIENT"


# SAVE-15: an id that the store made is never given out again


class TheGreatestIdComesAgain(Mutant):
    """The next id is one more than the greatest: that of the record deleted last."""

    clause = "SAVE-15"

    def _new_id(self):
        ids = (int(record["id"]) for record in self._rows() if record["id"].isdecimal())
        return str(max(ids, default=0) + 1)


class TheFirstFreeIdComesAgain(Mutant):
    """The next id is the smallest that is free."""

    clause = "SAVE-15"

    def _new_id(self):
        self.issued = 0
        return super()._new_id()


class IdsBeginAnewAfterAClear(Mutant):
    """delete_tokens sets the counter of the ids back."""

    clause = "SAVE-15"

    def _clear(self):
        super()._clear()
        self.issued = 0


class IdsBeginAnewWhenEmpty(Mutant):
    """The counter of the ids is set back when the last record is deleted."""

    clause = "SAVE-15"

    def _remove(self, record):
        super()._remove(record)
        self.issued *= bool(self._rows())


class IdsBeginAgainAfterARestart(HonestFile):
    """A store that is opened again counts its ids from the greatest that is left."""

    clause = "SAVE-15"

    def __init__(self):
        super().__init__()
        ids = (int(record["id"]) for record in self.records if record["id"].isdecimal())
        self.issued = max(ids, default=0)
        self._dump()


class DrawsIdsFromASeed(HonestFile):
    """Ids are drawn from a generator with a seed, so each process draws the same ones."""

    clause = "SAVE-15"

    def _new_id(self):
        taken = {record["id"] for record in self._rows()}
        while (id := f"{SEEDED.getrandbits(64):016x}") in taken:
            pass
        return id


# SAVE-13: where nothing is new


class NothingNewSetsNoId(Mutant):
    """A save that brings nothing new returns at once, and sets no id."""

    clause = "SAVE-13"

    def _update(self, token, old, new):
        if self._merge(old, new) != old:
            super()._update(token, old, new)


class IdsOfDeletedRecordsAreRefused(Mutant):
    """A new token whose id a deleted record had gets another one."""

    clause = "SAVE-11"

    def __init__(self):
        super().__init__()
        self.deleted = set()

    def _remove(self, record):
        self.deleted.add(record["id"])
        super()._remove(record)

    def _choose_id(self, wanted):
        return super()._choose_id(None if wanted in self.deleted else wanted)


class IdsAreMadeOfRefreshTokens(Mutant):
    """The id is a hash of the refresh token, which two users may share."""

    clause = "SAVE-14"

    def _fresh(self, new):
        record = super()._fresh(new)
        if new["id"] is None and new["refresh_token"]:
            record["id"] = hashlib.sha256(new["refresh_token"].encode()).hexdigest()
        return record


class ACompactedLogForgetsItsCounter(Mutant):
    """After every 64 deletions, ids are counted from the greatest that is left."""

    clause = "SAVE-15"

    def __init__(self):
        super().__init__()
        self.deletions = 0

    def _remove(self, record):
        super()._remove(record)
        self.deletions += 1
        if self.deletions % 64 == 0:
            self.issued = max((int(each["id"]) for each in self._rows()), default=0)


class ATakenIdReplacesItsRecord(Mutant):
    """Ids are counted by records, and a record whose id is taken replaces the one that has it."""

    clause = "SAVE-14"

    def _new_id(self):
        return str(len(self._rows()) + 1)

    def _add(self, record):
        for each in self._rows():
            if each["id"] == record["id"]:
                self._remove(each)
        super()._add(record)


class PassesOverOneTakenId(Mutant):
    """Ids are counted. One that is taken is passed over, and the next is taken for free."""

    clause = "SAVE-14"

    def _new_id(self):
        taken = {record["id"] for record in self._rows()}
        self.issued += 1
        if str(self.issued) in taken:
            self.issued += 1
        return str(self.issued)

    def _add(self, record):
        for each in self._rows():
            if each["id"] == record["id"]:
                self._remove(each)
        super()._add(record)
