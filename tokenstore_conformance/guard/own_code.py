"""Tells which code is the store's own: the code that its author wrote."""

from __future__ import annotations

import os
import sys
from typing import Final

from tokenstore_conformance.guard.frames import is_installed, is_kit, is_standard, is_written


class OwnCode:
    """The code of a store.

    It includes the files of the store's class and its bases, wherever they are. If such a file is
    part of an installed package, everything in its folder or below is included. So is every other
    Python file that belongs neither to the standard library, nor to an installed package, nor to
    the kit: a store may be a thin class over code in other modules of the project.
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
    """Return the file of a class. None for classes of the standard library, of the kit and of C."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return None if file is None or is_kit(file) or is_standard(file) else file
