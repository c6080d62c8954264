"""The real SDK of the older generation, against the stand-in: what it asks for, what it leaves.

The tests read what it asks of a store from a dictionary store that notes its calls. They look up
what it leaves in that store, and in the SDK's own FileStore.
"""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

pytest.importorskip("zcrmsdk", reason="a program of the five-method generation needs its SDK")

from zcrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zcrmsdk.src.com.zoho.crm.api.initializer import Initializer

from tests.sdk_programs import (
    BEFORE_1970,
    LOGGER,
    TOMORROW,
    YESTERDAY,
    Driver,
    access,
    call_server,
    email_of,
    without_lookups,
    zoho_of_ann_and_bob,
)
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk.stand_in import StandIn
from tokenstore_conformance.sdk.zcrmsdk.door import BY_ID, Door
from tokenstore_conformance.sdk.zcrmsdk.program import Program, sdk_program

DOOR: Final = Door()
in_2 = pytest.mark.skipif(not BY_ID, reason="3.x knows no ids")
in_3 = pytest.mark.skipif(BY_ID, reason="2.x asks the store less")


def login_of(who: str) -> Record:
    """Return what is stored for a user who logged in some time ago."""
    return Record(
        id=id_of(who),
        user=email_of(who),
        client_id="client",
        client_secret="secret",
        refresh_token=f"refresh-{who}",
        access_token=f"access-{who}",
        grant_token=f"grant-{who}",
        expires_in=TOMORROW,
        redirect_url="https://stand-in.example/callback",
    )


def id_of(who: str) -> str | None:
    """Return the id that the SDK gives to this user's login; None in 3.x."""
    return f"python_{who}_stand-in_{f'refresh-{who}'[-4:]}" if BY_ID else None


def client_of(who: str) -> Record:
    """Return the fields that every token of a program has."""
    return login_of(who).only("client_id", "client_secret", "redirect_url")


def by_grant(who: str) -> Any:
    return DOOR.build(client_of(who).but(grant_token=f"grant-{who}"))


def by_refresh(who: str) -> Any:
    return DOOR.build(client_of(who).but(refresh_token=f"refresh-{who}"))


def by_id(who: str) -> Any:
    return DOOR.build(Record(id=id_of(who)))


def user(who: str) -> Any:
    return DOOR.user(login_of(who))


def log_in(program: Program, token: Any, who: str) -> str:
    """Start a program with this token for this user. Return the access token that it uses."""
    program.start(token, user(who))
    return program.get_token(token)


class Call(NamedTuple):
    """A call that the SDK made, with its arguments as they were then; a user is an email."""

    method: str
    user_or_id: str | None
    token: Record


class DictionaryStore(TokenStore):  # type: ignore[misc]
    """Keeps the contract, in memory: finds and updates by user, client, and grant or refresh token.

    It also notes its calls: `calls` has every call that saves, finds or deletes one token.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._records: dict[tuple[Any, ...], Record] = {}

    def get_token(self, user: Any, token: Any) -> Any:
        query = self._told("get_token", DOOR.email_of(user), token)
        key = self._key_of(query.but(user=DOOR.email_of(user)))
        return self._answer(token, self._records[key]) if key else None

    def save_token(self, user: Any, token: Any) -> None:
        saved = self._told("save_token", DOOR.email_of(user), token).but(user=DOOR.email_of(user))
        self._records.pop(self._key_of(saved) or (), None)
        self._records[saved.user, saved.client_id, saved.refresh_token] = saved
        DOOR.fill(token, saved.only("user"))

    def delete_token(self, token: Any) -> None:
        deleted = self._told("delete_token", None, token)
        self._records.pop(self._key_of(deleted) or (), None)

    def get_tokens(self) -> list[Any]:
        return [DOOR.build(record) for record in self._records.values()]

    def delete_tokens(self) -> None:
        self._records.clear()

    def get_token_by_id(self, id: str, token: Any) -> Any:
        self._told("get_token_by_id", id, token)
        found = [record for record in self._records.values() if record.id == id]
        return self._answer(token, found[0]) if found else None

    def _told(self, method: str, user_or_id: str | None, token: Any) -> Record:
        record = DOOR.written(token)
        self.calls.append(Call(method, user_or_id, record))
        return record

    def _key_of(self, query: Record) -> tuple[Any, ...] | None:
        name = "refresh_token" if query.grant_token is None else "grant_token"
        same = ("user", "client_id", name)
        for key, record in self._records.items():
            if record.only(*same) == query.only(*same):
                return key
        return None

    def _answer(self, token: Any, found: Record) -> Any:
        DOOR.fill(token, found)
        return token


class AnsweringNew(DictionaryStore):
    """Answers with a new token, and leaves the one that it was given unchanged."""

    def _answer(self, token: Any, found: Record) -> Any:
        return DOOR.build(found)


class Full(DictionaryStore):
    """A store that cannot save."""

    def save_token(self, user: Any, token: Any) -> None:
        raise OSError("the disk is full")


class Out(DictionaryStore):
    """A store whose backend is away."""

    def get_token(self, user: Any, token: Any) -> Any:
        raise OSError("no route to the database")

    def delete_token(self, token: Any) -> None:
        raise OSError("no route to the database")


class Remote(DictionaryStore):
    """A store that talks to its own server, with the library that the SDK uses."""

    url = ""

    def save_token(self, user: Any, token: Any) -> None:
        call_server(f"{self.url}/save")
        super().save_token(user, token)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with zoho_of_ann_and_bob() as stand_in:
        yield stand_in


@pytest.fixture
def telling() -> DictionaryStore:
    return DictionaryStore()


@pytest.fixture(params=["dictionary", "new tokens", "FileStore"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Return each of these stores in turn."""
    if request.param == "FileStore":
        return FileStore(str(tmp_path / "tokens.csv"))
    return DictionaryStore() if request.param == "dictionary" else AnsweringNew()


def keep(store: Any, *logins: Record) -> None:
    """Put logins into the store, as earlier runs of a program left them."""
    for login in logins:
        request = DOOR.to_save(login)
        getattr(store, request.method)(*request.arguments)
    if isinstance(store, DictionaryStore):
        store.calls.clear()


def records(store: Any) -> list[tuple[Any, ...]]:
    """Return the user and the grant, refresh and access token of each record."""
    read = [DOOR.read(token) for token in store.get_tokens()]
    # For a login by grant, FileStore of 3.x lists no refresh token, though it keeps it.
    return [(r.user, r.grant_token, r.refresh_token, r.access_token) for r in read]


def stored(store: Any, who: str, token: str) -> tuple[Any, ...]:
    """Return what `records` gives for this user."""
    refresh = None if isinstance(store, FileStore) and not BY_ID else f"refresh-{who}"
    return (email_of(who), f"grant-{who}", refresh, token)


class TestWhatTheSDKAsks:
    """The calls on a store, their arguments, and their order."""

    def test_nothing_when_it_starts_or_switches(
        self, telling: DictionaryStore, stand_in: StandIn
    ) -> None:
        """The SDK asks neither the store nor Zoho before the API is called."""
        with sdk_program(telling, stand_in) as program:
            program.start(by_grant("ann"), user("ann"))
            program.switch(by_grant("bob"), user("bob"))

        assert (telling.calls, stand_in.requests) == ([], [])

    def test_at_a_first_login(self, telling: DictionaryStore, stand_in: StandIn) -> None:
        """The SDK looks for the token, and saves it with what Zoho answered, and with an id in 2.x.

        The token does not know its user; the signature names the user.
        """
        token = by_grant("ann")
        given = DOOR.written(token)
        with sdk_program(telling, stand_in) as program:
            log_in(program, token, "ann")

        find, save = telling.calls
        assert find == Call("get_token", email_of("ann"), given)
        assert (save.method, save.user_or_id) == ("save_token", email_of("ann"))
        assert save.token == given.but(
            id=id_of("ann"),
            refresh_token="refresh-ann",
            access_token=access(1, "ann"),
            expires_in=save.token.expires_in,
        )

    @pytest.mark.parametrize("token", [by_grant, by_refresh])
    def test_at_a_second_start(
        self, telling: DictionaryStore, stand_in: StandIn, token: Any
    ) -> None:
        """The SDK looks for the token, and does nothing else."""
        keep(telling, login_of("ann"))
        query = DOOR.written(token("ann"))

        with sdk_program(telling, stand_in) as program:
            log_in(program, token("ann"), "ann")

        assert telling.calls == [Call("get_token", email_of("ann"), query)]

    @pytest.mark.parametrize("kind", [DictionaryStore, AnsweringNew])
    def test_when_the_token_has_expired(self, stand_in: StandIn, kind: Any) -> None:
        """The SDK looks for the token, and saves the one that was found, whichever object it is."""
        telling = kind()
        keep(telling, login_of("ann").but(expires_in=YESTERDAY))

        with sdk_program(telling, stand_in) as program:
            log_in(program, by_refresh("ann"), "ann")

        find, save = telling.calls
        assert find == Call("get_token", email_of("ann"), DOOR.written(by_refresh("ann")))
        assert (save.method, save.user_or_id) == ("save_token", email_of("ann"))
        assert save.token == login_of("ann").but(
            access_token=access(1, "ann"), expires_in=save.token.expires_in
        )

    @in_3
    def test_at_every_call_in_3(self, telling: DictionaryStore, stand_in: StandIn) -> None:
        """A token that was found is looked up again, and then has all fields that it was given."""
        keep(telling, login_of("ann"))
        token = by_refresh("ann")

        with sdk_program(telling, stand_in) as program:
            log_in(program, token, "ann")
            program.get_token(token)

        assert [call.token.access_token for call in telling.calls] == [None, "access-ann"]

    @in_2
    def test_once_for_a_token_in_2(self, telling: DictionaryStore, stand_in: StandIn) -> None:
        """The SDK does not look up a token that has an access token: it refreshes and saves it."""
        token = by_grant("ann")
        stand_in.lifetime = -60

        with sdk_program(telling, stand_in) as program:
            log_in(program, token, "ann")
            program.get_token(token)

        assert [call.method for call in telling.calls] == ["get_token", "save_token", "save_token"]

    @in_2
    def test_by_id(self, telling: DictionaryStore, stand_in: StandIn) -> None:
        """A token with an id is looked up by that id alone; the store gets the token, too."""
        keep(telling, login_of("ann"))

        with sdk_program(telling, stand_in) as program:
            log_in(program, by_id("ann"), "ann")

        assert telling.calls == [Call("get_token_by_id", id_of("ann"), DOOR.written(by_id("ann")))]

    def test_to_remove(self, telling: DictionaryStore, stand_in: StandIn) -> None:
        """The SDK passes the token, which knows its user if the store has set it."""
        token = by_grant("ann")

        with sdk_program(telling, stand_in) as program:
            log_in(program, token, "ann")
            program.remove(token)

        assert telling.calls[2:] == [Call("delete_token", None, DOOR.written(token))]
        assert DOOR.written(token).user == email_of("ann")


class TestStarting:
    def test_with_a_grant_leaves_one_record(self, store: Any, stand_in: StandIn) -> None:
        """A login by grant token ends as one record, with refresh and access token."""
        with sdk_program(store, stand_in) as program:
            assert log_in(program, by_grant("ann"), "ann") == access(1, "ann")

        assert records(store) == [stored(store, "ann", access(1, "ann"))]

    def test_a_second_time_asks_for_nothing(self, store: Any, stand_in: StandIn) -> None:
        """The grant token of the first login, or its refresh token, is enough from then on."""
        with sdk_program(store, stand_in) as program:
            log_in(program, by_grant("ann"), "ann")
            before = stand_in.requests

            for token in (by_grant("ann"), by_refresh("ann")):
                assert log_in(program, token, "ann") == access(1, "ann")

        assert stand_in.requests == before

    def test_as_another_user_finds_nothing(self, store: Any, stand_in: StandIn) -> None:
        """The user is the one that the SDK was started for, whatever the token."""
        keep(store, login_of("ann"))

        with sdk_program(store, stand_in) as program:
            log_in(program, by_refresh("ann"), "bob")

        assert stand_in.refreshed() == ["refresh-ann"]
        assert [record[0] for record in records(store)] == [
            email_of("ann"),
            email_of("bob"),
        ]

    def test_after_a_switch_is_a_new_program(self, store: Any, stand_in: StandIn) -> None:
        """The next `start` discards what `switch` keeps for the thread."""
        keep(store, login_of("ann"), login_of("bob"))
        with sdk_program(store, stand_in) as program:
            program.start(by_grant("ann"), user("ann"))
            program.switch(by_grant("bob"), user("bob"))

            program.start(by_grant("ann"), user("ann"))

            assert DOOR.email_of(Initializer.get_initializer().user) == email_of("ann")
            assert program.get_token(by_grant("ann")) == "access-ann"

    def test_the_expiry_is_in_milliseconds(self, store: Any, stand_in: StandIn) -> None:
        """The stand-in's `lifetime` is in seconds; the SDK stores milliseconds."""
        stand_in.lifetime = 7200

        with sdk_program(store, stand_in) as program:
            log_in(program, by_grant("ann"), "ann")

        left = int(DOOR.fields(store.get_tokens()[0])["expires_in"]) - time.time() * 1000
        assert 7_100_000 < left <= 7_200_000

    def test_without_a_user_is_refused(self, telling: DictionaryStore, stand_in: StandIn) -> None:
        """The SDK requires a user's signature."""
        with sdk_program(telling, stand_in) as program, pytest.raises(SDKException):
            program.start(by_grant("ann"), None)


class TestRefreshing:
    @pytest.mark.parametrize("expired", [YESTERDAY, BEFORE_1970], ids=["yesterday", "before 1970"])
    def test_sends_that_refresh_token_alone(
        self, store: Any, stand_in: StandIn, expired: str
    ) -> None:
        """An expired token is renewed with its own refresh token, and its record is updated."""
        keep(store, login_of("ann").but(expires_in=expired), login_of("bob"))

        with sdk_program(store, stand_in) as program:
            assert log_in(program, by_grant("ann"), "ann") == access(1, "ann")

        assert stand_in.refreshed() == ["refresh-ann"]
        assert sorted(records(store)) == [
            stored(store, "ann", access(1, "ann")),
            stored(store, "bob", "access-bob"),
        ]

    def test_two_users_by_turns(self, store: Any, stand_in: StandIn) -> None:
        """Each switch renews the token of the user that it names."""
        keep(store, *(login_of(who).but(expires_in=YESTERDAY) for who in ("ann", "bob")))
        stand_in.lifetime = -60

        with sdk_program(store, stand_in) as program:
            program.start(by_grant("ann"), user("ann"))
            used = [program.get_token(by_grant("ann"))]
            for who in ("bob", "ann"):
                program.switch(by_grant(who), user(who))
                used.append(program.get_token(by_grant(who)))

        assert used == [access(1, "ann"), access(2, "bob"), access(3, "ann")]
        assert stand_in.refreshed() == ["refresh-ann", "refresh-bob", "refresh-ann"]

    def test_a_refused_refresh_token_is_the_callers_to_see(
        self, store: Any, stand_in: StandIn
    ) -> None:
        """The accounts server's error reaches the caller."""
        with sdk_program(store, stand_in) as program:
            program.start(by_refresh("carl"), user("ann"))

            with pytest.raises(SDKException, match="invalid_code"):
                program.get_token(by_refresh("carl"))

    @in_3
    def test_needs_an_expiry_in_3(self, telling: DictionaryStore, stand_in: StandIn) -> None:
        """A record without an expiry makes the call raise TypeError."""
        keep(telling, login_of("ann").without("expires_in"))

        with sdk_program(telling, stand_in) as program:
            program.start(by_grant("ann"), user("ann"))

            with pytest.raises(TypeError, match="NoneType"):
                program.get_token(by_grant("ann"))

    @in_2
    def test_takes_no_expiry_for_good_in_2(
        self, telling: DictionaryStore, stand_in: StandIn
    ) -> None:
        """A record without one never expires."""
        keep(telling, login_of("ann").without("expires_in"))

        with sdk_program(telling, stand_in) as program:
            assert log_in(program, by_grant("ann"), "ann") == "access-ann"


@in_2
class TestById:
    def test_the_id_of_a_login(self, store: Any, stand_in: StandIn) -> None:
        """A first login gets an id, which is enough for the second start."""
        with sdk_program(store, stand_in) as program:
            log_in(program, by_grant("ann"), "ann")
            before = stand_in.requests

            assert log_in(program, by_id("ann"), "ann") == access(1, "ann")
        assert stand_in.requests == before
        assert DOOR.read(store.get_tokens()[0]).id == id_of("ann")

    @pytest.mark.parametrize("id", [id_of("ann"), "caller-1"])
    def test_an_expired_one_is_refreshed(self, store: Any, stand_in: StandIn, id: str) -> None:
        """The record is updated, and keeps its id, whether the SDK or the caller made it."""
        keep(store, login_of("ann").but(id=id, expires_in=YESTERDAY), login_of("bob"))
        token = DOOR.build(Record(id=id))

        with sdk_program(store, stand_in) as program:
            log_in(program, token, "ann")

        assert stand_in.refreshed() == ["refresh-ann"]
        assert sorted(records(store)) == [
            stored(store, "ann", access(1, "ann")),
            stored(store, "bob", "access-bob"),
        ]
        assert {DOOR.read(each).id for each in store.get_tokens()} == {id, id_of("bob")}

    def test_an_unknown_one_is_no_login(self, store: Any, stand_in: StandIn) -> None:
        """There is nothing to log in with; the store or Zoho says so."""
        keep(store, login_of("bob"))

        with sdk_program(store, stand_in) as program:
            program.start(by_id("ann"), user("ann"))

            with pytest.raises(SDKException):
                program.get_token(by_id("ann"))

        assert records(store) == [stored(store, "bob", "access-bob")]


class TestRemoving:
    def test_deletes_that_record(self, store: Any, stand_in: StandIn) -> None:
        """`remove` deletes the record of the token that logged in, and no other."""
        keep(store, login_of("bob"))
        token = by_grant("ann")

        with sdk_program(store, stand_in) as program:
            log_in(program, token, "ann")

            assert program.remove(token) is True

        assert records(store) == [stored(store, "bob", "access-bob")]

    def test_hides_what_the_store_raises(self, stand_in: StandIn) -> None:
        """`remove` returns False if the store raises."""
        with sdk_program(Out(), stand_in) as program:
            program.start(by_grant("ann"), user("ann"))

            assert program.remove(by_grant("ann")) is False


class TestErrorsOfTheStore:
    def test_in_saving(self, stand_in: StandIn) -> None:
        """The SDK wraps the error in its own exception, which names it."""
        with sdk_program(Full(), stand_in) as program:
            program.start(by_grant("ann"), user("ann"))

            with pytest.raises(SDKException, match="the disk is full"):
                program.get_token(by_grant("ann"))

        assert program.swallowed == []

    def test_in_finding(self, stand_in: StandIn) -> None:
        """The error is raised unchanged, and the SDK does not ask Zoho."""
        with sdk_program(Out(), stand_in) as program:
            program.start(by_grant("ann"), user("ann"))

            with pytest.raises(OSError, match="no route to the database"):
                program.get_token(by_grant("ann"))

        assert stand_in.requests == []


class TestOtherHosts:
    def test_are_not_called(
        self, telling: DictionaryStore, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A call to Zoho's own address, wherever that comes from, is refused, noted and raises."""
        looked_up = without_lookups(monkeypatch)

        with sdk_program(telling, stand_in) as program:
            program.start(by_grant("ann"), user("ann"))
            address = "https://accounts.zoho.com/oauth/v2/token"
            Initializer.get_initializer().environment.accounts_url = address
            with pytest.raises(SDKException, match="not the stand-in"):
                program.get_token(by_grant("ann"))

        assert program.refused == [address]
        assert (stand_in.requests, looked_up) == ([], [])

    def test_are_the_stores_own_affair(self, stand_in: StandIn) -> None:
        """A store that keeps its tokens behind another server can reach it."""
        with StandIn() as elsewhere, sdk_program(store := Remote(), stand_in) as program:
            store.url = elsewhere.url
            log_in(program, by_grant("ann"), "ann")

            assert [request.path for request in elsewhere.requests] == ["/save"]


class TestTheLog:
    def test_is_kept(
        self, telling: DictionaryStore, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The program keeps what the SDK logs, even if the program around it disables logging."""
        monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
        keep(telling, login_of("ann").but(expires_in=YESTERDAY))

        with sdk_program(telling, stand_in) as program:
            log_in(program, by_grant("ann"), "ann")

        initialized, refreshed = [record.getMessage() for record in program.records]
        assert email_of("ann") in initialized
        assert "refresh" in refreshed.lower()

    def test_goes_nowhere_else(
        self, telling: DictionaryStore, stand_in: StandIn, caplog: pytest.LogCaptureFixture
    ) -> None:
        """No handler gets it."""
        with sdk_program(telling, stand_in) as program:
            program.start(by_grant("ann"), user("ann"))

        assert (len(program.records), caplog.records) == (1, [])

    def test_no_file_stays_open(self, telling: DictionaryStore, stand_in: StandIn) -> None:
        """Each start opens a log file and closes it, even if the start fails."""
        before = list(LOGGER.handlers)

        with sdk_program(telling, stand_in) as program:
            program.start(by_grant("ann"), user("ann"))
            with pytest.raises(SDKException):
                program.start(by_grant("ann"), None)

            assert LOGGER.handlers == before


class TestNothingIsLeft:
    def test_of_the_details_of_fields(
        self, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What each start reads about the fields of Zoho's modules is restored."""
        monkeypatch.setattr(Initializer, "json_details", None)

        with sdk_program(DictionaryStore(), stand_in) as program:
            program.start(by_grant("ann"), user("ann"))
            assert Initializer.json_details is not None

        assert Initializer.json_details is None

    def test_after_a_start_that_fails(
        self, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A program that fails before it has started leaves nothing either."""
        monkeypatch.chdir(tmp_path)
        driver = Driver("zcrmsdk")
        store = driver.file_store("tokens.csv")
        before = driver.state()

        with pytest.raises(SDKException), sdk_program(store, stand_in) as program:
            program.start(by_refresh("ann"), None)

        assert driver.state() == before
