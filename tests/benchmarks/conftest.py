"""The options of the benchmarks."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("benchmarks of this repository")
    group.addoption("--records", default="100", help="how many records, as in 100,10000")
    group.addoption("--seconds", type=float, default=0.1, help="for each call and size")
    group.addoption("--runs", type=int, default=2, help="of pytest, for each store")
    group.addoption("--mutants", type=int, default=12, help="to stop at the first failure of")
