"""Fixtures of the plugin's tests: a pytest that judges, and modules with stores to judge."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator

import pytest

import tokenstore_conformance
from tests.drivers.pytest_run import FORGETFUL, GOOD, UNHELPFUL, Judge
from tokenstore_conformance.contract import GENERATIONS
from tokenstore_conformance.sdk import is_installed


@pytest.hookimpl(optionalhook=True)  # there may be no xdist
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for a process or a server."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """What is there for good need not be looked through at each collection of garbage."""
    gc.freeze()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """A store may log half of a surrogate pair, which pytest-xdist cannot send."""
    outcome = yield
    report = outcome.get_result()
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]


@pytest.fixture(autouse=True)
def _forgetting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test imported from a directory of its own is not there for the next test."""
    before = set(sys.modules)
    yield
    ours = str(tmp_path_factory.getbasetemp())
    for name in sys.modules.keys() - before:
        if str(vars(sys.modules[name]).get("__file__")).startswith(ours):
            del sys.modules[name]


@pytest.fixture(scope="session", autouse=True)
def imported() -> None:
    """The kit: a run of pytest in this process forgets what it imports, and would do it again."""
    stores = [f"reference_stores.{each}" for each in GENERATIONS if is_installed(each)]
    for package in (tokenstore_conformance, *map(importlib.import_module, stores)):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".django_store"):  # it needs a Django that is set up
                importlib.import_module(module.name)
    with contextlib.suppress(ImportError):  # its part in C keeps the classes of the first import
        importlib.import_module("psycopg")


@pytest.fixture
def judge(imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Runs pytest on the arguments, in this process, in a directory that is empty at first."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)

    return pytester.runpytest_inprocess


@pytest.fixture
def good(pytester: pytest.Pytester) -> str:
    """A module with a store that keeps every clause."""
    pytester.makepyfile(mypkg=GOOD)
    return "mypkg:MyStore"


@pytest.fixture
def forgetful(pytester: pytest.Pytester) -> str:
    """A module with a store that breaks BYID-2 alone, a MUST."""
    pytester.makepyfile(mypkg=FORGETFUL)
    return "mypkg:MyStore"


@pytest.fixture
def unhelpful(pytester: pytest.Pytester) -> str:
    """A module with a store that breaks FIND-10 alone, a SHOULD."""
    pytester.makepyfile(mypkg=UNHELPFUL)
    return "mypkg:MyStore"
