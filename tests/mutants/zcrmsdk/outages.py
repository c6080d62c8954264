"""Mutants wrong about outages: ERR-1 and ERR-2."""

import contextlib

from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.capable import WRITES
from tests.correct.zcrmsdk.capable import InFile, Locked
from tests.mutants import outages
from tests.mutants.mutant import over

# ERR-1: a true answer, or SDKException


class SwallowsErrors(InFile):
    """A save that failed returns."""

    clause = "ERR-1"

    def save_token(self, user, token):
        with contextlib.suppress(SDKException):
            super().save_token(user, token)


class SwallowsErrorsOfDeletions(InFile):
    """A deletion that failed returns."""

    clause = "ERR-1"

    def delete_token(self, token):
        with contextlib.suppress(SDKException):
            super().delete_token(token)


class AnswersNone(InFile):
    """A find that failed answers None."""

    clause = "ERR-1"

    def get_token(self, user, token):
        try:
            return super().get_token(user, token)
        except SDKException:
            return None


class AnswersNoneById(InFile):
    """A find by id that failed answers None."""

    clause = "ERR-1"
    needs_ids = True

    def get_token_by_id(self, id, token):
        try:
            return super().get_token_by_id(id, token)
        except SDKException:
            return None


class ListsNothing(InFile):
    """A listing that failed is empty."""

    clause = "ERR-1"

    def get_tokens(self):
        try:
            return super().get_tokens()
        except SDKException:
            return []


class RawErrors(InFile):
    """What the system raises reaches the program."""

    clause = "ERR-1"

    @contextlib.contextmanager
    def _turn(self, name):
        with Locked._turn(self, name), self._alone():
            self._load()
            yield
            if name in WRITES:
                self._store(self._dump())


class TellsNothing(InFile):
    """Every failure is the same empty exception."""

    clause = "ERR-1"

    @contextlib.contextmanager
    def _turn(self, name):
        failed = False
        try:
            with super()._turn(name):
                yield
        except SDKException:
            failed = True
        if failed:
            raise SDKException(None, None)


class StartsEmpty(InFile):
    """What cannot be read is an empty store."""

    clause = "ERR-1"

    def _load(self):
        try:
            super()._load()
        except (OSError, ValueError):
            self._forget()


# ERR-2: everything is there afterwards


class GivesUp(InFile):
    """After a failure it never tries again."""

    clause = "ERR-2"
    failed = False

    def _load(self):
        if self.failed:
            raise OSError("gave up")
        try:
            super()._load()
        except Exception:
            self.failed = True
            raise


class RepairsItsFile(InFile):
    """After a failure it begins with an empty file, lest the old one be broken."""

    clause = "ERR-2"
    failed = False

    def _load(self):
        try:
            super()._load()
        except Exception:
            self.failed = True
            raise
        if self.failed:
            self.failed, self.records = False, []
            self._store(self._dump())


# What both generations share

globals().update(over(InFile, outages.IN_FILE, __name__))
