"""Mutants wrong about what is rare in a field: DATA-2."""

from tests.correct.zcrmsdk.honest import HonestFile
from tests.mutants import rare_text
from tests.mutants.mutant import over
from tests.mutants.zcrmsdk.mutant import GarblingMutant


class _GarblesRareText(GarblingMutant):
    """The store garbles what is rare in text."""

    clause = "DATA-2"


globals().update(over(_GarblesRareText, rare_text.GARBLED, __name__))
globals().update(over(HonestFile, rare_text.IN_JSON, __name__))


class CutsTheRefreshTokenAt1000(_GarblesRareText):
    """The refresh token is cut at 1,000 characters."""

    garbled = ("refresh_token",)

    def garble(self, text):
        return text[:1000]
