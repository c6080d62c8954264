"""In a run that judges no store, the kit does nothing."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import Judge

LOADED = """
import sys

def pytest_sessionfinish():
    roots = ("tokenstore_conformance", "reference_stores", "hypothesis", "zohocrmsdk", "zcrmsdk")
    print("\\nloaded:", *sorted(name for name in sys.modules if name.split(".")[0] in roots))
"""


@pytest.mark.slow
def test_nothing_is_loaded(pytester: pytest.Pytester) -> None:
    """Without a target, the suite, the SDKs and Hypothesis are not imported."""
    pytester.makeconftest(LOADED)
    pytester.makepyfile("def test_own(): pass")

    result = pytester.runpytest_subprocess("-s", "-p", "no:hypothesispytest", "-p", "no:xdist")

    loaded = {line for line in result.outlines if line.startswith("loaded:")}
    assert loaded == {"loaded: tokenstore_conformance tokenstore_conformance.plugin"}


def test_own_tests_alone(pytester: pytest.Pytester, judge: Judge) -> None:
    """Without a target, nothing of the kit runs, and its header is not shown."""
    pytester.makepyfile("def test_own(): pass")

    result = judge()

    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("tokenstore*:*")
