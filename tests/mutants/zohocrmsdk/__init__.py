"""Mutants of the six-method generation, by the family of the clause that they break."""

from tests.correct import stores_in

MODULES = (
    "shape",
    *("save_fields", "save_match", "save_again", "save_ids", "save_refusal"),
    "save_others",
    *("find_match", "find_nothing", "find_answer", "find_alike"),
    "find_keeps",
    *("by_id", "delete", "listing", "clear", "data", "isolation", "lifetime", "sequence"),
    *("surroundings", "shared_tokens"),
    *("program", "hygiene", "encoding", "threads", "files", "forks", "outages"),
)


def mutants() -> list[type]:
    """All of them. Each process that opens one of these stores imports this package, so the modules
    are imported when they are asked for."""
    return stores_in(__name__, MODULES)
