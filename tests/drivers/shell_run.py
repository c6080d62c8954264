"""Run the shell scripts of CI files as a runner does, with the programs of this environment."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import yaml


def parsed(text: str) -> dict[str, Any]:
    """Return a CI file, or a part of one, as data."""
    data = yaml.safe_load(text)
    assert isinstance(data, dict)
    return data


def run_shell(script: str, directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script in bash. It ends at the first command that fails."""
    foreign = ("PYTEST_", "COV_", "GITHUB_", "CI")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    path = os.pathsep.join([sysconfig.get_path("scripts"), clean["PATH"]])
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=directory,
        env={**clean, "PATH": path, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
