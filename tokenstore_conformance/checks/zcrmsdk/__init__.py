"""The checks of the five-method contract, for the older SDK, `zcrmsdk`."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from tokenstore_conformance.checks import FIVE, check

five = partial(check, generation=FIVE)
"""Makes a function the check of a clause of this contract."""

MODULES = (
    *("shape", "save", "find", "by_id", "delete", "listing", "data", "sequences"),
    *("shared", "real_sdk", "hygiene"),
)

for _name in MODULES:
    import_module(f"{__name__}.{_name}")
