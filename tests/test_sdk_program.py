"""The real SDK with its own FileStore, against the stand-in: what it asks for, what it leaves."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zohocrmsdk", reason="a program of the six-method generation needs its SDK")

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tests.sdk_programs import (
    BEFORE_1970,
    LOGGER,
    TOMORROW,
    YESTERDAY,
    access,
    call_server,
    email_of,
    without_lookups,
    zoho_of_ann_and_bob,
)
from tokenstore_conformance.sdk.stand_in import StandIn
from tokenstore_conformance.sdk.zohocrmsdk.program import REVOKES, SWALLOWS, Program, sdk_program

CLIENT = {"client_id": "client", "client_secret": "secret"}
ANN, BOB = f"{email_of('ann')}:60001", f"{email_of('bob')}:60001"
looks_up_users = pytest.mark.skipif(not SWALLOWS, reason="line 5 neither looks up nor swallows")


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with zoho_of_ann_and_bob() as stand_in:
        yield stand_in


@pytest.fixture
def store(tmp_path: Path) -> Any:
    return FileStore(str(tmp_path / "tokens.csv"))


@pytest.fixture
def program(store: Any, stand_in: StandIn) -> Iterator[Program]:
    with sdk_program(store, stand_in) as program:
        yield program


def keep(store: Any, who: str, expires_in: str = TOMORROW, user: str | None = None) -> str:
    """Put a login into the store, as an earlier run of a program left it. Return its id."""
    token = OAuthToken(
        **CLIENT,
        grant_token=f"grant-{who}",
        refresh_token=f"refresh-{who}",
        access_token=f"access-{who}",
        user_signature=UserSignature(user) if user else None,
    )
    token.set_expires_in(expires_in)
    store.save_token(token)
    return str(token.get_id())


def by_grant(who: str) -> Any:
    return OAuthToken(**CLIENT, grant_token=f"grant-{who}")


def by_refresh(who: str) -> Any:
    return OAuthToken(**CLIENT, refresh_token=f"refresh-{who}")


def records(store: Any) -> list[tuple[Any, Any, Any]]:
    """Return the grant, refresh and access token of each record."""
    return [
        (each.get_grant_token(), each.get_refresh_token(), each.get_access_token())
        for each in store.get_tokens()
    ]


class Unsaving(FileStore):  # type: ignore[misc]
    """A store that cannot save."""

    def save_token(self, token: Any) -> None:
        raise OSError("the disk is full")


class Chatty(FileStore):  # type: ignore[misc]
    """A store that logs an error of its own, and continues."""

    def save_token(self, token: Any) -> None:
        LOGGER.warning("%s", OSError("slow disk"))
        super().save_token(token)


class FindingById(FileStore):  # type: ignore[misc]
    """Finds by an id alone, which FileStore does not, and fills the token, as `revoke` needs."""

    def find_token(self, token: Any) -> Any:
        if token.get_id() == "1" and token.get_refresh_token() is None:
            token.set_refresh_token(self.find_token_by_id("1").get_refresh_token())
            return token
        return super().find_token(token)


class Remote(FileStore):  # type: ignore[misc]
    """A store that talks to its own server, with the library that the SDK uses."""

    url = ""

    def find_token(self, token: Any) -> Any:
        call_server(f"{self.url}/find")
        return super().find_token(token)

    def save_token(self, token: Any) -> None:
        call_server(f"{self.url}/save")
        super().save_token(token)


class TestStarting:
    def test_with_a_grant_leaves_one_record(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """A login by grant token ends as one record, with refresh and access token."""
        program.start(by_grant("ann"))

        assert records(store) == [("grant-ann", "refresh-ann", access(1, "ann"))]

    def test_names_the_user(self, program: Program, store: Any) -> None:
        """The record has the user's name in the lines that look it up. In line 5, it has none."""
        program.start(by_grant("ann"))

        signature = store.get_tokens()[0].get_user_signature()
        assert (signature.get_name() if signature else None) == (ANN if SWALLOWS else None)

    @pytest.mark.parametrize(
        "query",
        [
            pytest.param(by_grant("ann"), id="grant"),
            pytest.param(by_refresh("ann"), id="refresh"),
            pytest.param(OAuthToken(user_signature=UserSignature(ANN)), id="user"),
            pytest.param(OAuthToken(access_token="access-ann"), id="access"),
            pytest.param(OAuthToken(id="1"), id="id"),
        ],
    )
    def test_with_what_is_stored_asks_for_nothing(
        self, program: Program, store: Any, stand_in: StandIn, query: Any
    ) -> None:
        """A token that the store finds, and that is still valid, needs no server."""
        keep(store, "ann", user=ANN)

        program.start(query)

        assert (program.get_token(query), stand_in.requests) == ("access-ann", [])

    def test_a_second_time_asks_for_nothing(self, program: Program, stand_in: StandIn) -> None:
        """The grant token of the first login is enough for the second start."""
        program.start(by_grant("ann"))
        before = stand_in.requests

        program.start(by_grant("ann"))

        assert stand_in.requests == before

    def test_with_an_access_token_alone_saves_it_once(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """An access token that someone else got is one record after two starts."""
        stand_in.add_login(email_of("ann"), access="access-ann")

        program.start(OAuthToken(access_token="access-ann"))
        program.start(OAuthToken(access_token="access-ann"))

        assert records(store) == [(None, None, "access-ann")]

    def test_after_a_switch_is_a_new_program(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """The next `start` discards what `switch` keeps for the thread."""
        keep(store, "ann")
        keep(store, "bob")
        program.start(by_grant("ann"))
        program.switch(by_grant("bob"))

        program.start(by_grant("ann"))

        assert Initializer.get_initializer().token.get_access_token() == "access-ann"

    def test_the_expiry_is_in_milliseconds(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """The stand-in's `lifetime` is in seconds; the SDK stores milliseconds."""
        stand_in.lifetime = 7200

        program.start(by_grant("ann"))

        left = int(store.get_tokens()[0].get_expires_in()) - time.time() * 1000
        assert 7_100_000 < left <= 7_200_000


class TestRefreshing:
    @pytest.mark.parametrize("expired", [YESTERDAY, BEFORE_1970], ids=["yesterday", "before 1970"])
    @pytest.mark.parametrize("user", [None, ANN])
    def test_sends_that_refresh_token_alone(
        self, program: Program, store: Any, stand_in: StandIn, expired: str, user: str | None
    ) -> None:
        """An expired token is renewed with its own refresh token, which the record keeps."""
        keep(store, "ann", expired, user=user)
        keep(store, "bob")

        program.start(by_refresh("ann"))

        assert stand_in.refreshed() == ["refresh-ann"]
        assert ("grant-ann", "refresh-ann", access(1, "ann")) in records(store)
        assert len(records(store)) == 2

    def test_by_id_updates_that_record(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """An id is enough to renew a record's token."""
        id = keep(store, "ann", YESTERDAY, user=ANN)

        program.start(OAuthToken(id=id))

        assert records(store) == [("grant-ann", "refresh-ann", access(1, "ann"))]

    def test_two_users_by_turns(self, program: Program, store: Any, stand_in: StandIn) -> None:
        """Each switch renews the token of the user that it names."""
        keep(store, "ann", YESTERDAY, user=ANN)
        keep(store, "bob", YESTERDAY, user=BOB)
        stand_in.lifetime = -60

        program.start(OAuthToken(user_signature=UserSignature(ANN)))
        program.switch(OAuthToken(user_signature=UserSignature(BOB)))
        program.switch(OAuthToken(user_signature=UserSignature(ANN)))

        assert stand_in.refreshed() == ["refresh-ann", "refresh-bob", "refresh-ann"]

    def test_a_refused_refresh_token_is_the_callers_to_see(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """The error of the accounts server reaches the caller."""
        keep(store, "carl", YESTERDAY)

        with pytest.raises(SDKException, match="invalid_code"):
            program.start(by_refresh("carl"))


class TestEnding:
    def test_remove_deletes_by_id(self, program: Program, store: Any) -> None:
        """`remove` deletes the record whose id the token carries."""
        id = keep(store, "ann")
        keep(store, "bob")
        program.start(by_grant("bob"))

        removed = program.remove(OAuthToken(id=id))

        assert (removed, records(store)) == (True, [("grant-bob", "refresh-bob", "access-bob")])

    def test_remove_hides_what_the_store_raises(self, program: Program, store: Any) -> None:
        """`remove` returns False if the store raises."""
        keep(store, "ann")
        program.start(by_grant("ann"))

        assert program.remove(OAuthToken(id="unknown")) is False

    @pytest.mark.skipif(not REVOKES, reason="revoke dies early in lines 5 to 7")
    def test_revoke_sends_nothing_when_nothing_is_found(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """FileStore finds nothing by an id alone, so there is nothing to revoke."""
        id = keep(store, "ann")
        program.start(by_grant("ann"))

        revoked = program.revoke(OAuthToken(id=id), id)

        assert (revoked, stand_in.requests) == (False, [])

    @pytest.mark.skipif(not REVOKES, reason="revoke dies early in lines 5 to 7")
    def test_revoke_sends_the_refresh_token_that_was_found(
        self, tmp_path: Path, stand_in: StandIn
    ) -> None:
        """With a store that finds by id, `revoke` ends that login."""
        store = FindingById(str(tmp_path / "tokens.csv"))
        id = keep(store, "ann")

        with sdk_program(store, stand_in) as program:
            program.start(by_grant("ann"))
            revoked = program.revoke(OAuthToken(id=id), id)

        assert (revoked, stand_in.revoked()) == (True, ["refresh-ann"])

    @pytest.mark.skipif(REVOKES, reason="revoke works from line 8 on")
    def test_revoke_dies_early_in_old_lines(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """In lines 5 to 7, `revoke` raises before it asks the store or the server."""
        id = keep(store, "ann")
        program.start(by_grant("ann"))

        with pytest.raises(SDKException, match="MANDATORY VALUE ERROR"):
            program.revoke(OAuthToken(id=id), id)

        assert stand_in.requests == []


class TestWhatTheSDKSwallows:
    @looks_up_users
    def test_an_error_in_saving_is_seen(self, tmp_path: Path, stand_in: StandIn) -> None:
        """The program knows the error that a store raises, although the SDK continues."""
        with sdk_program(Unsaving(str(tmp_path / "tokens.csv")), stand_in) as program:
            program.start(by_grant("ann"))

        assert [str(each) for each in program.swallowed] == [
            "OSError while saving the token: the disk is full"
        ]

    @pytest.mark.skipif(SWALLOWS, reason="lines 6 to 8 swallow it")
    def test_an_error_in_saving_is_raised_in_line_5(
        self, tmp_path: Path, stand_in: StandIn
    ) -> None:
        """Line 5 wraps the error in an SDKException, which names it."""
        store = Unsaving(str(tmp_path / "tokens.csv"))

        with (
            sdk_program(store, stand_in) as program,
            pytest.raises(SDKException, match="the disk is full"),
        ):
            program.start(by_grant("ann"))

    @looks_up_users
    @pytest.mark.parametrize("service", ["users", "org"])
    def test_a_failed_lookup_is_seen_and_the_token_saved(
        self, program: Program, store: Any, stand_in: StandIn, service: Any
    ) -> None:
        """The login is saved even without the user's name."""
        with stand_in.failing(service):
            program.start(by_grant("ann"))

        assert ["looking up" in str(each) for each in program.swallowed] == [True]
        assert len(records(store)) == 1

    def test_is_not_what_a_store_logs(self, tmp_path: Path, stand_in: StandIn) -> None:
        """A store may log under the SDK's name. That is kept, but is not an error of the SDK."""
        with sdk_program(Chatty(str(tmp_path / "tokens.csv")), stand_in) as program:
            program.start(by_grant("ann"))

        assert "slow disk" in [record.getMessage() for record in program.records]
        assert program.swallowed == []

    @looks_up_users
    def test_no_handler_sees_it(
        self, program: Program, stand_in: StandIn, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The SDK's records cannot be formatted, so no handler gets one, not even the logger's."""
        LOGGER.addHandler(caplog.handler)
        try:
            with stand_in.failing("users"):
                program.start(by_grant("ann"))
        finally:
            LOGGER.removeHandler(caplog.handler)

        assert (len(program.swallowed), caplog.records) == (1, [])

    @looks_up_users
    def test_it_is_seen_though_logging_is_disabled(self, tmp_path: Path, stand_in: StandIn) -> None:
        """`logging.disable` in the surrounding program hides nothing, and stays in effect."""
        logging.disable(logging.CRITICAL)
        try:
            with sdk_program(Unsaving(str(tmp_path / "tokens.csv")), stand_in) as program:
                program.start(by_grant("ann"))
            disabled = logging.root.manager.disable
        finally:
            logging.disable(logging.NOTSET)

        assert (len(program.swallowed), disabled) == (1, logging.CRITICAL)


class TestOtherHosts:
    def test_are_not_called(
        self, program: Program, store: Any, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A record of Zoho's own domain makes the SDK call Zoho: refused, noted and raised."""
        looked_up = without_lookups(monkeypatch)
        id = keep(store, "ann", YESTERDAY)
        token = store.find_token_by_id(id)
        token.set_api_domain("https://www.zohoapis.com")
        store.save_token(token)

        with pytest.raises(SDKException, match="not the stand-in"):
            program.start(by_refresh("ann"))

        assert program.refused == ["https://accounts.zoho.com/oauth/v2/token"]
        assert (stand_in.requests, looked_up) == ([], [])

    def test_an_invented_domain_leads_to_the_stand_in(
        self, program: Program, store: Any, stand_in: StandIn
    ) -> None:
        """With a domain that it does not know, the SDK keeps the address it was started with."""
        id = keep(store, "ann", YESTERDAY)
        token = store.find_token_by_id(id)
        token.set_api_domain("https://api.crm.invalid")
        store.save_token(token)

        program.start(by_refresh("ann"))

        assert (stand_in.refreshed(), program.refused) == (["refresh-ann"], [])

    def test_are_the_stores_own_affair(self, tmp_path: Path, stand_in: StandIn) -> None:
        """A store that keeps its tokens behind another server can reach it."""
        with StandIn() as elsewhere:
            store = Remote(str(tmp_path / "tokens.csv"))
            store.url = elsewhere.url
            with sdk_program(store, stand_in) as program:
                program.start(by_grant("ann"))

            assert [request.path for request in elsewhere.requests] == ["/find", "/save"]
