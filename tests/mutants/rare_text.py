"""What happens to rare text in a store, for both generations: DATA-2."""

import json
import re
import unicodedata

from tests.correct.honest import InJson


class TurnsLineBreaks:
    """CR LF, and CR, come back as LF: the file is opened as text."""

    def garble(self, text):
        return text.replace("\r\n", "\n").replace("\r", "\n")


class WritesDosLineBreaks:
    """LF comes back as CR LF."""

    def garble(self, text):
        return re.sub("\r?\n", "\r\n", text)


class CutsAtALineBreak:
    """Text is cut at its first LF."""

    def garble(self, text):
        return text.partition("\n")[0]


class CutsAtEveryKindOfLineBreak:
    """Text is cut where splitlines splits: NEL and U+2028 too, but not at CR and LF."""

    def garble(self, text):
        return re.split("[\v\f\x1c-\x1e\x85\u2028\u2029]", text)[0]


class LosesTheLastLineBreak:
    """A line break at the end is lost."""

    def garble(self, text):
        return text.removesuffix("\n")


class CutsAtNul:
    """Text is cut at its first NUL."""

    def garble(self, text):
        return text.partition("\0")[0]


class DropsControlCharacters:
    """Control characters are lost, tabs and line breaks not."""

    def garble(self, text):
        return "".join(c for c in text if c in "\t\r\n" or unicodedata.category(c) != "Cc")


class TurnsTabs:
    """A tab comes back as a blank."""

    def garble(self, text):
        return text.replace("\t", " ")


class DropsTheBom:
    """A BOM that text begins with is lost."""

    def garble(self, text):
        return text.removeprefix("\ufeff")


class CutsAt1000:
    """Text is cut at 1,000 characters."""

    def garble(self, text):
        return text[:1000]


class CutsAt4000:
    """Text is cut at 4,000 characters."""

    def garble(self, text):
        return text[:4000]


class EmptiesItsFileFirst(InJson):
    """Opens its file, which empties it, before it finds that it cannot encode the text."""

    clause = "DATA-2"
    spills = ("SEC-1",)

    def _dump(self):
        text = json.dumps(self._state(), ensure_ascii=False)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)


GARBLED = (
    *(TurnsLineBreaks, WritesDosLineBreaks, CutsAtALineBreak, CutsAtEveryKindOfLineBreak),
    *(LosesTheLastLineBreak, CutsAtNul, DropsControlCharacters, TurnsTabs),
    *(DropsTheBom, CutsAt1000, CutsAt4000),
)
IN_JSON = (EmptiesItsFileFirst,)
"""The faults, by the store that they are put over: one that garbles text, or one in a file."""
