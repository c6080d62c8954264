"""The contract as data is complete and well-formed, and each clause has one check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from typing import Any, Final

import pytest

from tokenstore_conformance.checks import all_checks
from tokenstore_conformance.contract import (
    CANNOT_START,
    CAPABILITIES,
    CLAUSES,
    COMPLETE,
    EFFECTS,
    FAMILIES,
    FORKS,
    GENERATIONS,
    GRADES,
    HANGS,
    INSTEAD,
    MATCH_RULES,
    OPEN_POINTS,
    RAISES,
    READ_IN,
    RETIRED,
    SOURCES,
    VERSION,
    Clause,
    Harm,
    Level,
    OpenPoint,
    Shown,
    Source,
    contract_of,
    effect_shown,
)

each_clause = pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)
each_family = pytest.mark.parametrize("family", FAMILIES)
each_generation = pytest.mark.parametrize("generation", GENERATIONS)
each_point = pytest.mark.parametrize(
    "point", OPEN_POINTS, ids=lambda point: " ".join(point.text.split()[:5])
)


def ids_of(clauses: Iterable[Clause]) -> set[str]:
    return {clause.id for clause in clauses}


# -- the ids ---------------------------------------------------------------------------------------


def test_ids_are_unique() -> None:
    """No two clauses share an id."""
    assert len(ids_of(CLAUSES)) == len(CLAUSES)


def test_a_retired_id_is_not_used_again() -> None:
    """No clause has an id that was released and later retired."""
    assert ids_of(CLAUSES) & RETIRED.keys() == set()
    assert all(RETIRED.values())


@each_family
def test_a_family_is_numbered_in_order(family: str) -> None:
    """The ids of a family, including retired ones, count from 1 without a gap."""
    ids = [clause.id for clause in CLAUSES if clause.family == family]
    retired = {id for id in RETIRED if id.partition("-")[0] == family}

    every = [f"{family}-{number}" for number in range(1, len(ids) + len(retired) + 1)]
    assert ids == [id for id in every if id not in retired]


@each_generation
def test_families_stand_together(generation: str) -> None:
    """The clauses of a family follow one another, in the order of the families."""
    clauses = contract_of(generation).clauses
    order = [family for family, _ in groupby(clause.family for clause in clauses)]

    assert order == [family for family in FAMILIES if family in set(order)]


# -- what a clause says ----------------------------------------------------------------------------


@each_clause
def test_a_clause_binds_generations(clause: Clause) -> None:
    """A clause names the generations that it binds, each once and in a fixed order."""
    assert clause.generations
    assert clause.generations == tuple(each for each in GENERATIONS if each in clause.generations)


@each_clause
def test_a_clause_says_what_and_why_and_what_to_do(clause: Clause) -> None:
    """A clause has a sentence, a reason and a fix. Each begins and ends like a sentence."""
    for text in (clause.sentence, clause.why, clause.fix):
        assert re.fullmatch(r"\S.*\.", text)
        assert "  " not in text
        assert not text[0].islower() or re.match(r"\w+_\w+|\w+crmsdk", text)  # a name in code


@each_clause
def test_a_clause_speaks_to_those_it_binds(clause: Clause) -> None:
    """A clause for only one generation does not name the other in its sentence."""
    named = set(re.findall(r"zohocrmsdk|zcrmsdk", clause.sentence))

    assert named <= set(clause.generations)


@each_clause
def test_a_capability_is_no_duty_unasked(clause: Clause) -> None:
    """A clause of a capability is a MUST only if a known capability is required."""
    assert clause.capability is None or (
        clause.level is Level.SHOULD and clause.capability in CAPABILITIES
    )
    assert clause.capability is None or clause.level_if([clause.capability]) is Level.MUST


def test_every_generation_has_its_rules() -> None:
    """Each generation has a match rule, and a text that says what "complete" means."""
    assert MATCH_RULES.keys() == COMPLETE.keys() == GENERATIONS.keys()


# -- the harm --------------------------------------------------------------------------------------


def test_every_effect_is_used() -> None:
    """The effects are exactly those of the clauses."""
    assert {clause.effect for clause in CLAUSES} == EFFECTS.keys()


MIXES: Final = "hands one user's token to another"
OVERWRITES: Final = "writes one user's login over another's"
REPEATS: Final = "keeps several records for one login"
NO_LOGOUT: Final = "leaves saved tokens without the id or email that a logout needs"
INEXACT: Final = "does not delete exactly the logins that it should"
UNKNOWN: Final = "fails on a user, token or id that it does not know"


@pytest.mark.parametrize(
    ("usual", "raises", "shows", "effect"),
    [
        (MIXES, False, Shown.THE_USUAL, MIXES),
        (MIXES, True, Shown.THE_USUAL, RAISES),
        (INEXACT, True, Shown.THE_USUAL, INEXACT),
        (MIXES, False, Shown.MORE, REPEATS),
        (OVERWRITES, False, Shown.MORE, REPEATS),
        (MIXES, False, Shown.NO_START, CANNOT_START),
        (MIXES, False, Shown.A_HANG, HANGS),
        (MIXES, False, Shown.A_FORK, FORKS),
        ("cannot be used by the SDK", True, Shown.A_HANG, HANGS),
        (REPEATS, False, Shown.OTHERS, "keeps old values after an update"),
        (REPEATS, False, Shown.FEWER, "loses logins when a token is refreshed"),
        (UNKNOWN, False, Shown.FEWER, "deletes or revokes the logins of other users"),
        (NO_LOGOUT, False, Shown.ANOTHERS_EMAIL, "deletes or revokes the logins of other users"),
        (
            UNKNOWN,
            False,
            Shown.FEWER_OF_THE_CALLER,
            "does not delete exactly the logins that it should",
        ),
        ("cannot be used by the SDK", True, Shown.THE_USUAL, "cannot be used by the SDK"),
    ],
)
def test_an_effect_is_what_the_failure_shows(
    usual: str, raises: bool, shows: Shown, effect: str
) -> None:
    """A call that raises hands no token to anyone, and records that differ are not several."""
    assert effect_shown(usual, shows, raises=raises) == effect


def test_effects_are_replaced_by_effects() -> None:
    """Effects that replace the usual one have a grade too."""
    told = {effect for each in INSTEAD.values() for pair in each.items() for effect in pair}

    assert told <= GRADES.keys()


@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_completes_a_sentence(effect: str) -> None:
    """An effect is a phrase that begins with a verb and completes 'The store'."""
    assert re.fullmatch(r"(\w+s|cannot|does not) \S.*[^.]", effect)


def test_grades_are_ordered() -> None:
    """The more serious of two grades comes first, and effects are listed in that order."""
    assert min(Harm.STALE, Harm.MIXES_UP, Harm.LOSES) is Harm.MIXES_UP
    assert sorted(set(Harm)) == list(Harm)
    assert [grade for grade, _ in groupby(EFFECTS.values())] == list(Harm)


# -- the sources -----------------------------------------------------------------------------------


@each_clause
def test_a_clause_has_a_known_origin(clause: Clause) -> None:
    """A clause names known sources, each only once, and a version of the contract."""
    assert clause.sources
    assert len(set(clause.sources)) == len(clause.sources)
    assert {source.letter for source in clause.sources} <= SOURCES.keys()
    assert numbers(clause.since) <= numbers(VERSION)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


@each_clause
def test_the_sdks_code_is_named(clause: Clause) -> None:
    """A source in the SDK's code names a function, and no other source does."""
    for source in clause.sources:
        assert bool(source.function) is (source.letter in "SB")
        assert source.only is None or generation_of(source.only) in clause.generations


def generation_of(sdk: str) -> str:
    """Return the generation of a key of READ_IN."""
    return sdk.partition(" ")[0]


def named_functions() -> list[Any]:
    """Return each function that a clause names, with the SDK that must have it."""
    named = {
        (sdk, source): None
        for clause in CLAUSES
        for source in clause.sources
        if source.function
        for sdk in ([source.only] if source.only else clause.generations)
    }
    return [pytest.param(sdk, source, id=f"{sdk}-{source.function}") for sdk, source in named]


@pytest.mark.parametrize(("sdk", "source"), named_functions())
def test_functions_of_the_sdk_exist(sdk: str, source: Source) -> None:
    """A function that is a source exists in its file, in the SDK where it was read."""
    assert source.function
    assert source.file
    _is_installed(*READ_IN[sdk])
    module = source.file.removesuffix(".py").replace("/", ".")

    found: Any = import_module(f"{generation_of(sdk)}.src.{module}")
    for name in source.function.split("."):
        assert name in vars(found)
        found = vars(found)[name]


def _is_installed(distribution: str, expected: str) -> None:
    """Skip the test if another line of the SDK is installed: it may have other functions."""
    try:
        found = version(distribution)
    except PackageNotFoundError:
        found = "none"
    if found != expected:
        pytest.skip(f"this was read in {distribution} {expected}; installed: {found}")


# -- what is open ----------------------------------------------------------------------------------


@each_point
def test_open_points_are_sentences(point: OpenPoint) -> None:
    """An open point of the contract is a sentence, and names only existing clauses."""
    assert point.generations
    assert point.text.endswith(".")
    assert set(re.findall(r"[A-Z]+-\d+", point.text)) <= ids_of(CLAUSES)


@each_generation
def test_a_generation_has_its_part(generation: str) -> None:
    """The contract of a generation has the clauses that bind it, and its title."""
    contract = contract_of(generation)

    assert all(generation in clause.generations for clause in contract.clauses)
    assert contract.title.startswith(generation)


def test_an_unknown_generation_has_no_contract() -> None:
    """A misspelt generation is an error, and not an empty contract."""
    with pytest.raises(KeyError):
        contract_of("zohocrm")


# -- the checks ------------------------------------------------------------------------------------


@each_generation
def test_every_clause_has_a_check(generation: str) -> None:
    """No clause goes unchecked, and no check judges what the contract does not say."""
    assert all_checks(generation).keys() == ids_of(contract_of(generation).clauses)
