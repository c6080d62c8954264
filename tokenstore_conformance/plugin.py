"""The pytest plugin: ``pytest --tokenstore=mypkg:MyStore`` judges a store.

It is loaded in every pytest run of everybody who installed the kit. So this module holds options
and hooks alone; what judges a store is imported when there is a store to judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tokenstore_conformance.gate import Gate

NODE: Final = "tokenstore_conformance"
"""What the ids of the kit's tests begin with."""

_pasted_ids = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tokenstore", "conformance of token stores of the Zoho CRM SDK")
    group.addoption(
        "--tokenstore",
        action="append",
        default=[],
        metavar="TARGET",
        help="judge this store: pkg.module:Name, path/to/file.py:Name, or one of sqlite, "
        "sqlite-memory, memory, list, sdk-file, fixture (may be given several times)",
    )
    group.addoption(
        "--tokenstore-strict",
        action="store_true",
        help="fail on a broken SHOULD clause too, not only on a MUST",
    )
    group.addoption(
        "--tokenstore-clauses",
        action="store_true",
        help="print the contract, clause by clause, and exit",
    )
    group.addoption(
        "--tokenstore-report",
        metavar="FILE.json",
        help="write the verdict to this file, as JSON",
    )
    group.addoption(
        "--tokenstore-examples",
        type=int,
        metavar="N",
        help="try N generated sequences of calls (default: 60); more for a nightly run",
    )
    group.addoption(
        "--tokenstore-wipe",
        action="store_true",
        help="judge a store that holds tokens already: THEY ARE DELETED",
    )
    parser.addini("tokenstore", "stores to judge, as in --tokenstore, one a line", "linelist")


def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    # An id that the kit printed is no path: take it off before pytest looks for that file.
    if _targets(early_config):
        pasted = [each for each in args if each == NODE or each.startswith(f"{NODE}::")]
        early_config.stash[_pasted_ids] = pasted
        args[:] = [each for each in args if each not in pasted]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "tokenstore(clause, family, level, target): a clause of the token store contract"
    )
    for level in ("must", "should"):
        config.addinivalue_line("markers", f"tokenstore_{level}: a {level.upper()} clause")
    targets = _targets(config)
    if not targets:
        return
    if not hasattr(config, "workerinput"):
        config.option.tokenstore_ids = config.stash.get(_pasted_ids, [])
    named_here = bool(config.option.tokenstore or config.option.tokenstore_ids)
    if named_here and config.args_source is not config.ArgsSource.ARGS:
        config.args = []  # no path was asked for: the store alone is judged
    config.pluginmanager.register(_gate(config, targets), "tokenstore-gate")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.option.tokenstore_clauses:
        return None
    from tokenstore_conformance.terminal import contract_as_text

    print(contract_as_text())
    return 0


def _targets(config: pytest.Config) -> list[str]:
    """What is to be judged: the command line goes before the ini value."""
    named = getattr(config.known_args_namespace, "tokenstore", None) or getattr(
        config.option, "tokenstore", None
    )
    return list(dict.fromkeys(named or config.getini("tokenstore")))


def _gate(config: pytest.Config, targets: list[str]) -> Gate:
    from tokenstore_conformance.gate import Gate

    return Gate(config, targets)


@pytest.fixture
def tokenstore_factory(request: pytest.FixtureRequest) -> Any:
    """The stores that the kit judges: a function without arguments that builds one.

    Override it in your conftest.py where a store needs your own fixtures (a container, a database).
    Every call builds another store over the same storage, which the kit empties between its tests.
    """
    return request.node.target
