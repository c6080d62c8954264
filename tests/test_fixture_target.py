"""--tokenstore=fixture: the stores come from the user's own fixture."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, Judge

CONFTEST = f"""{GOOD}
import pytest

@pytest.fixture(scope="session")
def server():
    return {{}}

@pytest.fixture
def tokenstore_factory(server):
    def build():
        store = MyStore()
        store.__dict__ = server.setdefault("state", store.__dict__)
        return store
    return build
"""


def test_stores_of_the_fixture(pytester: pytest.Pytester, judge: Judge) -> None:
    """The store that the fixture builds is judged, and emptied between the clauses."""
    pytester.makeconftest(CONFTEST)

    result = judge("--tokenstore=fixture", "-k", "SHAPE or LIST or SAVE-6[")

    result.assert_outcomes(passed=7, deselected=CLAUSES - 7)


def test_what_needs_another_process_does_not_apply(pytester: pytest.Pytester, judge: Judge) -> None:
    """A fixture cannot be built in another process, so clauses that need one are skipped."""
    pytester.makeconftest(CONFTEST)

    result = judge("--tokenstore=fixture", "-k", "DUR", "-rs")

    result.stdout.fnmatch_lines(["*the stores of a fixture cannot be built in another*"])
    assert set(result.parseoutcomes()) == {"skipped", "deselected"}


IN_ONE_PROCESS_AND_IN_TWO = pytest.mark.parametrize(
    "workers", [(), ("-n2",)], ids=["one process", "two workers"]
)


def exits(result: pytest.RunResult, line: str) -> None:
    """Assert that the run ended with status 4 and this line, and says nothing about clauses."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines([f"*Exit: {line}"])
    assert "INTERNALERROR" not in result.stdout.str()
    assert "Traceback" not in result.stderr.str()
    result.stdout.no_fnmatch_line("*token store fixture*")


@pytest.mark.slow
@IN_ONE_PROCESS_AND_IN_TWO
def test_without_the_fixture(workers: tuple[str, ...], judge: Judge) -> None:
    """One line asks the user to override the fixture."""
    pytest.importorskip("xdist")

    result = judge("--tokenstore=fixture", *workers)

    exits(result, "fixture: the fixture tokenstore_factory is not overridden. *")


@pytest.mark.slow
@IN_ONE_PROCESS_AND_IN_TWO
def test_a_store_that_cannot_be_judged(
    workers: tuple[str, ...], pytester: pytest.Pytester, judge: Judge
) -> None:
    """One line says that the fixture does not build a store."""
    pytest.importorskip("xdist")
    pytester.makeconftest(
        "import pytest\n@pytest.fixture\ndef tokenstore_factory():\n    return dict"
    )

    result = judge("--tokenstore=fixture", *workers)

    exits(result, "fixture: what it builds, {}, has no method of a token store; *")


def test_filled_store(pytester: pytest.Pytester, judge: Judge) -> None:
    """If the fixture's store holds tokens, the run ends, and the store keeps them."""
    pytester.makeconftest(
        f"{CONFTEST}"
        "\nfrom zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken\n"
        "@pytest.fixture(autouse=True, scope='session')\ndef fill(server):\n"
        "    store = MyStore()\n    store.save_token(OAuthToken(access_token='dear'))\n"
        "    server['state'] = store.__dict__\n    yield\n"
        "    assert len(store.get_tokens()) == 1\n    print('still there')\n"
    )

    result = judge("--tokenstore=fixture", "-s")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*still there*", "*Exit: fixture: it holds 1 token already*"])


def test_other_targets_are_judged_themselves(
    good: str, pytester: pytest.Pytester, judge: Judge
) -> None:
    """The fixture is used only for the target `fixture`. Any other target is judged itself."""
    pytester.makeconftest(
        "import pytest\n@pytest.fixture\ndef tokenstore_factory():\n    raise RuntimeError"
    )

    result = judge(f"--tokenstore={good}", "-k", "SHAPE")

    result.assert_outcomes(passed=4, deselected=CLAUSES - 4)
