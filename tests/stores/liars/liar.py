"""What liars share: the base that says what a lie breaks, and one liar for each field."""

from collections.abc import Iterable

from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from tests.stores.honest import FIELDS, Honest

VALUES = FIELDS[1:]
"""Every field but the id."""


class Liar(Honest):
    """An honest store, but for one lie."""

    clause: str
    spills: tuple[str, ...] = ()


class KeyedLiar(Liar):
    """A liar that asks which field identifies a token."""

    def _keyed_by(self, token) -> str:
        return (self._key(token) or ("",))[0]


def for_each_field(base: type, fields: Iterable[str]) -> dict[str, type]:
    """A subclass of `base` for each field: of `_InsertLoses`, for "user", `InsertLosesUser`.

    The subclass has the field's name in `field`, and in its docstring for "{field}".
    """
    liars = {}
    for field in fields:
        name = base.__name__.lstrip("_") + field.title().replace("_", "")
        body = {
            "__doc__": (base.__doc__ or "").format(field=field.replace("_", " ")),
            "__module__": base.__module__,
            "field": field,
        }
        liars[name] = type(name, (base,), body)
    return liars


def refuse(why: str):
    """Raise what a store raises."""
    raise SDKException("TOKEN_STORE", why)
