"""Mutants wrong about text that cannot be encoded or decoded: SEC-1."""

import contextlib

from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zcrmsdk.capable import InADatabase
from tests.mutants.zcrmsdk.mutant import Mutant


class EncodesItsTokens(Mutant):
    """What cannot be encoded is told by the error of Python, which has the whole text."""

    clause = "SEC-1"

    def _add(self, record):
        for value in record.values():
            if value is not None:
                value.encode()
        super()._add(record)


class HasTheErrorOfEncodingAsItsCause(EncodesItsTokens):
    """SDKException for what cannot be encoded, with the error of Python as its cause."""

    clause = "SEC-1"

    def _add(self, record):
        try:
            super()._add(record)
        except UnicodeError as error:
            raise SDKException("TOKEN_STORE", "cannot be saved", cause=error) from None


class QuotesDamagedText(InADatabase):
    """What is stored and cannot be decoded is told by SQLite, which quotes it."""

    clause = "SEC-1"

    @contextlib.contextmanager
    def _turn(self, name):
        try:
            with super()._turn(name) as call:
                yield call
        except UnicodeError:
            raise SDKException("TOKEN_STORE", "cannot be saved") from None
