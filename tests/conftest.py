"""Fixtures of the plugin's tests: a pytest that judges, and modules with stores to judge."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import tokenstore_conformance
from tests.drivers.pytest_run import FORGETFUL, GOOD, UNHELPFUL, Judge
from tokenstore_conformance.contract import GENERATIONS
from tokenstore_conformance.sdk import is_installed

# A run of pytest in this process forgets what it imported: so import it here, once for all runs.
stores = [f"reference_stores.{each}" for each in GENERATIONS if is_installed(each)]
for package in (tokenstore_conformance, *map(importlib.import_module, stores)):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)


@pytest.fixture
def judge(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Judge:
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
