"""The door to the older generation: it turns records into the SDK's tokens, and back."""

from contextlib import nullcontext
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("zcrmsdk", reason="the door to the five-method generation needs its SDK")

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zcrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zcrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tokenstore_conformance.records import FIELDS, Record
from tokenstore_conformance.sdk import Unreadable
from tokenstore_conformance.sdk.zcrmsdk.door import ATTRIBUTES, BY_ID, NAMES, Door

DOOR = Door()
KEPT = [name for name in FIELDS if name != "api_domain"]
FULL = Record(**{name: f"{name}-value" for name in KEPT}).but(
    user="ann@door.example", expires_in="4102444800000"
)


def value_of(token: Any, name: str) -> Any:
    """Return a field of the token, as a program of this SDK reads it."""
    return getattr(token, name) if ATTRIBUTES else getattr(token, f"get_{name}")()


class TestMethods:
    def test_are_those_of_the_token_store(self) -> None:
        """The door names every method that the SDK's TokenStore declares, and no other."""
        assert set(DOOR.methods) == TokenStore.__abstractmethods__

    def test_have_the_arguments_of_the_token_store(self) -> None:
        """Each method has the arguments that the SDK's TokenStore gives it."""
        declared = {
            name: getattr(TokenStore, name).__code__.co_varnames[1:] for name in DOOR.methods
        }

        assert declared == DOOR.methods

    def test_find_by_id_in_2_alone(self) -> None:
        """Stores find tokens by id only in the distributions whose tokens have getters."""
        assert DOOR.by_id == BY_ID == ("get_token_by_id" in DOOR.methods) == (not ATTRIBUTES)


class TestBuilding:
    @pytest.mark.parametrize("name", KEPT)
    def test_one_field(self, name: str) -> None:
        """A token of one field has that field; every other field is None."""
        token = DOOR.build(FULL.only(name))

        values = {each: value_of(token, NAMES[each]) for each in KEPT}
        assert values == {**dict.fromkeys(KEPT), name: getattr(FULL, name)}

    def test_all_fields(self) -> None:
        """A record comes back as it went in."""
        assert DOOR.written(DOOR.build(FULL)) == DOOR.read(DOOR.build(FULL)) == FULL

    def test_ignores_the_api_domain(self) -> None:
        """A token of this generation has no api domain."""
        token = DOOR.build(FULL.but(api_domain="https://api.door.example"))

        assert DOOR.written(token) == FULL

    def test_filling_keeps_the_rest(self) -> None:
        """Filling sets what the record carries, and leaves the other fields."""
        token = DOOR.build(FULL)

        DOOR.fill(token, Record(access_token="new", api_domain="https://api.door.example"))

        assert DOOR.written(token) == FULL.but(access_token="new")

    def test_a_user(self) -> None:
        """The record's user becomes the email of a signature. No user gives no signature."""
        user = DOOR.user(FULL)

        assert (type(user), DOOR.email_of(user)) == (UserSignature, "ann@door.example")
        assert DOOR.user(FULL.without("user")) is None

    def test_a_user_without_an_email(self) -> None:
        """The SDK refuses a user that is not an email."""
        with pytest.raises(SDKException):
            DOOR.user(Record(user="ann"))


class TestRequests:
    """The calls have the arguments that `OAuthToken.authenticate` and `remove` give them."""

    def test_save(self) -> None:
        """The call has a user, and a token that does not know its user yet."""
        request = DOOR.to_save(FULL)

        user, token = request.arguments
        assert (request.method, DOOR.email_of(user)) == ("save_token", FULL.user)
        assert (token, DOOR.written(token)) == (request.token, FULL.without("user"))

    def test_find(self) -> None:
        """The call has a user, and a token that does not know its user yet."""
        request = DOOR.to_find(FULL.only("user", "client_id", "grant_token"))

        user, token = request.arguments
        assert (request.method, DOOR.email_of(user)) == ("get_token", FULL.user)
        assert (token, DOOR.written(token)) == (
            request.token,
            FULL.only("client_id", "grant_token"),
        )

    def test_find_by_id(self) -> None:
        """The call has an id, and a token with that id."""
        request = DOOR.to_find_by_id("7")

        id, token = request.arguments
        assert (request.method, id) == ("get_token_by_id", "7")
        assert (token, DOOR.written(token)) == (request.token, Record(id="7"))

    def test_delete(self) -> None:
        """The call has a token that knows its user."""
        request = DOOR.to_delete(FULL)

        (token,) = request.arguments
        assert (request.method, token) == ("delete_token", request.token)
        assert DOOR.written(token) == FULL


class TestReading:
    def test_empty_as_none(self) -> None:
        """`read` turns "" into None; `written` keeps it."""
        token = DOOR.build(FULL.but(grant_token="", expires_in=""))

        assert DOOR.read(token) == FULL.without("grant_token", "expires_in")
        assert DOOR.written(token) == FULL.but(grant_token="", expires_in="")

    @pytest.mark.parametrize("expiry", [1000, 1000.0, Decimal(1000), "1000"], ids=repr)
    def test_an_expiry_that_is_a_number(self, expiry: Any) -> None:
        """A number of milliseconds is read as text."""
        token = DOOR.build(FULL.but(expires_in=expiry))

        assert DOOR.read(token).expires_in == "1000"

    @pytest.mark.parametrize("expiry", [float("nan"), float("inf"), 1j], ids=repr)
    def test_an_expiry_that_is_no_moment(self, expiry: Any) -> None:
        """An expiry that int() does not take is read as text: DATA-4 is about that."""
        token = DOOR.build(FULL.but(expires_in=expiry))

        assert DOOR.read(token).expires_in == str(expiry)

    @pytest.mark.parametrize("answer", [None, "token", {"id": "1"}, OAuthToken], ids=repr)
    @pytest.mark.parametrize("reading", [DOOR.read, DOOR.written, DOOR.fields])
    def test_no_token(self, reading: Any, answer: object) -> None:
        """A sentence says that the answer is not a token."""
        with pytest.raises(Unreadable, match="is not an OAuthToken"):
            reading(answer)

    @pytest.mark.parametrize("reading", [DOOR.read, DOOR.written, DOOR.fields])
    def test_half_a_token(self, reading: Any) -> None:
        """For a token made without its constructor, a sentence gives the remedy."""
        half = OAuthToken.__new__(OAuthToken)

        with pytest.raises(Unreadable, match=r"not whole .*; build it with its constructor"):
            reading(half)

    def test_a_subclass(self) -> None:
        """A store may answer with a subclass of the SDK's token."""
        token = DOOR.build(FULL)
        token.__class__ = type("Token", (OAuthToken,), {})

        assert DOOR.read(token) == FULL

    def test_no_user(self) -> None:
        """Something that is not a signature has no email."""
        with pytest.raises(Unreadable, match="is no UserSignature"):
            DOOR.email_of("ann@door.example")


class TestTheScript:
    @pytest.fixture
    def script(self) -> dict[str, Any]:
        names: dict[str, Any] = {"else_it_cannot_run": nullcontext}  # as a script has it
        exec(DOOR.script, names)
        return names

    @pytest.mark.parametrize("record", [FULL, *(FULL.only(name) for name in KEPT)], ids=str)
    def test_builds_what_the_door_builds(self, script: dict[str, Any], record: Record) -> None:
        """The text of a record calls the script's `token`, which builds exactly that record."""
        token = eval(str(record), script)

        assert DOOR.written(token) == record

    def test_reads_what_it_can_build_again(self, script: dict[str, Any]) -> None:
        """What the script reads from a token builds the same token again."""
        fields = script["read"](DOOR.build(FULL))

        made = script["token"](**{name: value for name, value in fields.items() if value})
        assert DOOR.written(made) == FULL

    def test_users(self, script: dict[str, Any]) -> None:
        """The script makes a user's signature, and reads its email."""
        user = script["user"](FULL.user)

        assert DOOR.email_of(user) == FULL.user
        assert script["read"](user) == {"user": "ann@door.example"}
