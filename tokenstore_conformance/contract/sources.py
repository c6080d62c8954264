"""Where a clause comes from: the article, the SDK's own code, or good practice.

Sources name functions as they are in the distributions of `READ_IN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ARTICLE: Final = (
    "Kaizen #192",
    "https://help.zoho.com/portal/en/community/topic/"
    "kaizen-192-implementing-custom-token-persistence-in-python-sdk",
)
"""The name and the address of the article."""

SOURCES: Final = {
    "A": f"the article on custom token persistence ({ARTICLE[0]}); it describes `zohocrmsdk`",
    "S": "the SDK's own calls into a store",
    "B": "behaviour that all of the SDK's own stores share",
    "H": "good practice for any store of secrets",
}

FILES: Final = {
    "OAuthToken": "com/zoho/api/authenticator/oauth_token.py",
    "TokenStore": "com/zoho/api/authenticator/store/token_store.py",
    "FileStore": "com/zoho/api/authenticator/store/file_store.py",
    "DBStore": "com/zoho/api/authenticator/store/db_store.py",
    "Initializer": "com/zoho/crm/api/initializer.py",
    "Utility": "com/zoho/crm/api/util/utility.py",
}
"""The file of each SDK class that a source names, relative to ``<generation>/src``."""

TWO_X: Final = "zcrmsdk 2.x"
"""The lines 2.0 and 2.1, whose stores find tokens by id."""

READ_IN: Final = {
    "zohocrmsdk": ("zohocrmsdk8_0", "7.0.0"),
    "zcrmsdk": ("zcrmsdk", "3.1.0"),
    TWO_X: ("zohocrmsdk2_1", "3.0.0"),
}
"""The distribution whose code was read for the functions, and its version."""


@dataclass(frozen=True)
class Source:
    """What supports a clause: a key of `SOURCES` and, for the SDK's code, one of its functions.

    ``only`` is a key of `READ_IN`, if the function shows something about that SDK alone. Without
    it, the source holds for each generation that the clause binds.
    """

    letter: str
    function: str | None = None
    only: str | None = None

    @property
    def file(self) -> str | None:
        """The file of the function, relative to the SDK's ``src``; None without a function."""
        return FILES[self.function.partition(".")[0]] if self.function else None

    def __str__(self) -> str:
        """Return the source as one line of text."""
        where = f" ({self.only})" if self.only else ""
        return f"{self.letter} {self.function}{where}" if self.function else self.letter


A: Final = Source("A")
H: Final = Source("H")


def S(function: str, only: str | None = None) -> Source:
    """Return the source for a call on a store that this function of the SDK makes."""
    return Source("S", function, only)


def B(function: str, only: str | None = None) -> Source:
    """Return the source for what the SDK's own stores share, as in this function of one of them."""
    return Source("B", function, only)
