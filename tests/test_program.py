"""The real SDK of both generations is isolated: it calls only the stand-in and leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk_programs import Driver, zoho_of_ann_and_bob
from tokenstore_conformance.contract import GENERATIONS
from tokenstore_conformance.sdk import is_installed
from tokenstore_conformance.sdk.stand_in import StandIn


@pytest.fixture(params=[each for each in GENERATIONS if is_installed(each)])
def driver(request: pytest.FixtureRequest) -> Driver:
    return Driver(request.param)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with zoho_of_ann_and_bob() as stand_in:
        yield stand_in


@pytest.fixture
def store(driver: Driver, tmp_path: Path) -> Any:
    return driver.file_store(tmp_path / "tokens.csv")


class TestOtherHosts:
    def test_a_proxy_in_the_environment_is_passed_by(
        self, driver: Driver, store: Any, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Requests to the stand-in do not go through the proxy."""
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://proxy.invalid:3128")

        with driver.sdk_program(store, stand_in) as program:
            driver.log_in(program, "ann")

        assert len(stand_in.asked("token")) == 1

    def test_no_other_module_of_the_sdk_opens_connections(self, driver: Driver) -> None:
        """Only the modules whose `requests` is replaced import requests or socket."""
        root = Path(next(iter(__import__(driver.module).__path__)))
        importing = {
            path.stem
            for path in root.rglob("*.py")
            if b"import requests" in path.read_bytes() or b"import socket" in path.read_bytes()
        }

        assert importing == {"oauth_token", "api_http_connector"}
        assert importing == {
            module.__name__.rpartition(".")[2] for module in driver.program_type.connecting
        }


class TestNothingIsLeft:
    def test_in_the_process(
        self,
        driver: Driver,
        store: Any,
        stand_in: StandIn,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The SDK's globals, the logger, environment, directory and threads are as before."""
        driver.enter_another_program(tmp_path / "here", monkeypatch)
        before = driver.state()

        with driver.sdk_program(store, stand_in) as program:
            driver.log_in(program, "ann")
            driver.switch(program, "bob")

        assert driver.state() == before

    def test_after_an_error(
        self, driver: Driver, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A program that fails leaves nothing either."""
        monkeypatch.chdir(tmp_path)
        store = driver.file_store("tokens.csv")
        before = driver.state()

        with pytest.raises(driver.door.refusal), driver.sdk_program(store, stand_in) as program:
            driver.log_in(program, "a-stranger")

        assert driver.state() == before

    def test_a_program_inside_a_program(
        self, driver: Driver, store: Any, stand_in: StandIn, tmp_path: Path
    ) -> None:
        """The inner program has its own store; the outer one continues with its own afterwards."""
        other = driver.file_store(tmp_path / "other.csv")
        anns, *user = driver.by_grant("ann")

        with driver.sdk_program(store, stand_in) as program:
            program.start(anns, *user)
            with driver.sdk_program(other, stand_in) as inner:
                driver.log_in(inner, "bob")
            program.get_token(anns)
            driver.switch(program, "ann")

        grants = [
            [driver.door.read(token).grant_token for token in each.get_tokens()]
            for each in (store, other)
        ]
        assert grants == [["grant-ann"], ["grant-bob"]]
