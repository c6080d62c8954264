"""The kit saves expiries like the SDK's: close to the current time."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.drivers.in_process import judge_of
from tests.mutants import GENERATIONS
from tokenstore_conformance.records import NOW

A_DAY = 24 * 3_600_000


@pytest.mark.slow
@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_column_of_timestamps_takes_every_expiry(generation: str, tmp_path: Path) -> None:
    """All are within a day of now, except 0 and -1, which the kit saves on purpose.

    The clauses on time are left out, because they are about other moments.
    """
    honest = import_module(f"tests.correct.{generation}.honest")
    saved = set()

    class Recording(honest.HonestFile):
        def save_token(self, *arguments):
            if isinstance(arguments[-1], honest.OAuthToken):
                saved.add(honest.get_field(arguments[-1], "expires_in"))
            super().save_token(*arguments)

    judge = judge_of(Recording, tmp_path, examples=5)

    for id, clause in judge.clauses.items():
        if clause.family not in ("SDK", "TIME"):
            judge.judge(id)

    moments = {int(each) for each in saved if each is not None} - {0, -1}
    assert len(moments) > 5
    assert [each for each in moments if abs(each - NOW) > A_DAY] == []
