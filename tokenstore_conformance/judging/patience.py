"""How long the clauses of a slow store may take, so that a run ends within the hour.

A clause may take `limits.WHOLE` times as long as a call. 90 of these would be hours: so when those
of a store have taken long together, each one left gets less.
"""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.guard import limits

LONG: Final = 90
"""So many times as long as a call may take is long, for all clauses of a store together."""
LATE: Final = 2
"""After that, a clause may take so many times as long as a call."""


def of_a_clause(timeout: float, spent: float) -> float:
    """Seconds after which a clause makes no more calls.

    A call may take ``timeout`` seconds, and the clauses before it have taken ``spent``. Where a
    call may take less than `limits.DEFAULT`, only the first limit is shorter.
    """
    whole = limits.WHOLE * timeout
    usual = max(timeout, limits.DEFAULT)
    return min(whole, LATE * usual) if spent > LONG * usual else whole
