"""The checks of the five-method contract, for the older SDK, `zcrmsdk`."""

from __future__ import annotations

from functools import partial

from tokenstore_conformance.checks import FIVE, check

five = partial(check, generation=FIVE)
"""Makes a function the check of a clause of this contract."""
