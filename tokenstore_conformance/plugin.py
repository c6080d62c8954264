"""The pytest plugin: ``pytest --tokenstore=mypkg:MyStore`` judges a store.

pytest loads it in every run of everybody who installed the kit. So this module contains only
options and hooks. The code that judges a store is imported when there is a store to judge.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

import pytest

NODE: Final = "tokenstore_conformance"
"""The ids of the kit's tests begin with this."""

VALUES: Final = (
    "known",
    "require",
    "scripts",
    "contract",
    "generation",
    "timeout",
    "examples",
)
"""The options that take one value."""

_HOOKS: Final = "tokenstore-hooks"
"""The name of the plugin that is registered in a run that judges a store."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup(
        "tokenstore",
        "token stores of the Zoho CRM SDK (manual: python -m tokenstore_conformance docs)",
    )
    group.addoption(
        "--tokenstore",
        action="append",
        default=[],
        metavar="TARGET",
        help="test this token store: package.module:Name or path/to/file.py:Name, where Name is a "
        "class or a function that returns a store. Or a bundled store: sqlite, sqlite-memory, "
        "memory, list, sqlalchemy, django, redis, dynamodb, secrets-manager, encrypted. Or a store "
        "of the SDK: sdk-file, sdk-db. Or fixture, for what your fixture tokenstore_factory "
        "builds. You can repeat this option",
    )
    group.addoption(
        "--tokenstore-strict",
        action="store_true",
        default=None,
        help="fail for broken SHOULD clauses too (default: only broken MUST clauses fail the run)",
    )
    group.addoption(
        "--tokenstore-known",
        metavar="FILE.toml",
        help="accept the failures that this file lists, each with your reason; an entry that is "
        "out of date fails the run",
    )
    group.addoption(
        "--tokenstore-require",
        metavar="CAPABILITY,...",
        help="capabilities that the store must have, or the run fails: threads, durable, "
        "processes, crash-safe, outage, separated by commas (default: none)",
    )
    group.addoption(
        "--tokenstore-report",
        action="append",
        metavar="FILE",
        help="write the results to this file; its name decides the format: .json, .md, .html, "
        ".sarif, .gitlab.json or .badge.json; write FORMAT:FILE for another name. You can repeat "
        "this option",
    )
    group.addoption(
        "--tokenstore-scripts",
        metavar="DIR",
        help="write a Python script that shows the failure, for each failure, into this directory",
    )
    group.addoption(
        "--no-tokenstore-github",
        action="store_true",
        help="write no annotations and no job summary in GitHub Actions (default: both)",
    )
    group.addoption(
        "--tokenstore-clauses",
        action="store_true",
        help="print the clauses of the contract, each with its reason, and exit",
    )
    group.addoption(
        "--tokenstore-contract",
        metavar="VERSION",
        help="test against this version of the contract, such as 1.0, so that an update of the kit "
        "does not turn your CI red (default: the newest)",
    )
    group.addoption(
        "--tokenstore-generation",
        metavar="MODULE",
        help="the SDK that the store is for: zohocrmsdk or zcrmsdk (default: detected)",
    )
    group.addoption(
        "--tokenstore-timeout",
        metavar="SECONDS",
        help="a call on the store fails if it takes longer than this (default: 10); a test that "
        "has taken 30 times as long makes no more calls",
    )
    group.addoption(
        "--tokenstore-examples",
        metavar="N",
        help="try N generated sequences of calls (default: 50); more take longer and find more",
    )
    group.addoption(
        "--tokenstore-audit",
        action="store_true",
        help="read a store that is in use, write nothing, report what is wrong with its tokens, "
        "and exit; "
        "the store is sdk-file:PATH, sqlite:PATH, sdk-db:URL, sqlalchemy:URL, redis:URL, "
        "dynamodb:TABLE, secrets-manager:NAME, or a function that opens yours",
    )
    group.addoption(
        "--tokenstore-wipe",
        action="store_true",
        default=None,
        help="test a store that already holds tokens, and DELETE THEM (default: it is refused)",
    )
    parser.addini("tokenstore", "token stores to test, as in --tokenstore, one a line", "linelist")
    parser.addini(
        "tokenstore_report",
        "reports to write, as in --tokenstore-report, one a line",
        "linelist",
    )
    for name in ("strict", "wipe"):
        parser.addini(f"tokenstore_{name}", f"the same as --tokenstore-{name}", "bool", False)
    parser.addini(
        "tokenstore_github", "false is the same as --no-tokenstore-github", "bool", default=True
    )
    for name in VALUES:
        parser.addini(f"tokenstore_{name}", f"the same as --tokenstore-{name}", default="")


class _AsItIs:
    """Finds the kit's modules before pytest, which would rewrite their assertions.

    pytest rewrites the assertions of every plugin. Those of the kit say nothing to a user. If
    Python writes no bytecode (``PYTHONDONTWRITEBYTECODE``, as in many containers), rewriting them
    takes longer than judging a small store.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        is_ours = name.startswith(f"{NODE}.")
        return PathFinder.find_spec(name, path, target) if is_ours else None


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "tokenstore(clause, family, level, target): a clause of the token store contract"
    )
    for level in ("must", "should"):
        config.addinivalue_line("markers", f"tokenstore_{level}: a {level.upper()} clause")
    if _only_lists(config):
        return
    pasted = [each for each in map(str, config.args) if _clause_id(config, each)]
    ids = [_clause_id(config, each) for each in pasted]
    targets = _targets(config, ids)
    if not targets:
        return
    if (
        pasted
    ):  # an id that the kit printed is not a path: take it off before pytest looks for a file
        config.args = [each for each in config.args if str(each) not in pasted]
    elif config.args_source is not config.ArgsSource.ARGS and _on_command_line(config):
        config.args = []  # no path was asked for: judge only the store
    sys.meta_path.insert(0, _AsItIs())
    from tokenstore_conformance.guard.outer_process import go_on_in_a_child
    from tokenstore_conformance.guard.watchdog import keep_outputs
    from tokenstore_conformance.pytest_run.controller import Controller
    from tokenstore_conformance.pytest_run.takeover import is_rest, is_the_command
    from tokenstore_conformance.pytest_run.xdist_worker import XdistWorker

    keep_outputs()
    is_worker = hasattr(config, "workerinput")
    if is_the_command(config) and not (is_worker or is_rest()):
        go_on_in_a_child()
    hooks = XdistWorker if is_worker else Controller
    config.pluginmanager.register(hooks(config, targets, ids, config._parser), _HOOKS)


def pytest_sessionstart(session: pytest.Session) -> None:
    if not session.config.pluginmanager.hasplugin(_HOOKS):
        _refuse_options_in_vain(session.config)


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if config.option.tokenstore_audit:
        return _audit(config)
    if not config.option.tokenstore_clauses:
        return None
    from tokenstore_conformance.pytest_run.options import contract_of_options
    from tokenstore_conformance.report.contract_text import contract_as_text

    print(contract_as_text(*contract_of_options(config)))
    return 0


def _audit(config: pytest.Config) -> int:
    targets = _targets(config, [])
    if not targets:
        raise pytest.UsageError("--tokenstore-audit: no store is named; add --tokenstore=TARGET")
    from tokenstore_conformance.pytest_run.auditing import audited

    return audited(config, targets)


@pytest.fixture
def tokenstore_factory() -> Any:
    """For the target `fixture`: return a function without arguments that builds a store to judge.

    Override it in the conftest.py of your root directory if your store needs your own fixtures (a
    container, a database). Every call builds another store over the same storage. The storage must
    be empty at first, and the kit empties it between its tests.
    """
    return None  # the run is refused


def _only_lists(config: pytest.Config) -> bool:
    """Whether pytest is asked to list fixtures or the cache, and to test nothing."""
    listings = ("showfixtures", "show_fixtures_per_test", "cacheshow")
    return any(getattr(config.option, each, None) for each in listings)


def _clause_id(config: pytest.Config, argument: str) -> str:
    """Return an argument that is the id of a kit's test, relative to the root. "" for others.

    From a subdirectory pytest prints ``../tokenstore_conformance::SAVE-2[...]``.
    """
    path, colons, rest = argument.partition("::")
    place = os.path.normpath(os.path.join(config.invocation_params.dir, path))
    return f"{NODE}{colons}{rest}" if place == os.path.join(config.rootpath, NODE) else ""


def _targets(config: pytest.Config, ids: list[str]) -> list[str]:
    """Return the targets to judge, from the option, else the ini file, else the pasted ids."""
    in_ids = [each.partition("[")[2].removesuffix("]") for each in ids]
    named = config.option.tokenstore or config.getini("tokenstore") or filter(None, in_ids)
    return list(dict.fromkeys(named))


def _on_command_line(config: pytest.Config, option: str = "--tokenstore") -> bool:
    """Whether it was typed for this run. An option in addopts must not silence other tests."""
    typed = map(str, config.invocation_params.args)
    return any(each == option or each.startswith(f"{option}=") for each in typed)


def _refuse_options_in_vain(config: pytest.Config) -> None:
    """Refuse an option such as --tokenstore-strict without a store: the run would be green."""
    for option in ("strict", "wipe", "report", *VALUES):
        if _on_command_line(config, f"--tokenstore-{option}"):
            raise pytest.UsageError(
                f"--tokenstore-{option}: no store is named; add --tokenstore=module:Name"
            )
