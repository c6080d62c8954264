"""Mutants wrong about outages: ERR-1, ERR-2, and SEC-1 in an outage."""

import contextlib

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.capable import WRITES
from tests.correct.zohocrmsdk.capable import InFile, Locked
from tests.correct.zohocrmsdk.honest import SECRETS
from tests.mutants import outages
from tests.mutants.mutant import over

# ERR-1: a true answer, or SDKException


class SwallowsErrors(InFile):
    """A save that failed returns."""

    clause = "ERR-1"
    spills = ("SAVE-16",)

    def save_token(self, token) -> None:
        with contextlib.suppress(SDKException):
            super().save_token(token)


class AnswersNone(InFile):
    """A find that failed answers None."""

    clause = "ERR-1"

    def find_token(self, token):
        try:
            return super().find_token(token)
        except SDKException:
            return None


class RawErrors(InFile):
    """What the system raises reaches the program."""

    clause = "ERR-1"

    @contextlib.contextmanager
    def _turn(self, name: str):
        with Locked._turn(self, name), self._alone():
            self._load()
            yield
            if name in WRITES:
                self._store(self._dump())


class TellsNothing(InFile):
    """Every failure is the same empty exception."""

    clause = "ERR-1"

    @contextlib.contextmanager
    def _turn(self, name: str):
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

    def _load(self) -> None:
        try:
            super()._load()
        except (OSError, ValueError):
            self._forget()


# ERR-2: everything is there afterwards


class GivesUp(InFile):
    """After a failure it never tries again."""

    clause = "ERR-2"
    failed = False

    def _load(self) -> None:
        if self.failed:
            raise OSError("gave up")
        try:
            super()._load()
        except Exception:
            self.failed = True
            raise


# SEC-1: in the exception of an outage


class QuotesWhatItCannotSave(InFile):
    """What says that a save failed has the refresh token in it."""

    clause = "SEC-1"

    def save_token(self, token) -> None:
        try:
            super().save_token(token)
        except SDKException as error:
            if error.cause is None:
                raise
            secret = token.get_refresh_token()
            raise SDKException("TOKEN_STORE", f"cannot save {secret}") from None


class QuotesTheStatementThatFails(InFile):
    """The first call that fails quotes the access token by which it looks, the next do not."""

    clause = "SEC-1"
    has_failed = False

    def find_token(self, token):
        try:
            return super().find_token(token)
        except SDKException as error:
            if error.cause is None or self.has_failed:
                raise
            self.has_failed = True
            secret = token.get_access_token() if token.get_user_signature() is None else ""
            raise SDKException("TOKEN_STORE", f"[parameters: ({secret!r},)]") from None


# What both generations share

globals().update(over(InFile, outages.IN_FILE, __name__))


# ERR-1: what is kept for later


class KeepsForLater(InFile):
    """A save that fails is kept in memory, and written by the next call that works."""

    clause = "ERR-1"
    spills = ("SAVE-16",)

    def __init__(self):
        super().__init__()
        self.waiting = []

    def _load(self):
        super()._load()
        for token, new in self.waiting:
            old = self._locate_for_save(new)
            self._insert(token, new) if old is None else self._update(token, old, new)
        if self.waiting:
            self.waiting = []
            self._store(self._dump())

    def save_token(self, token):
        try:
            super().save_token(token)
        except SDKException:
            new = self._read(token)
            if any(new[field] for field in SECRETS):
                self.waiting.append((token, new))
