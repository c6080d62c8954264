"""Ways to break a file, and what the script of a failure copies of their source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tokenstore_conformance.report.scripts.parts.outages import OUTAGE
from tokenstore_conformance.target import broken_files

KINDS = (
    "garbage",
    "other_text",
    "directory_away",
    "main_file_away",
    "locked",
    "being_read",
    "damaged",
)

AT_THE_TOP = """
import atexit
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

HERE = Path()
else_it_cannot_run = None

"""
"""The code above the copied source in each script."""


@pytest.mark.parametrize("kind", [*KINDS, "replaced_by_directory", "backed_up"])
def test_a_script_has_all_that_it_calls(kind: str) -> None:
    """The script defines every name that it uses."""
    source = OUTAGE.format(source=AT_THE_TOP + broken_files.source_of(kind))

    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("beside", [b"", b"1", b"process 12345\n"], ids=["empty", "byte", "line"])
def test_a_lock_beside_the_tokens_is_no_second_file_of_them(beside: bytes, tmp_path: Path) -> None:
    """A file that is too short for a token is a lock file, or holds a process number."""
    (tmp_path / "tokens.json").write_bytes(b"token" * 100)
    (tmp_path / "tokens.lock").write_bytes(beside)

    assert broken_files.main_file(tmp_path) == tmp_path / "tokens.json"


def test_tokens_in_two_files_are_in_no_main_file(tmp_path: Path) -> None:
    """The kit cannot know which of the files a store needs."""
    for name in ("anna", "bert"):
        (tmp_path / name).write_bytes(b"token" * 100)

    assert broken_files.main_file(tmp_path) is None
