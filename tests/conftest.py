"""Fixtures for the plugin's tests: a pytest run that judges, and modules with stores to judge."""

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
    """Return one more than the number of cores: many tests wait for a process or a server."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Freeze all objects: they stay until the end, so garbage collection can skip them."""
    gc.freeze()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Escape lone surrogates, which a store may log: pytest-xdist cannot send them."""
    outcome = yield
    report = outcome.get_result()
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]


@pytest.fixture(autouse=True)
def _forgetting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Forget what a test imported from its own directory, so that the next test does not get it."""
    before = set(sys.modules)
    yield
    ours = str(tmp_path_factory.getbasetemp())
    for name in sys.modules.keys() - before:
        if str(vars(sys.modules[name]).get("__file__")).startswith(ours):
            del sys.modules[name]


@pytest.fixture(scope="session", autouse=True)
def imported() -> None:
    """Import the kit once: a pytest run in this process forgets its own imports each time."""
    stores = [f"reference_stores.{each}" for each in GENERATIONS if is_installed(each)]
    for package in (tokenstore_conformance, *map(importlib.import_module, stores)):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".django_store"):  # it needs a Django that is set up
                importlib.import_module(module.name)
    with contextlib.suppress(ImportError):  # its C extension keeps the classes of the first import
        importlib.import_module("psycopg")


@pytest.fixture
def judge(imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Return a function that runs pytest in this process, in a directory that is empty at first."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)

    return pytester.runpytest_inprocess


@pytest.fixture
def good(pytester: pytest.Pytester) -> str:
    """Make a module with a store that keeps every clause; return its target."""
    pytester.makepyfile(mypkg=GOOD)
    return "mypkg:MyStore"


@pytest.fixture
def forgetful(pytester: pytest.Pytester) -> str:
    """Make a module with a store that breaks only BYID-2, a MUST; return its target."""
    pytester.makepyfile(mypkg=FORGETFUL)
    return "mypkg:MyStore"


@pytest.fixture
def unhelpful(pytester: pytest.Pytester) -> str:
    """Make a module with a store that breaks only FIND-10, a SHOULD; return its target."""
    pytester.makepyfile(mypkg=UNHELPFUL)
    return "mypkg:MyStore"
