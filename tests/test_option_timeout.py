"""--tokenstore-timeout says how long one call on the store may take."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import Judge, refused


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_only_a_time_is_taken(good: str, judge: Judge, seconds: str) -> None:
    """A limit that no store could keep is refused."""
    result = judge(f"--tokenstore={good}", f"--tokenstore-timeout={seconds}")

    refused(result, "--tokenstore-timeout must be more than 0 seconds")


def test_without_a_store_it_is_refused(judge: Judge) -> None:
    """Someone who sets a limit must not see a green run that judges no store."""
    result = judge("--tokenstore-timeout=5")

    refused(result, "--tokenstore-timeout: no store is named; add --tokenstore=module:Name")
