"""What correct stores share: the base that says which SHOULD clauses a store does not keep."""

from tests.correct.zohocrmsdk.honest import Honest


class Correct(Honest):
    """An honest store, in another way."""

    breaks_should: tuple[str, ...] = ()
