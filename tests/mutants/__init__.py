"""Stores that are wrong in exactly one way, each an honest one with one step replaced: mutants.

A mutant's docstring names the fault, `clause` the clause of the contract that it breaks. Few faults
cannot be kept within a family (a store that cuts ids cannot find a text by such an id): `spills`
names the clauses of other families that see them, too. Mutants stand by generation, and there by
family; a generation is left out where its SDK is not installed.
"""

from importlib import import_module

from tokenstore_conformance.sdk import is_installed

GENERATIONS = [each for each in ("zohocrmsdk", "zcrmsdk") if is_installed(each)]
"""The generations that can be tested here."""

CALL_BY_CALL = ("SHAPE", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO", "TIME")
"""The families of what is checked call by call."""

PROGRAM = ("SDK", "SEC", "RES", "HOST")
"""The families of what a program needs of a store beside right answers."""

CAPABILITIES = ("THR", "DUR", "ERR")
"""The families of what is asked of a store that is able to do it."""


def mutants_of(generation: str) -> list[type]:
    """Every mutant of a generation."""
    found: list[type] = import_module(f"{__name__}.{generation}").mutants()
    return found


def family_of(mutant: type) -> str:
    """The family of the clause that a mutant breaks."""
    clause: str = mutant.clause  # type: ignore[attr-defined]
    return clause.partition("-")[0]
