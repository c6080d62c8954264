"""A long run shows its progress on a terminal; a log says once that the run will be long."""

from __future__ import annotations

import io
import re
import sys

import pytest

from tests.drivers.pytest_run import GOOD, Judge
from tests.drivers.terminal import run_in_terminal, screen
from tokenstore_conformance.pytest_run import progress

CLOCK = """
import pytest
from tokenstore_conformance.guard import limits

before = 0


def pytest_runtest_logstart():
    global before
    before = limits.steps()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    '''The clock of this run: each call on the store counts as 0.3 s.'''
    outcome = yield
    outcome.get_result().duration = 0.3 * (limits.steps() - before)
"""

SOME = "SHAPE or LIST or CLEAR or BYID or ISO"
"""Clauses that make few calls. The store breaks one of them, BYID-2."""

INTERRUPTED = """
    def find_token_by_id(self, id):
        signal.raise_signal(signal.SIGINT)
"""

LINE = re.compile(r"\r?\n([A-Z]+-\d+ on [^\r\n\x1b]*)\r\x1b\[K\x1b\[A\x1b\[\d+C")
"""Matches the line as it is written below another line, and removed."""


@pytest.fixture
def slow(pytester: pytest.Pytester, forgetful: str) -> str:
    """Make a store whose calls take 0.3 s by the clock of the run; return the option for it."""
    pytester.makeconftest(CLOCK)
    return f"--tokenstore={forgetful}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "verbosity", ["--verbosity=0", pytest.param("-v", marks=pytest.mark.nightly)]
)
def test_a_terminal_shows_the_clause_and_the_rest(
    pytester: pytest.Pytester, slow: str, verbosity: str
) -> None:
    """The line appears after some seconds. At the end, no trace of it is on the screen."""
    status, written = run_in_terminal(pytester.path, slow, verbosity, "-k", SOME)

    shown = LINE.findall(written)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert shown[0] == "SHAPE-4 on mypkg:MyStore, 3 of 13 clauses"
    assert shown[-1] == "ISO-2 on mypkg:MyStore, 12 of 13 clauses, about 20 seconds left"
    assert len(shown) == 10
    assert screen(written) == screen(LINE.sub("", written))
    assert not any(line.endswith(" left") or "3 of 13" in line for line in screen(written))


@pytest.mark.nightly
def test_ctrl_c_removes_the_line(pytester: pytest.Pytester, slow: str) -> None:
    """The output about the interrupted run stands alone."""
    pytester.makepyfile(mypkg=f"import signal\n{GOOD}\n{INTERRUPTED}")

    status, written = run_in_terminal(pytester.path, slow, "-k", SOME)

    assert status == pytest.ExitCode.INTERRUPTED
    assert LINE.findall(written)[-1].startswith("BYID-1 on mypkg:MyStore")
    assert "tokenstore_conformance ...." in screen(written)
    assert not any("BYID-1" in line for line in screen(written))


@pytest.mark.nightly
def test_a_narrow_terminal_shows_no_line(pytester: pytest.Pytester, slow: str) -> None:
    """The line does not fit."""
    status, written = run_in_terminal(pytester.path, slow, "-k", SOME, columns=30)

    assert status == pytest.ExitCode.TESTS_FAILED
    assert LINE.findall(written) == []


def test_a_log_tells_once_that_it_will_be_long(slow: str, judge: Judge) -> None:
    """It says so once the first clauses are judged, on its own line, without terminal codes."""
    result = judge(slow, "-k", f"{SOME} or RES-1")

    told = [number for number, line in enumerate(result.outlines) if "for a call" in line]
    assert result.outlines[told[0] - 1 : told[0] + 2] == [
        "tokenstore_conformance .....F......",
        "mypkg:MyStore takes about 0.3 s for a call; judging it takes about 5 minutes more",
        "tokenstore_conformance ..                                                [100%]",
    ]
    assert len(told) == 1
    assert not re.search(r"[\r\x1b]| left$", "\n".join(result.outlines))


def test_a_quick_store_needs_no_word(forgetful: str, judge: Judge) -> None:
    """A run that ends soon is not announced."""
    result = judge(f"--tokenstore={forgetful}", "-k", SOME)

    result.stdout.fnmatch_lines(["NOT CONFORMANT*"])
    result.stdout.no_fnmatch_line("*for a call*")


def test_quiet_runs_tell_nothing(slow: str, judge: Judge) -> None:
    """With -q, there are only dots."""
    result = judge(slow, "-q", "-k", f"{SOME} or RES-1")

    result.stdout.fnmatch_lines(["NOT CONFORMANT*"])
    result.stdout.no_fnmatch_line("*for a call*")


@pytest.mark.nightly
def test_workers_tell_nothing(slow: str, judge: Judge) -> None:
    """With pytest-xdist the kit does not know how long the workers wait for one another."""
    pytest.importorskip("xdist")

    result = judge(slow, "-n1", "-k", f"{SOME} or RES-1")

    result.stdout.fnmatch_lines(["NOT CONFORMANT*"])
    result.stdout.no_fnmatch_line("*for a call*")


def test_a_terminal_that_is_gone_fails_nothing(
    slow: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the line cannot be written, there is none."""
    monkeypatch.setattr(progress, "has_room_for_a_line", lambda config: True)

    result = judge(slow, "-k", SOME)

    result.assert_outcomes(failed=1, passed=12, deselected=77)
    result.stdout.no_fnmatch_line("* left")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


NOT_WANTED = {
    "quiet": (["-qq"], {}),
    "the store's output is shown": (["-s"], {}),
    "logs are shown": (["--log-cli-level=INFO"], {}),
    "fixtures are shown": (["--setup-show"], {}),
    "a debugger begins": (["--trace"], {}),
    "a dumb terminal": ([], {"TERM": "dumb"}),
    "no known terminal": ([], {"TERM": None}),
    "CI": ([], {"CI": "true"}),
}


@pytest.mark.parametrize(
    ("options", "environment", "has_room"),
    [([], {}, True), (["-q"], {}, True), *((*each, False) for each in NOT_WANTED.values())],
    ids=["a terminal", "-q", *NOT_WANTED],
)
def test_where_a_line_has_room(
    options: list[str],
    environment: dict[str, str | None],
    has_room: bool,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There must be a terminal that a person reads and that only pytest writes to."""
    for name, value in {"TERM": "xterm", "CI": None, "BUILD_NUMBER": None, **environment}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    config = pytester.parseconfig(*options)
    monkeypatch.setattr(sys, "stdout", Terminal())

    assert progress.has_room_for_a_line(config) is has_room


def test_a_pipe_has_no_room(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written to a pipe is read later."""
    config = pytester.parseconfig()
    monkeypatch.setattr(sys, "stdout", io.StringIO())

    assert not progress.has_room_for_a_line(config)
