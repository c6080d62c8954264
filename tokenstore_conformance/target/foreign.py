"""Stores that this kit does not judge: for another SDK of Zoho, or for the first generation."""

from __future__ import annotations

import re
from typing import Any, Final

from tokenstore_conformance.target.generation import OWN

OTHER_SDKS: Final = {
    "officeintegrator": "Zoho Office Integrator (office-integrator-sdk)",
    "zohosdk": "Zoho Office Integrator (zoi-python-sdk)",
}
"""SDKs of other Zoho products that have a TokenStore, too, by their modules."""

FIRST_GENERATION: Final = "get_oauthtokens"
"""A method that every persistence class of zcrmsdk 1.x and 2.0.x has."""

_IN_AN_SDK: Final = re.compile(r"(\w+)\.src\.com\.zoho\.")


def refusal(cls: Any) -> str:
    """Return why stores of this class are not judged, and what to do. "" if they are."""
    modules = [base.__module__ for base in getattr(cls, "__mro__", ())]
    tops = [found[1] for module in modules if (found := _IN_AN_SDK.match(f"{module}."))]
    if set(tops) & set(OWN):
        return ""
    if tops:
        product = OTHER_SDKS.get(tops[0], f"another product of Zoho (module {tops[0]!r})")
        return (
            f"it is a store for the SDK of {product}. This kit judges stores of the Zoho CRM SDK "
            "only (modules zohocrmsdk and zcrmsdk)"
        )
    if hasattr(cls, FIRST_GENERATION):
        return (
            f"it has {FIRST_GENERATION}(), as in the first generation of the SDK (zcrmsdk 1.x to "
            "2.0.14), which has no TokenStore. Install the current SDK, pip install "
            "zohocrmsdk8_0, and write a store for it (docs/writing-a-store.md)"
        )
    return ""
