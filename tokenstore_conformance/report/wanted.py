"""The reports that the user asked for, to write when the run is over or is ended from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenstore_conformance.report import github
from tokenstore_conformance.report.formats import ReportFile
from tokenstore_conformance.report.scripts import files


@dataclass(frozen=True)
class Wanted:
    """What to write."""

    outputs: tuple[ReportFile, ...] = ()
    scripts: Path | None = None
    """The directory for the scripts that repeat failures; None to write no scripts."""
    github: bool = False
    """Whether to write annotations and a job summary for GitHub Actions."""

    def __bool__(self) -> bool:
        return bool(self.outputs or self.scripts or self.github)

    def write(self, data: dict[str, Any]) -> Iterator[str]:
        """Write all of it, and yield lines to print. Raises `OSError`."""
        for output in self.outputs:
            if not output.write(data):
                yield f"{output.file.name}: none is written for an incomplete run"
        if self.scripts is not None:
            for file in files.write(data, self.scripts):
                yield f"script: {os.path.relpath(file)}"
        if self.github:
            yield from github.workflow_commands(data)
            yield from filter(None, [github.write_summary(data, os.environ)])
