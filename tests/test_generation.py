"""The kit finds out a store's SDK generation, and refuses a store that mixes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drivers.pytest_run import GOOD, Judge, refused
from tokenstore_conformance.target import resolve
from tokenstore_conformance.target.generation import generation_of

BOTH = ("zohocrmsdk", "zcrmsdk")

OLD_ON_NEW = """
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore


class OldOnNew(TokenStore):
    '''The methods of zcrmsdk on the base class of zohocrmsdk.'''

    def get_token(self, user, token): ...
    def save_token(self, user, token): ...
    def delete_token(self, token): ...
    def get_tokens(self): return []
    def delete_tokens(self): ...
    def find_token(self, token): ...
    def find_token_by_id(self, id): ...


class Attributes(TokenStore):
    '''Reads the attributes that tokens of zcrmsdk 3 have.'''

    def __init__(self):
        self.tokens = {}

    def save_token(self, token):
        self.tokens[token.client_id] = token

    def find_token(self, token): ...
    def delete_token(self, id): ...
    def get_tokens(self): return list(self.tokens.values())
    def delete_tokens(self): self.tokens.clear()
    def find_token_by_id(self, id): ...


class Wrapping(Attributes):
    '''The same, and its errors in the SDK's own exception.'''

    def save_token(self, token):
        from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

        try:
            super().save_token(token)
        except Exception as error:
            raise SDKException("SAVE", "cannot save", None, error) from error
"""

DUCKS = """
class Six:
    def find_token(self, token): ...


class Five:
    def get_token(self, user, token): ...


def six(tmp_path):
    return Six()


def five(tmp_path):
    return Five()
"""


@pytest.mark.parametrize(
    ("name", "generation"),
    [("Six", "zohocrmsdk"), ("Five", "zcrmsdk"), ("six", "zohocrmsdk"), ("five", "zcrmsdk")],
)
def test_methods_tell_the_generation(tmp_path: Path, name: str, generation: str) -> None:
    """This works for a class without the SDK's base, and for what a function builds."""
    file = tmp_path / f"ducks_{name.lower()}_{generation}_{name[0]}.py"
    file.write_text(DUCKS)

    assert generation_of(resolve(f"{file}:{name}", tmp_path), BOTH) == generation


REGISTERED = """
from {module}.src.com.zoho.api.authenticator.store.token_store import TokenStore


@TokenStore.register
class Proxy:
    def __getattr__(self, name):
        raise AttributeError(name)
"""


@pytest.mark.parametrize("generation", BOTH)
def test_a_registered_class_is_for_its_generation(tmp_path: Path, generation: str) -> None:
    """The SDK uses isinstance, which is true for a registered class."""
    file = tmp_path / f"registered_{generation}.py"
    file.write_text(REGISTERED.format(module=generation))

    assert generation_of(resolve(f"{file}:Proxy", tmp_path), BOTH) == generation


def test_the_base_class_tells_the_generation() -> None:
    """The methods do not matter, because the SDK accepts such a store as its own."""
    target = resolve("reference_stores.zohocrmsdk.list_store:ListStore")

    assert generation_of(target, BOTH) == "zohocrmsdk"


@pytest.mark.parametrize("only", BOTH)
def test_a_function_is_not_called_where_one_generation_is_installed(
    tmp_path: Path, only: str
) -> None:
    """There is nothing to find out, and a store may be expensive to build."""
    file = tmp_path / f"never_called_{only}.py"
    file.write_text("def store():\n    raise SystemExit('called')\n")

    assert generation_of(resolve(f"{file}:store", tmp_path), [only]) == only


def test_old_methods_on_the_new_base(pytester: pytest.Pytester, judge: Judge) -> None:
    """One line names the foreign methods, and the generation's own."""
    pytester.makepyfile(mixed=OLD_ON_NEW)

    refused(
        judge("--tokenstore=mixed:OldOnNew"),
        "mixed:OldOnNew: it mixes the generations of the SDK: it is judged as a store of "
        "zohocrmsdk, which has find_token(token), *; but it has get_token, "
        "save_token(user, token), as stores of zcrmsdk have. *",
    )


@pytest.mark.parametrize("name", ["Attributes", "Wrapping"])
def test_attributes_that_the_sdk_does_not_expose(
    pytester: pytest.Pytester, judge: Judge, name: str
) -> None:
    """One line names the attribute, and the getter to use."""
    pytester.makepyfile(mixed=OLD_ON_NEW)

    refused(
        judge(f"--tokenstore=mixed:{name}"),
        f"mixed:{name}: it uses token.client_id, which the OAuthToken of zohocrmsdk does not have, "
        "as those of other generations of the SDK do; use token.get_client_id()",
    )


def test_the_generation_can_be_forced(pytester: pytest.Pytester, judge: Judge) -> None:
    """Under the other contract, the store's methods are foreign."""
    pytest.importorskip("zcrmsdk")
    pytester.makepyfile(mypkg=GOOD)

    refused(
        judge("--tokenstore=mypkg:MyStore", "--tokenstore-generation=zcrmsdk"),
        "mypkg:MyStore: it mixes the generations of the SDK: it is judged as a store of zcrmsdk, "
        "which has get_token(user, token), *; but it has find_token, find_token_by_id, "
        "save_token(token), as stores of zohocrmsdk have. *",
    )
