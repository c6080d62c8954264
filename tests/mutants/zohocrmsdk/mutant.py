"""What mutants of this generation share."""

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.correct.zohocrmsdk.honest import FIELDS, Honest
from tests.mutants import mutant

VALUES = FIELDS[1:]
"""Every field but the id."""


class Mutant(mutant.Mutant, Honest):
    """An honest store, except for one fault."""


class KeyedMutant(Mutant):
    """A mutant that asks which field identifies a token."""

    def _keyed_by(self, token) -> str:
        return (self._key(token) or ("",))[0]


def refuse(why: str):
    """Raise what a store raises."""
    raise SDKException("TOKEN_STORE", why)
