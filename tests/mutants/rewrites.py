"""How a store writes its file, for both generations: over `InFile`."""

import json
import shutil
from pathlib import Path

from tests.correct.capable import InFile, owner_only


class CopiesOver(InFile):
    """Writes a new file in hundreds of pieces, and copies it over the old one, which empties it."""

    clause = "DUR-3"

    def _store(self, text):
        new = f"{self.path}.new"
        with open(new, "w", opener=owner_only) as file:
            json.dump(json.loads(text), file)
        Path(self.path).touch(mode=0o600)
        shutil.copyfile(new, self.path)


class WritesInPlaceAfterATrial(InFile):
    """Writes hundreds of pieces elsewhere, to see that it can, and then over the file at once."""

    clause = "DUR-3"

    def _store(self, text):
        with open(f"{self.path}.trial", "w", opener=owner_only) as trial:
            for _ in range(3):
                json.dump(json.loads(text), trial)
        with open(self.path, "wb", opener=owner_only) as file:
            file.write(text)


IN_FILE = (CopiesOver, WritesInPlaceAfterATrial)
"""The faults that need nothing of a generation."""
