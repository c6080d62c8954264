"""The kit in a repository with its own tests, settings and fixtures: neither harms the other."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, Judge

OWN = "def test_own(): pass"
SOME = ("-k", "SHAPE or SAVE-1[ or own")
"""Selects five clauses, and the user's own tests."""

SETTINGS = {
    "names": "python_functions = check_*\npython_files = check_*.py\npython_classes = Check*",
    "strict": "addopts = --strict-markers --strict-config\nxfail_strict = true",
    "strict everything": "strict = true",
    "warnings": "addopts = -W error\nfilterwarnings = error",
    "no cache": "addopts = -p no:cacheprovider",
    "import mode": "addopts = --import-mode=importlib",
    "doctests": "addopts = --doctest-modules",
    "quiet": "addopts = -q --no-header --no-summary",
    "verbose": "addopts = -vv -rA --tb=long --durations=3",
    "other levels": "log_level = DEBUG\naddopts = --tb=no --color=yes",
    "temporary files": "tmp_path_retention_policy = none",
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings(good: str, pytester: pytest.Pytester, judge: Judge, settings: str) -> None:
    """The user's settings do not change what is judged."""
    pytester.makeini(f"[pytest]\n{SETTINGS[settings]}")

    judge(f"--tokenstore={good}", *SOME).stdout.fnmatch_lines(
        [f"*5 passed*{CLAUSES - 5} deselected*"]
    )


def test_what_a_store_leaves_open(pytester: pytest.Pytester, judge: Judge) -> None:
    """A file that a store leaves open raises no error, even if warnings are errors."""
    pytester.makepyfile(
        mypkg=f"{GOOD}\n    def get_tokens(self):\n        self.file = open('left', 'w')\n"
        "        self.self = self\n        return super().get_tokens()"
    )

    result = judge("--tokenstore=mypkg:MyStore", "-W", "error", "-k", "SHAPE")

    assert result.ret == pytest.ExitCode.OK
    result.stderr.no_fnmatch_line("*ResourceWarning*")


def test_warnings_of_what_stays_open(pytester: pytest.Pytester, judge: Judge) -> None:
    """They do not bury the verdict: the kit makes hundreds of stores, and cannot close them."""
    pytester.makepyfile(
        mypkg=f"{GOOD}\n    def get_tokens(self):\n        self.file = open('left', 'w')\n"
        "        return super().get_tokens()"
    )

    result = judge("--tokenstore=mypkg:MyStore", "-k", "LIST")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*ResourceWarning*")


def test_deselecting_settings(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """If settings deselect clauses, the verdict says so."""
    pytester.makeini("[pytest]\naddopts = -k LIST")

    result = judge(f"--tokenstore={good}")

    result.stdout.fnmatch_lines([f"2 of {CLAUSES} clauses ran"])


AUTOUSE = {
    "function": "@pytest.fixture(autouse=True)\ndef auto():\n    yield",
    "module": "@pytest.fixture(autouse=True, scope='module')\ndef auto(request):\n"
    "    assert request.module.__name__",
    "session": "@pytest.fixture(autouse=True, scope='session')\n"
    "def auto(tmp_path_factory):\n    yield",
    "what is tested": "@pytest.fixture(autouse=True)\ndef auto(request):\n"
    "    assert request.function.__name__ and request.module and request.cls is None\n"
    "    assert request.node.get_closest_marker('tokenstore') or request.node.name == 'test_own'\n"
    "    assert request.path and request.fspath and request.node.nodeid",
    "another directory": "@pytest.fixture(autouse=True)\ndef auto(monkeypatch, tmp_path):\n"
    "    monkeypatch.chdir(tmp_path)",
    "own store": "@pytest.fixture\ndef store():\n    raise RuntimeError",
    "own tmp_path": "@pytest.fixture\ndef tmp_path():\n    raise RuntimeError",
    "hooks": "def pytest_runtest_setup(item):\n    assert item.path.exists()\n"
    "def pytest_collection_modifyitems(config, items):\n"
    "    for item in items: item.path.relative_to(config.rootpath)\n    items.reverse()",
}


@pytest.mark.parametrize("kind", AUTOUSE)
def test_fixtures(good: str, pytester: pytest.Pytester, judge: Judge, kind: str) -> None:
    """Fixtures and hooks of the user's conftest do no harm."""
    pytester.makeconftest(f"import pytest\n{AUTOUSE[kind]}")
    pytester.makepyfile(test_own=OWN)

    result = judge(f"--tokenstore={good}", ".", *SOME)

    result.assert_outcomes(passed=6, deselected=CLAUSES - 5)


def test_fixture_that_raises(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """If an autouse fixture raises, no clause is judged, and the verdict says why, once."""
    pytester.makeconftest(
        "import pytest\n@pytest.fixture(autouse=True)\ndef auto():\n    raise RuntimeError('no db')"
    )

    result = judge(f"--tokenstore={good}", "-k", "SHAPE or LIST")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    reasons = [line for line in result.outlines if line.startswith("not judged")]
    assert reasons == ["not judged: SHAPE-*, LIST-*: RuntimeError: no db"]


def test_fixture_that_skips(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """If a fixture skips every clause, nothing was judged, and nothing is called conformant."""
    pytester.makeconftest(
        "import pytest\n@pytest.fixture(autouse=True)\ndef auto():\n    pytest.skip('no db')"
    )

    result = judge(f"--tokenstore={good}", "-k", "LIST")

    result.stdout.fnmatch_lines(["NO VERDICT*", "not judged: LIST-[*]: *no db"])


def test_profile_of_hypothesis(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """The user's Hypothesis profile does not affect the verdict, and is active again afterwards."""
    pytester.makeconftest(
        "from datetime import timedelta\n"
        "from hypothesis import Phase, Verbosity, settings\n"
        "settings.register_profile('own', max_examples=1, verbosity=Verbosity.debug,\n"
        "    deadline=timedelta(microseconds=1), stateful_step_count=1, phases=[Phase.shrink])\n"
        "settings.load_profile('own')\n"
        "def pytest_sessionfinish():\n"
        "    print('\\nthen', settings.default.max_examples)\n"
        "    settings.load_profile('default')"
    )

    result = judge(f"--tokenstore={good}", "-s", "-k", "SEQ-1", "--tokenstore-examples=1")

    result.assert_outcomes(passed=1, deselected=CLAUSES - 1)
    result.stdout.fnmatch_lines(["then 1"])
    result.stdout.no_fnmatch_line("*Trying example*")


def test_writes_nothing(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """The kit writes nothing into the user's directory."""
    before = {path.name for path in pytester.path.iterdir()}

    quiet = ("-p", "no:cacheprovider", "-p", "no:benchmark")
    judge(f"--tokenstore={good}", "-k", "SEQ-1", "--tokenstore-examples=1", *quiet)

    assert {path.name for path in pytester.path.iterdir()} - before <= {"__pycache__"}


def test_named_on_the_command_line(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """Without a path, only the store is judged."""
    pytester.makepyfile(test_own=OWN)

    judge(f"--tokenstore={good}", *SOME).assert_outcomes(passed=5, deselected=CLAUSES - 5)


@pytest.mark.parametrize(
    "how", ["tokenstore = mypkg:MyStore", "addopts = --tokenstore=mypkg:MyStore"]
)
def test_named_in_the_ini_file(
    good: str, pytester: pytest.Pytester, judge: Judge, how: str
) -> None:
    """A plain run of pytest runs the user's own tests, and judges the store."""
    pytester.makeini(f"[pytest]\ntestpaths = .\n{how}")
    pytester.makepyfile(test_own=OWN)

    judge(*SOME).assert_outcomes(passed=6, deselected=CLAUSES - 5)


def test_path_of_own_tests(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """With a path, the user's tests and the clauses run."""
    pytester.makepyfile(test_own=OWN, test_other="def test_own_too(): pass")

    result = judge(f"--tokenstore={good}", "test_own.py", *SOME)

    result.assert_outcomes(passed=6, deselected=CLAUSES - 5)


def test_own_failure_is_not_the_stores(good: str, pytester: pytest.Pytester, judge: Judge) -> None:
    """If one of the user's tests fails, the run fails, and the verdict stays as it is."""
    pytester.makepyfile(test_own="def test_own(): assert False")

    result = judge(f"--tokenstore={good}", ".", *SOME)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["INCOMPLETE: no verdict without all clauses*"])


@pytest.mark.parametrize(
    "options", [("--help",), ("--fixtures",), ("--markers",), ("--version",), ("--cache-show",)]
)
def test_listings(pytester: pytest.Pytester, judge: Judge, options: tuple[str, ...]) -> None:
    """pytest prints its listings even if the store in the ini file cannot be imported."""
    pytester.makeini("[pytest]\ntokenstore = nowhere:Store")

    assert judge(*options).ret == pytest.ExitCode.OK


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--help", "*--tokenstore=TARGET*"),
        ("--fixtures", "tokenstore_factory*"),
        ("--markers", "@pytest.mark.tokenstore(clause, family, level, target): *"),
    ],
)
def test_the_kit_is_listed(judge: Judge, option: str, line: str) -> None:
    """pytest's own listings include the kit's options, fixture and marks."""
    judge(option).stdout.fnmatch_lines([line])


def test_plugin_named_by_hand(good: str, judge: Judge) -> None:
    """Naming the plugin with -p loads it only once."""
    result = judge("-p", "tokenstore_conformance.plugin", f"--tokenstore={good}", "-k", "SHAPE")

    result.assert_outcomes(passed=4, deselected=CLAUSES - 4)


def test_setup_only(good: str, judge: Judge) -> None:
    """A run that tests nothing gives no verdict."""
    result = judge(f"--tokenstore={good}", "--setup-plan", "-k", "LIST")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*tokenstore_conformance::LIST-1*"])
    result.stdout.no_fnmatch_line("*CONFORMANT*")


def test_module_of_the_same_name(pytester: pytest.Pytester, judge: Judge) -> None:
    """A store in a test module is judged beside that module's own tests."""
    pytester.makepyfile(test_it=f"{GOOD}\n{OWN}")

    result = judge("--tokenstore=test_it.py:MyStore", "test_it.py", *SOME)

    result.assert_outcomes(passed=6, deselected=CLAUSES - 5)
