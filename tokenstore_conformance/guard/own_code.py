"""Which code is the store's own: what its author wrote."""

from __future__ import annotations

import os
import sys
from typing import Final

from tokenstore_conformance.guard.frames import is_installed, is_kit, is_standard, is_written


class OwnCode:
    """The code of a store.

    That is the files of the store's class and its bases, wherever they are; for those that are
    installed packages, also what lies in the same folder or below; and every other Python file that
    is neither the standard library's, nor an installed package's, nor the kit's (a store may be a
    thin class over code in other modules of the project).
    """

    def __init__(self, store_class: type) -> None:
        self.classes: Final = tuple(each for each in store_class.__mro__ if _file_of(each))
        """The store's class and those of its bases that somebody wrote in Python."""
        self._files = frozenset(filter(None, map(_file_of, self.classes)))
        self._folders = tuple(
            os.path.dirname(file) + os.sep for file in self._files if is_installed(file)
        )

    def includes(self, filename: str) -> bool:
        """Whether the code of this file is the store's own."""
        if filename in self._files or (self._folders and filename.startswith(self._folders)):
            return True
        library = is_standard(filename) or is_installed(filename)
        return is_written(filename) and not library and not is_kit(filename)


def _file_of(cls: type) -> str | None:
    """The file a class was written in; None for the standard library's, the kit's and for C."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return None if file is None or is_kit(file) or is_standard(file) else file
