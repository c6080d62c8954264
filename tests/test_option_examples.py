"""--tokenstore-examples says how many sequences of calls are tried."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import GOOD, Judge

COUNTING = f"""{GOOD}
    calls = []

    def get_tokens(self):
        self.calls.append(1)
        return super().get_tokens()
"""
CONFTEST = """
def pytest_sessionfinish():
    import mypkg
    print("\\ncalls:", len(mypkg.MyStore.calls))
"""


def test_number(pytester: pytest.Pytester, judge: Judge) -> None:
    """More examples make more calls."""
    pytester.makepyfile(mypkg=COUNTING)
    pytester.makeconftest(CONFTEST)
    numbers = []
    for examples in (1, 5):
        result = judge(
            "--tokenstore=mypkg:MyStore", f"--tokenstore-examples={examples}", "-s", "-k", "SEQ-1"
        )
        (line,) = [each for each in result.outlines if each.startswith("calls: ")]
        numbers.append(int(line.split()[1]))

    assert numbers[1] > 2 * numbers[0]
