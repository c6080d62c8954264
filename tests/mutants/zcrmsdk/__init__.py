"""Mutants of the five-method generation, by the family of the clause that they break.

One with `needs_ids` is wrong about get_token_by_id alone, which the distributions of 3.x do not
have.
"""

from tests.correct import stores_in
from tests.correct.zcrmsdk.honest import ACCESSORS

MODULES = (
    "shape",
    *("save_fields", "save_match", "save_key", "save_again", "save_token"),
    *("find_match", "find_nothing", "find_answer", "find_alike", "find_change"),
    *("by_id", "delete", "delete_key", "listing", "clear"),
    *("data", "rare_data", "expiry", "isolation", "lifetime", "sequence"),
    "surroundings",
    *("program", "removal", "hygiene", "encoding", "threads", "files", "forks", "outages"),
)


def mutants() -> list[type]:
    """All of them; the modules are imported when they are asked for."""
    return [
        mutant
        for mutant in stores_in(__name__, MODULES)
        if ACCESSORS or not getattr(mutant, "needs_ids", False)
    ]
