"""Correct stores that make their ids in other ways."""

import hashlib
import itertools
import uuid

from tests.correct.zohocrmsdk.correct import Correct


class RandomIds(Correct):
    """The id is a random UUID."""

    def _new_id(self):
        return str(uuid.uuid4())


class HashedIds(Correct):
    """The id is a hash of a counter."""

    def _new_id(self):
        while True:
            self.issued += 1
            id = hashlib.sha256(str(self.issued).encode()).hexdigest()
            if self._by_id(id) is None:
                return id


class PrefixedIds(Correct):
    """The id is a word and a number, in a text that SQL and shells would rather not see."""

    def _new_id(self):
        return f"token #{super()._new_id()} 'of %'"


class NegativeIds(Correct):
    """The id counts downwards."""

    def _new_id(self):
        taken = {record["id"] for record in self._rows()}
        counted = (str(-n) for n in itertools.count(self.issued + 1))
        id = next(id for id in counted if id not in taken)
        self.issued = -int(id)
        return id


class GreatestIds(Correct):
    """The id is one more than the greatest number among the ids: SAVE-15 is not kept."""

    breaks_should = ("SAVE-15",)

    def _new_id(self):
        ids = (record["id"] for record in self._rows())
        numbers = (int(id) for id in ids if id.isascii() and id.isdecimal())
        return str(max(numbers, default=0) + 1)


class UserNamesAsIds(Correct):
    """The id of a user's record is the name of the user."""

    def _choose_id(self, wanted):
        return super()._choose_id(wanted or self.naming)

    def _fresh(self, new):
        self.naming = new["user"]
        return super()._fresh(new)
