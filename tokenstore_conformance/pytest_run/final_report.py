"""Reports, in a process of its own, what is known about a run that was ended from outside.

``python -m tokenstore_conformance.pytest_run.final_report FOLDER LINE HOW DOING`` writes the
reports, and prints the verdict to stderr. The watchdog runs it after it has killed a run that hung,
or after a run has died. If possible, another process then judges the rest and reports everything
(see `takeover`). A run in which pytest itself fails also runs it; DOING is then what failed.
"""

from __future__ import annotations

import contextlib
import re
import sys
from pathlib import Path
from typing import Final

from tokenstore_conformance.guard.frames import is_kit
from tokenstore_conformance.guard.watching import HANGS, IN, STACKS
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.judging.verdict import LeftOut
from tokenstore_conformance.pytest_run.ended import End
from tokenstore_conformance.pytest_run.journal import read
from tokenstore_conformance.pytest_run.takeover import judge_rest_elsewhere
from tokenstore_conformance.report import json_file, terminal

WIDTH: Final = 80
BROKE: Final = "broke"
"""The value of HOW for a run in which pytest itself fails."""


def main(folder: Path, line: str, how: str, doing: str) -> None:
    """Write the reports and print the verdict."""
    inner, _, doing = ("", "", doing) if how == BROKE else doing.rpartition(IN)
    doing = doing or "the store"
    stacks = _stacks(folder / STACKS)
    found = read(folder)
    if how != BROKE and (found is None or found[1] is None):
        end = End("", "", doing, how == HANGS)
        _say(f"{end}; no clause was being judged", stacks)
    if found is None:
        return
    run, begun = found
    by = "the end of the run"
    if how == BROKE:
        by = f"an error in pytest{f', in {begun[1]} on {begun[0]}' if begun else ''}: {doing}"
    elif begun is not None:
        target, clause = begun[0], inner or begun[1]  # a check may run another check
        end = End(target, clause, doing, how == HANGS, stacks)
        _say(f"{clause} on {target}: {end}", stacks)
        verdict = next(each for each in run.verdicts if each.target == target)
        found_now = end.result(verdict, run.options.timeout)
        verdict.add(found_now)
        if judge_rest_elsewhere(folder, line, run, found_now):
            return
        by = f"the end of the run, in {_named(*run.ended, found_now)}"
    for verdict in run.verdicts:
        if verdict.missing:
            verdict.left_out.append(LeftOut(verdict.missing, by, typed=False))
    terminal.show(_Plain(), run.verdicts, run.options.known_file)
    for note in run.options.wanted.write(json_file.report(run.verdicts, run.facts)):
        print(note)


def _say(line: str, stacks: str) -> None:
    print(f"\ntokenstore: {line}", flush=True)
    if stacks:
        print(stacks, flush=True)


def _named(*results: Result) -> str:
    return " and ".join(f"{each.clause} on {each.target}" for each in results)


def _stacks(file: Path) -> str:
    """Return the stacks of all threads, without the frames that called the store."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(line for line in lines if not _is_of_a_caller(line)).strip()


def _is_of_a_caller(line: str) -> bool:
    named = re.match(r'\s*File "(.*)", line', line)
    if named is None:
        return False
    return is_kit(named[1]) or re.search(_PYTEST, named[1]) is not None


_PYTEST: Final = (
    r"[/\\](_pytest|pluggy|xdist|execnet|bin)[/\\]|[/\\]pytest[/\\]__main__.py|^<frozen runpy>"
)


class _Plain:
    """The parts of pytest's terminal reporter that a verdict needs."""

    class _tw:
        fullwidth = WIDTH

    def section(self, title: str, **markup: bool) -> None:
        print(f" {title} ".center(WIDTH, "="))

    def line(self, text: str, **markup: bool) -> None:
        print(text)


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):  # a program may read pytest's own output
        main(Path(sys.argv[1]), *sys.argv[2:5])
