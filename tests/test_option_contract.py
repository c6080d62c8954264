"""--tokenstore-contract pins the version of the contract; every option has an ini value."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.drivers.pytest_run import Judge, refused
from tokenstore_conformance import contract, plugin
from tokenstore_conformance.contract import CLAUSES, contract_of
from tokenstore_conformance.pytest_run.options import Options


def test_a_later_clause_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clause that came with a later version does not bind a store that pins an earlier one."""
    later = replace(CLAUSES[0], id="SHAPE-99", since="1.1")
    monkeypatch.setattr(contract, "VERSIONS", ("1.0", "1.1"))
    monkeypatch.setattr(contract, "CLAUSES", (*CLAUSES, later))

    pinned, newest = contract_of("zohocrmsdk", "1.0"), contract_of("zohocrmsdk", "1.1")

    assert later not in pinned.clauses
    assert newest.clauses == (*pinned.clauses, later)


def test_the_verdict_names_the_version(good: str, judge: Judge, pytester: pytest.Pytester) -> None:
    """The headline and the report say by which version the store was judged."""
    result = judge(
        f"--tokenstore={good}",
        "--tokenstore-contract=1.0",
        "--tokenstore-report=v.json",
        "-k",
        "LI",
    )

    assert json.loads((pytester.path / "v.json").read_text())["contract"] == "1.0"
    result.stdout.fnmatch_lines(["INCOMPLETE: *(contract 1.0, *"])


def test_an_unknown_version_is_refused(good: str, judge: Judge) -> None:
    """A version that this kit does not know would pin nothing."""
    result = judge(f"--tokenstore={good}", "--tokenstore-contract=0.9")

    refused(result, "--tokenstore-contract: '0.9' is not one of 1.0")


INI = {
    "strict": ("true", "--tokenstore-strict"),
    "wipe": ("true", "--tokenstore-wipe"),
    "known": ("known.toml", "--tokenstore-known=known.toml"),
    "require": ("threads, durable", "--tokenstore-require=threads,durable"),
    "report": ("v.json", "--tokenstore-report=v.json"),
    "scripts": ("repro", "--tokenstore-scripts=repro"),
    "contract": ("1.0", "--tokenstore-contract=1.0"),
    "generation": ("zohocrmsdk", "--tokenstore-generation=zohocrmsdk"),
    "timeout": ("2.5", "--tokenstore-timeout=2.5"),
    "examples": ("7", "--tokenstore-examples=7"),
}


def test_every_option_has_an_ini_value() -> None:
    """The table above covers every option."""
    assert INI.keys() == {"strict", "wipe", "report", *plugin.VALUES}


@pytest.mark.slow
@pytest.mark.parametrize("name", INI)
def test_an_ini_value_does_what_its_option_does(name: str, pytester: pytest.Pytester) -> None:
    """The ini value and the option have the same effect."""
    value, option = INI[name]
    (pytester.path / "known.toml").write_text('[[known]]\nid = "BYID-2"\nreason = "mine"\n')
    typed = Options.of(pytester.parseconfigure(option), pytester.path, [])
    unset = Options.of(pytester.parseconfigure(), pytester.path, [])
    pytester.makeini(f"[pytest]\ntokenstore_{name} = {value}\n")

    from_ini = Options.of(pytester.parseconfigure(), pytester.path, [])

    assert from_ini == typed
    assert from_ini != unset or name == "contract"


def test_the_command_line_wins(pytester: pytest.Pytester) -> None:
    """The command line overrides the ini value."""
    pytester.makeini("[pytest]\ntokenstore_examples = 7\n")

    options = Options.of(pytester.parseconfigure("--tokenstore-examples=3"), pytester.path, [])

    assert options.examples == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tokenstore_timeout = soon", "tokenstore_timeout must be more than 0 seconds"),
        ("tokenstore_examples = 0", "tokenstore_examples must be 1 or more"),
        (
            "tokenstore_generation = zohocrm",
            "tokenstore_generation: 'zohocrm' is not one of zohocrmsdk, zcrmsdk; did you mean *",
        ),
        ("tokenstore_require = thread", "tokenstore_require: unknown capability 'thread'; *"),
    ],
)
def test_a_bad_ini_value_is_refused(
    line: str, said: str, good: str, judge: Judge, pytester: pytest.Pytester
) -> None:
    """The message names the ini value, as the user wrote it."""
    pytester.makeini(f"[pytest]\n{line}\n")

    refused(judge(f"--tokenstore={good}"), said)
