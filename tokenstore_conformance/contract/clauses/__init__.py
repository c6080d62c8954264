"""Every clause of the contract once, one module for each family."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import Clause
from tokenstore_conformance.contract.clauses import (
    by_id,
    clear,
    data,
    delete,
    durability,
    find,
    host,
    isolation,
    lifetime,
    listing,
    outages,
    real_sdk,
    resources,
    save,
    secrets,
    sequences,
    shape,
    threads,
)

FAMILIES: Final = {
    "SHAPE": ("the shape of a store", shape.CLAUSES),
    "SAVE": ("`save_token`", save.CLAUSES),
    "FIND": ("`find_token`, in `zcrmsdk` `get_token`", find.CLAUSES),
    "BYID": ("`find_token_by_id`, in `zcrmsdk` 2.x `get_token_by_id`", by_id.CLAUSES),
    "DEL": ("`delete_token`", delete.CLAUSES),
    "LIST": ("`get_tokens`", listing.CLAUSES),
    "CLEAR": ("`delete_tokens`", clear.CLAUSES),
    "DATA": ("what a field can hold", data.CLAUSES),
    "ISO": ("the store's own copy", isolation.CLAUSES),
    "SEQ": ("sequences of calls", sequences.CLAUSES),
    "TIME": ("the passing of time, and time zones", lifetime.CLAUSES),
    "THR": ("threads", threads.CLAUSES),
    "DUR": ("durability", durability.CLAUSES),
    "ERR": ("outages of the storage", outages.CLAUSES),
    "SDK": ("the real SDK with the store", real_sdk.CLAUSES),
    "SEC": ("secrets", secrets.CLAUSES),
    "RES": ("resources", resources.CLAUSES),
    "HOST": ("the program around the store", host.CLAUSES),
}
"""The families in the order of the contract: what each is about, and its clauses."""

CLAUSES: Final[tuple[Clause, ...]] = tuple(
    clause for _, clauses in FAMILIES.values() for clause in clauses
)

RETIRED: Final[dict[str, str]] = {}
"""Ids that were released and are out of force, each with the reason. They are never used again."""
