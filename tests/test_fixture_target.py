"""--tokenstore=fixture: the stores come from a fixture of the user's own."""

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
    """What the fixture builds is judged, and emptied between the clauses."""
    pytester.makeconftest(CONFTEST)

    result = judge("--tokenstore=fixture", "-k", "SHAPE or LIST or SAVE-6[")

    result.assert_outcomes(passed=7, deselected=CLAUSES - 7)


def test_without_the_fixture(judge: Judge) -> None:
    """Who did not override the fixture is asked to."""
    result = judge("--tokenstore=fixture", "-k", "SHAPE-1")

    result.assert_outcomes(errors=1, deselected=CLAUSES - 1)
    result.stdout.fnmatch_lines(
        ["*'fixture' takes its stores from the fixture tokenstore_factory*"]
    )


def test_filled_store(pytester: pytest.Pytester, judge: Judge) -> None:
    """A store of the fixture that holds tokens ends the run, with its tokens in it."""
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
    """The fixture stands for the target of its name alone: a verdict is on what it names."""
    pytester.makeconftest(
        "import pytest\n@pytest.fixture\ndef tokenstore_factory():\n    raise RuntimeError"
    )

    result = judge(f"--tokenstore={good}", "-k", "SHAPE")

    result.assert_outcomes(passed=4, deselected=CLAUSES - 4)
