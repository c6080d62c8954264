"""Harnesses that do what they should, and harnesses that do not. Tests copy this file."""

import contextlib
import os
import signal
from pathlib import Path

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore
from tokenstore_conformance.guard import limits
from tokenstore_conformance.harness import Harness


class Traced(Harness):
    log = Path(__file__).with_name("log.txt")

    def note(self, what):
        with self.log.open("a") as log:
            print(self.namespace, what, file=log)

    def set_up(self):
        self.note("set_up")

    def open(self):
        self.note("open")
        return SQLiteStore(self.tmp_path / f"{self.namespace}.db")

    def tear_down(self):
        self.note("tear_down")

    def outage(self):
        self.note("outage")
        file = self.tmp_path / f"{self.namespace}.db"
        file.rename(file.with_suffix(".away"))
        file.mkdir()
        yield
        file.rmdir()
        file.with_suffix(".away").rename(file)
        self.note("back")


class Claims(Traced):
    capabilities = ("outage", "threads")


class ForgetsInAnOutage(Traced):
    def open(self):
        store = super().open()
        find = store.find_token

        def find_or_none(token):
            with contextlib.suppress(Exception):
                return find(token)

        store.find_token = find_or_none
        return store


class OutageFails(Traced):
    def outage(self):
        raise ConnectionError("no way to the server")


class NoWayBack(Traced):
    def outage(self):
        yield from super().outage()
        raise ConnectionError("the server does not start")


class Ages(Traced):
    """Over a server with a time to live of an hour."""

    age = 0

    def advance(self, seconds):
        self.note(f"advance-{seconds}")
        Ages.age += seconds

    def tear_down(self):
        Ages.age = 0
        super().tear_down()

    def open(self):
        store = super().open()
        get_tokens = store.get_tokens
        store.get_tokens = lambda: get_tokens() if Ages.age < 3600 else []
        return store


class CannotAge(Traced):
    def advance(self, seconds):
        raise ConnectionError("no way to its clock")


class OutageDoesNothing(Claims):
    def outage(self):
        yield


class OutageOfTwelveSeconds(Traced):
    """The alarm of a call would ring in it."""

    def outage(self):
        self.note(f"limit {signal.getitimer(signal.ITIMER_REAL)[0]:.0f}")
        yield from super().outage()
        self.note(f"limit {signal.getitimer(signal.ITIMER_REAL)[0]:.0f}")


class HangsAtTheEnd(Traced):
    """What a test left behind keeps tear_down() from its work, in some of the tests."""

    def open(self):
        store = super().open()
        find = store.find_token_by_id

        def find_by_id(id):
            self.has_looked = True
            found = find(id)
            if found is None:
                raise KeyError(id)
            return found

        store.find_token_by_id = find_by_id
        return store

    def tear_down(self):
        self.note("tear_down")
        if getattr(self, "has_looked", False):
            raise limits.Hung(60, False)


class NeedsWhatSetUpMade(Traced):
    def set_up(self):
        self.path = self.tmp_path / "tokens.db"

    def open(self):
        return SQLiteStore(self.path)


class LeavesAToken(Traced):
    def set_up(self):
        self.open().save_token(OAuthToken(access_token="dear"))


class Closes(Traced):
    def open(self):
        store = super().open()
        store.close = lambda: self.note("close")
        return store


class Reuses(Closes):
    reuses_storage = True

    def empty(self):
        self.note("empty")
        super().empty()


class EmptiesNothing(Reuses):
    def empty(self):
        self.note("empty")


class EmptyFails(Reuses):
    def empty(self):
        raise ConnectionError("no server")


class EmptiesOnce(Reuses):
    """Later on, what the last test saved stays there."""

    emptied = 0

    def empty(self):
        type(self).emptied += 1
        if self.emptied < 3:
            super().empty()


class OnceASession(Traced):
    @classmethod
    @contextlib.contextmanager
    def session(cls):
        os.environ["TOKENSTORE_TEST_ADDRESS"] = "here"
        with cls.log.open("a") as log:
            print("- session", file=log)
        yield
        with cls.log.open("a") as log:
            print("- end", file=log)

    def open(self):
        assert os.environ["TOKENSTORE_TEST_ADDRESS"] == "here"
        return super().open()


class NoSession(Traced):
    @classmethod
    def session(cls):
        raise ConnectionError("no docker")
        yield


class CannotBeOpenedTwice(Traced):
    def open(self):
        (self.tmp_path / "made").mkdir()
        return super().open()


def store_in_a_new_directory(tmp_path):
    (tmp_path / "made").mkdir()
    return SQLiteStore(tmp_path / "made" / "tokens.db")


class SetUpFails(Traced):
    def set_up(self):
        raise ConnectionError("no server")


class TearDownFails(Traced):
    def tear_down(self):
        raise ConnectionError("no server")


class OpensNothing(Traced):
    def open(self):
        pass


class WithoutOpen(Harness):
    pass


class Boasts(Traced):
    capabilities = ("thread",)
