"""SEQ-1: any sequence of calls agrees with the model.

The model says what each call must return. The machine (`sequence_machine`) compares the answers
and, again and again, the whole store with the model.

If a check of another family fails on its own, the sequences run into that failure all the time. If
the kit can repair its fault, they run again on the store with that fault repaired. If not, they run
again and ignore what that family explains, to find what it does not explain.
"""

from __future__ import annotations

from functools import partial

from tokenstore_conformance.checks import check
from tokenstore_conformance.checks.samples import person
from tokenstore_conformance.checks.sequences import (
    DISAGREE,
    LOOKS,
    Openings,
    beyond_repair,
    failure_of,
    try_sequences,
    unsteady,
)
from tokenstore_conformance.checks.zohocrmsdk.sequence_machine import RULES, Machine
from tokenstore_conformance.failures import CannotJudge
from tokenstore_conformance.guard import limits
from tokenstore_conformance.subject import Subject


@check("SEQ-1", generation="zohocrmsdk")
def agrees_with_the_model(store: Subject) -> None:
    """Any sequence of calls gives the same results as the model, a plain implementation of this
    contract. In zohocrmsdk no two records ever share an id or a user.
    """
    first = failure_of(store, partial(_try_sequences, store, frozenset(), shrinks=False))
    if first is None:
        return
    explaining = beyond_repair(store, first)
    families = frozenset(each.partition("-")[0] for each in explaining)
    try:
        met = _try_sequences(store, families, shrinks=True)
    except limits.OutOfTime as early:
        if not explaining:
            raise first from None
        why = "there was no time to tell what these clauses do not explain"
        raise CannotJudge(why, *explaining, otherwise=first) from early
    culprits = [each for each in explaining if each.partition("-")[0] in met]
    if not culprits:
        raise unsteady()
    raise CannotJudge(f"{DISAGREE} only where these are broken", *culprits, otherwise=first)


def _try_sequences(store: Subject, explained: frozenset[str], *, shrinks: bool) -> set[str]:
    """Try sequences, and return the ``explained`` families that explain a disagreement.

    Raises `ClauseFailed` if none of them explains it.
    """
    met: set[str] = set()
    openings = Openings(store.fresh(), person("anna"), person("bert"))

    def begin(fresh: Subject) -> Machine:
        openings.begin()
        return Machine(fresh, openings, explained, met, every=1 if shrinks else LOOKS)

    try_sequences(store, begin, RULES, shrinks=shrinks)
    return met
