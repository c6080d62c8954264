"""Mutants wrong about secrets and about what stays open: SEC-1 and RES-1."""

import logging
import os
import socket
import sys
import threading
import warnings

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.honest import FIELDS, get_field, set_field
from tests.mutants.zohocrmsdk.mutant import Mutant

logger = logging.getLogger(__name__)


# SEC-1: in an exception


class _RefusesAloud(Mutant):
    """What is refused is shown in the exception."""

    clause = "SEC-1"

    def _insert(self, token, new):
        try:
            super()._insert(token, new)
        except SDKException as refusal:
            self.complain(new, refusal)

    def complain(self, new, refusal):
        raise NotImplementedError


class RefusalsQuoteTheToken(_RefusesAloud):
    """The message of a refusal quotes the token."""

    def complain(self, new, refusal):
        raise SDKException("TOKEN_STORE", f"nothing to store in {new}") from None


class RefusalsHaveDetails(_RefusesAloud):
    """The details of a refusal are the token's fields."""

    def complain(self, new, refusal):
        raise SDKException("TOKEN_STORE", "nothing to store", details=new) from None


class RefusalsHaveACauseThatTells(_RefusesAloud):
    """A refusal is harmless, but comes of an error with the statement's parameters."""

    def complain(self, new, refusal):
        raise SDKException("TOKEN_STORE", "nothing to store") from ValueError(tuple(new.values()))


class RefusalsComeAfterOneThatTells(_RefusesAloud):
    """A refusal is harmless, but is raised while an error with the client secret is handled."""

    def complain(self, new, refusal):
        try:
            raise KeyError(new["client_secret"])
        except KeyError:
            raise SDKException("TOKEN_STORE", "nothing to store")  # noqa: B904


class SharedSecretsAreRefused(Mutant):
    """Where two clients have one secret, the database's words for it are passed on."""

    clause = "SEC-1"

    def _add(self, record):
        same = record["client_secret"] and self._seek("client_secret", record["client_secret"])
        if same and same["client_id"] != record["client_id"]:
            key = f"Key (client_secret)=({record['client_secret']}) already exists."
            raise SDKException("TOKEN_STORE", f"duplicate key value: {key}")
        super()._add(record)


class OddValuesAreQuoted(Mutant):
    """A value that is not text raises an error with all parameters of the statement."""

    clause = "SEC-1"

    def _fresh(self, new):
        odd = [value for value in new.values() if not isinstance(value, (str, type(None)))]
        if odd:
            raise TypeError(f"{type(odd[0]).__name__} in [parameters: {tuple(new.values())}]")
        return super()._fresh(new)


# SEC-1: in the log


class LogsWhatItSaves(Mutant):
    """Every save is logged, with the token's fields, for whoever debugs."""

    clause = "SEC-1"

    def _add(self, record):
        logger.debug("saving %s", record)
        super()._add(record)


class LogsWhatItMisses(Mutant):
    """A find that finds nothing is logged with the query's refresh token."""

    clause = "SEC-1"

    def _miss(self, token):
        logger.info("no record has the refresh token %s", token.get_refresh_token())


class LogsToItself(Mutant):
    """Every update is logged by a logger that passes nothing on to the root logger."""

    clause = "SEC-1"

    def _change(self, record, values):
        own = logging.getLogger(f"{__name__}.private")
        own.propagate = False
        own.setLevel(logging.DEBUG)
        own.addHandler(logging.NullHandler())
        own.info("%(user)s has the access token %(access_token)s now", values)
        super()._change(record, values)


class LogsFieldsBeside(Mutant):
    """Every save is logged with the record as a field of its own, for a log in JSON."""

    clause = "SEC-1"

    def _add(self, record):
        logger.info("saved", extra={"token": dict(record)})
        super()._add(record)


class LogsErrorsThatTell(Mutant):
    """A refusal is logged with the error that it came of."""

    clause = "SEC-1"

    def _insert(self, token, new):
        try:
            super()._insert(token, new)
        except SDKException:
            try:
                raise LookupError(f"no token beside {new['client_secret']}")
            except LookupError:
                logger.info("refused", exc_info=True)
            raise


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

    def _token(self, record):
        token = _TellingToken(id=record["id"])
        for field in FIELDS:
            set_field(token, field, record[field])
        return token


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


class OpensNowAndThen(_Opens):
    """Every hundredth search opens a file and leaves it open."""

    searches = 0

    def _locate(self, query):
        self.searches += 1
        if self.searches % 100 == 0:
            self._open()
        return super()._locate(query)


class OpensAtEachRefusal(_Opens):
    """A refusal forgets to close the file that the save had opened."""

    def _insert(self, token, new):
        try:
            super()._insert(token, new)
        except SDKException:
            self._open()
            raise


class ConnectsAtEachDeletion(_Opens):
    """Every deletion opens a pipe to another program and leaves it."""

    def _locate_for_delete(self, id):
        self.opened += os.pipe()
        return super()._locate_for_delete(id)


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


class EachThreadKeepsItsConnection(_KeepsForEachThread):
    """No thread gives its connection back to the pool, which has thirty."""

    left = 30

    def _greet(self):
        if not self.left:
            raise SDKException("TOKEN_STORE", "no connection is free")
        self.left -= 1


# RES-1: what a refusal keeps


class ARefusalKeepsItsConnection(Mutant):
    """A refused save does not give its connection back to the pool, which has ten."""

    clause = "RES-1"

    left = 10

    def _insert(self, token, new):
        if not self.left:
            raise SDKException("TOKEN_STORE", "no connection is free")
        self.left -= 1
        super()._insert(token, new)
        self.left += 1
