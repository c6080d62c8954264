"""``--tokenstore-audit``: the stores of a run are read, and no test runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tokenstore_conformance.contract import GENERATIONS
from tokenstore_conformance.live.audit import audit
from tokenstore_conformance.live.opening import CannotOpen, opened
from tokenstore_conformance.report.audit_text import audit_as_text


def audited(config: pytest.Config, specs: Iterable[str]) -> int:
    """Audit stores and print what was found; returns the exit status.

    Raises `pytest.UsageError` for a store that cannot be opened.
    """
    if config.option.tokenstore_wipe:
        raise pytest.UsageError("--tokenstore-audit writes nothing: leave out --tokenstore-wipe")
    generation = config.option.tokenstore_generation or config.getini("tokenstore_generation")
    if generation and generation not in GENERATIONS:
        raise pytest.UsageError(
            f"--tokenstore-generation: {generation!r} is none of {', '.join(GENERATIONS)}"
        )
    status = pytest.ExitCode.OK
    for spec in specs:
        here = Path(config.invocation_params.dir)
        try:
            with opened(spec, here, must_exist=True, generation=generation or None) as live:
                found = audit(live)
                print(audit_as_text(found, live.spec))
        except CannotOpen as error:
            raise pytest.UsageError(str(error)) from None
        if found.harms:
            status = pytest.ExitCode.TESTS_FAILED
    return status
