"""Ways to break a file: what the script of a failure copies of them."""

from __future__ import annotations

import subprocess
import sys

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
"""What stands above it in each script."""


@pytest.mark.parametrize("kind", [*KINDS, "replaced_by_directory", "backed_up"])
def test_a_script_has_all_that_it_calls(kind: str) -> None:
    """Each name that is used is defined in the script."""
    source = OUTAGE.format(source=AT_THE_TOP + broken_files.source_of(kind))

    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout
