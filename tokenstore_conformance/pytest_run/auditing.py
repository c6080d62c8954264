"""``--tokenstore-audit``: read the stores of a run, and run no test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tokenstore_conformance.contract import GENERATIONS
from tokenstore_conformance.live.audit import audit
from tokenstore_conformance.live.findings import Audit
from tokenstore_conformance.live.opening import CannotOpen, opened
from tokenstore_conformance.pytest_run.options import outputs_of_audit
from tokenstore_conformance.report.audit import json_file
from tokenstore_conformance.report.audit.terminal import audit_as_text


def audited(config: pytest.Config, specs: Iterable[str]) -> int:
    """Audit stores, print the findings, write the reports and return the exit status.

    Raises `pytest.UsageError` for a store that cannot be opened, an option that an audit cannot
    use, and a report that cannot be written.
    """
    if config.option.tokenstore_wipe:
        raise pytest.UsageError("--tokenstore-audit writes nothing: leave out --tokenstore-wipe")
    generation = config.option.tokenstore_generation or config.getini("tokenstore_generation")
    if generation and generation not in GENERATIONS:
        raise pytest.UsageError(
            f"--tokenstore-generation: {generation!r} is none of {', '.join(GENERATIONS)}"
        )
    here = Path(config.invocation_params.dir)
    outputs = outputs_of_audit(config, here)
    started = datetime.now(timezone.utc)
    found = []
    for spec in specs:
        found.append(_audited(spec, here, generation or None))
        print(audit_as_text(found[-1]))
    for output in outputs:
        try:
            output.write(json_file.report(found, started))
        except OSError as error:  # such as a full disk
            raise pytest.UsageError(f"--tokenstore-report: {error}") from None
    harmful = any(each.findings for each in found)
    return pytest.ExitCode.TESTS_FAILED if harmful else pytest.ExitCode.OK


def _audited(spec: str, here: Path, generation: str | None) -> Audit:
    try:
        with opened(spec, here, must_exist=True, generation=generation) as live:
            return audit(live)
    except CannotOpen as error:
        raise pytest.UsageError(str(error)) from None
