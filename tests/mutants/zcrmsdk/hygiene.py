"""Mutants wrong about secrets and about what stays open: SEC-1 and RES-1."""

import logging
import os
import socket
import sys
import threading
import time
import warnings

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zcrmsdk.honest import FIELDS, get_field
from tests.mutants.zcrmsdk.mutant import Mutant

logger = logging.getLogger(__name__)


# SEC-1: in an exception


class _RefusesAloud(Mutant):
    """A deletion in vain tells the token in the exception."""

    clause = "SEC-1"

    def _locate_for_delete(self, gone):
        return super()._locate_for_delete(gone) or self.complain(gone)

    def complain(self, gone):
        raise NotImplementedError


class RefusalsQuoteTheToken(_RefusesAloud):
    """The message of a refusal quotes the token."""

    def complain(self, gone):
        raise SDKException("TOKEN_STORE", f"no such token: {gone}")


class RefusalsHaveDetails(_RefusesAloud):
    """The details of a refusal are the token's fields."""

    def complain(self, gone):
        raise SDKException("TOKEN_STORE", "no such token", details=gone)


class RefusalsHaveACauseThatTells(_RefusesAloud):
    """A refusal is harmless, but comes of an error with the statement's parameters."""

    def complain(self, gone):
        raise SDKException("TOKEN_STORE", "no such token") from LookupError(tuple(gone.values()))


class RefusalsComeAfterOneThatTells(_RefusesAloud):
    """A refusal is harmless, but is raised while an error with the client secret is handled."""

    def complain(self, gone):
        try:
            raise KeyError(gone["client_secret"])
        except KeyError:
            raise SDKException("TOKEN_STORE", "no such token")  # noqa: B904


class OddValuesAreQuoted(Mutant):
    """A value that is not text raises an error with all parameters of the statement."""

    clause = "SEC-1"

    def _fresh(self, new):
        odd = [value for value in new.values() if not isinstance(value, (str, type(None)))]
        if odd:
            raise TypeError(f"{type(odd[0]).__name__} in [parameters: {tuple(new.values())}]")
        return super()._fresh(new)


class NulsAreQuoted(Mutant):
    """A NUL in a text raises an error with all parameters of the statement."""

    clause = "SEC-1"

    def _fresh(self, new):
        if "\0" in str(new["redirect_url"]):
            raise ValueError(f"NUL in [parameters: {tuple(new.values())}]")
        return super()._fresh(new)


# SEC-1: in the log


class LogsWhatItSaves(Mutant):
    """Every save is logged, with the token's fields, for whoever debugs."""

    clause = "SEC-1"

    def _add(self, record):
        logger.debug("saving %s", record)
        super()._add(record)


class LogsWhatItMisses(Mutant):
    """A search in vain is logged with the query's refresh token."""

    clause = "SEC-1"

    def _miss(self, token):
        logger.info("no record has the refresh token %s", get_field(token, "refresh_token"))


class LogsWhatHasExpired(Mutant):
    """What is found and has expired is logged with its access token."""

    clause = "SEC-1"

    def _fill(self, token, record):
        if record["expires_in"] and int(record["expires_in"]) < time.time() * 1000:
            logger.info("%s has expired", record["access_token"])
        return super()._fill(token, record)


class LogsToItself(Mutant):
    """Every update is logged by a logger that passes nothing on to the root logger."""

    clause = "SEC-1"

    def _change(self, record, values):
        own = logging.getLogger(f"{__name__}.private")
        own.propagate = False
        own.setLevel(logging.DEBUG)
        own.addHandler(logging.NullHandler())
        own.info("%(user_mail)s has the access token %(access_token)s now", values)
        super()._change(record, values)


class LogsFieldsBeside(Mutant):
    """Every save is logged with the record as a field of its own, for a log in JSON."""

    clause = "SEC-1"

    def _add(self, record):
        logger.info("saved", extra={"token": dict(record)})
        super()._add(record)


class LogsDeletions(Mutant):
    """A deletion is logged with the record that goes."""

    clause = "SEC-1"

    def _remove(self, record):
        logger.info("gone: %r", record)
        super()._remove(record)


# SEC-1: elsewhere


class WarnsOfOddValues(Mutant):
    """A warning shows the token in which a value is not text."""

    clause = "SEC-1"

    def _fresh(self, new):
        if not all(isinstance(value, (str, type(None))) for value in new.values()):
            warnings.warn(f"not only texts: {new}", stacklevel=2)
        return super()._fresh(new)


class PrintsWhatItFinds(Mutant):
    """What is found is printed, which somebody forgot."""

    clause = "SEC-1"

    def _fill(self, token, record):
        print("DEBUG", record, file=sys.stderr)
        return super()._fill(token, record)


class ShowsItsRecords(Mutant):
    """Its repr is that of a dataclass: with all that it holds."""

    clause = "SEC-1"

    def __repr__(self):
        return f"ShowsItsRecords(records={self.records!r})"


class _TellingToken(OAuthToken):
    """A token that tells itself."""

    def __repr__(self):
        return f"OAuthToken({', '.join(str(get_field(self, field)) for field in FIELDS)})"


class AnswersWithTellingTokens(Mutant):
    """What is listed are tokens whose repr shows all of them."""

    clause = "SEC-1"
    kind = _TellingToken


# RES-1


class _Opens(Mutant):
    """It leaves files open until it ends."""

    clause = "RES-1"

    def __init__(self):
        super().__init__()
        self.opened = []
        self.name = os.path.abspath("tokens.lock")

    def _open(self):
        self.opened.append(os.open(self.name, os.O_RDWR | os.O_CREAT, 0o600))

    def __del__(self):
        for descriptor in self.opened:
            os.close(descriptor)


class OpensAtEachSearch(_Opens):
    """Every search opens a file and leaves it open."""

    def _locate(self, query):
        self._open()
        return super()._locate(query)


class OpensAtEachMiss(_Opens):
    """A search in vain forgets to close the file that it had opened."""

    def _miss(self, token):
        self._open()


class OpensAtEachSearchById(_Opens):
    """Every search by id opens a file and leaves it open."""

    needs_ids = True

    def _locate_by_id(self, id):
        self._open()
        return super()._locate_by_id(id)


class ConnectsAtEachDeletion(_Opens):
    """Every deletion opens a pipe to another program and leaves it."""

    def _locate_for_delete(self, gone):
        self.opened += os.pipe()
        return super()._locate_for_delete(gone)


class StartsAThreadAtEachUpdate(Mutant):
    """Every update starts a thread that waits until the store ends."""

    clause = "RES-1"

    def __init__(self):
        super().__init__()
        self.ended = threading.Event()

    def __del__(self):
        self.ended.set()

    def _change(self, record, values):
        super()._change(record, values)
        threading.Thread(target=self.ended.wait, args=(60,), daemon=True).start()


# RES-1: what a thread keeps


class _KeepsForEachThread(_Opens):
    """It keeps something open for each thread that has called it, until it ends."""

    def __init__(self):
        super().__init__()
        self.mine = threading.local()

    def _rows(self):
        if not hasattr(self.mine, "is_known"):
            self.mine.is_known = True
            self._greet()
        return super()._rows()

    def _greet(self):
        raise NotImplementedError


class OpensForEachThread(_KeepsForEachThread):
    """Each thread has a file of its own, which stays open when the thread has ended."""

    def _greet(self):
        self._open()


class ConnectsForEachThread(_KeepsForEachThread):
    """Each thread has a connection of its own, which stays open when the thread has ended."""

    def _greet(self):
        self.opened += (each.detach() for each in socket.socketpair())


class StartsAThreadForEachThread(_KeepsForEachThread):
    """Each thread has another one that works for it, until the store ends."""

    def __init__(self):
        super().__init__()
        self.ended = threading.Event()

    def __del__(self):
        self.ended.set()

    def _greet(self):
        threading.Thread(target=self.ended.wait, args=(60,), daemon=True).start()
