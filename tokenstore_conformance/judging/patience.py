"""How long the clauses of a slow store may take, so that a run ends within the hour.

A clause may take `limits.WHOLE` times as long as a call. For 90 clauses, that could be hours. So
once the clauses of a store have taken long together, each remaining one gets less time.
"""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.guard import limits

LONG: Final = 90
"""The clauses of a store have together taken long after this many times the limit of a call."""
LATE: Final = 2
"""After that, a clause may take this many times the limit of a call."""


def of_a_clause(timeout: float, spent: float) -> float:
    """Return the seconds after which a clause makes no more calls.

    A call may take ``timeout`` seconds, and the clauses before this one have taken ``spent``. A
    ``timeout`` below `limits.DEFAULT` counts as `limits.DEFAULT` for `LONG` and `LATE`.
    """
    whole = limits.WHOLE * timeout
    usual = max(timeout, limits.DEFAULT)
    return min(whole, LATE * usual) if spent > LONG * usual else whole
