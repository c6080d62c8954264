"""A failure's script exits with 1 while the fault is there, with 0 when it is gone, else with 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drivers.in_process import judge_of
from tests.drivers.pytest_run import Judge
from tests.drivers.script_run import ROOT, Ended, correct_of, run_alone, run_script, script_of
from tests.mutants import family_of
from tests.test_mutants import LINE, MUTANTS, param

ALONE = frozenset({"TIME", "DUR", "THR", "ERR", "HOST"})
"""Families whose scripts need a process that has imported nothing, or has no other threads."""

ALWAYS = frozenset(
    {
        *("DUR-1", "DUR-3", "ERR-1", "ERR-2", "ISO-1", "SAVE-15", "SAVE-28", "SEC-2", "SEQ-1"),
        *("SHAPE-4", "THR-2"),
        *("DATA-3", "HOST-2", "ISO-2", "SAVE-14", "SDK-1", "SDK-8", "SDK-10", "SEC-1", "SHAPE-2"),
    }
)
"""Clauses whose first mutants are tried in every run. They are about a restart, a kill, an outage,
a token that changes, ids, files and a sequence; a type, a race, a directory, another answer, a
program, a secret and a method.
"""

ASKS_THE_KIT = frozenset(
    {
        # these need a new token with the id() of an old one, and the time zone
        *("RemembersQueriesByTheirPlace", "KeepsTheOffsetOfNow"),
        # these need another process, and a file during a call
        *("DrawsIdsFromASeed", "HidesItsDraftTooLate", "HidesItsFileTooLate"),
        # this needs half of a surrogate pair
        "LeavesAPartBehind",
    }
)
"""Mutants of other families whose scripts ask the kit, grouped by what the scripts need."""

WITH_THE_KIT = frozenset({"THR", "DUR"})
"""Families whose scripts may ask the kit: their faults may need threads and processes."""

FIRST_OF_ALL = {mutant.clause: mutant for _, mutant in reversed(MUTANTS)}
"""The first mutant of each clause."""

SAMPLE = {
    id(each)
    for number, each in enumerate(FIRST_OF_ALL.values())
    if each.clause in ALWAYS or (number % 5 == 0 and family_of(each) not in ALONE)
}
"""The id() of each mutant that is tried in every run."""

REFUSED = {"SaveWantsNoUser", "SaveWantsTheUserToo"}
"""Stores that mix the two generations. A run ends before it judges them, without a script."""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize(
    "mutant",
    [
        param(generation, mutant, marks=[] if id(mutant) in SAMPLE else [pytest.mark.nightly])
        for generation, mutant in MUTANTS
        if mutant.__name__ not in REFUSED
    ],
)
def test_status(mutant: type, tmp_path: Path) -> None:
    """The status is 1 on a mutant, and 0 on the same store without its fault."""
    generation = mutant.__module__.split(".")[2]
    judged = judge_of(mutant, tmp_path, clauses=[mutant.clause])  # type: ignore[attr-defined]
    result = judged.judge(mutant.clause)  # type: ignore[attr-defined]
    run = run_alone if judged.clauses[result.clause].family in ALONE else run_script

    source = script_of(judged, result, generation, mutant)
    broken = run(source)
    correct = run(script_of(judged, result, generation, correct_of(mutant)))

    assert broken.status == 1, broken.printed
    assert f"AssertionError: {result.clause}: " in broken.printed
    assert correct.status == 0, correct.printed
    may_ask = family_of(mutant) in WITH_THE_KIT or mutant.__name__ in ASKS_THE_KIT
    assert LINE < 8 or may_ask or "tokenstore_conformance" not in source


RANDOM = """
import uuid
from reference_stores.zohocrmsdk.memory_store import InMemoryStore

class MyStore(InMemoryStore):
    def save_token(self, token):
        if token.get_id() is None and self.find_token(token) is None:
            token.set_id(uuid.uuid4().hex)
        super().save_token(token)
"""
"""A store that makes ids at random, as many do."""

FORGETS_TO_DELETE = """
    def delete_token(self, id):
        pass
"""

DELETES_IN_ANY_CASE = """
    def delete_token(self, id):
        known = {each.get_id().swapcase(): each.get_id() for each in self.get_tokens()}
        super().delete_token(known.get(id, id))
"""

KEEPS_NOTHING_BY_ID = """
    def find_token_by_id(self, id):
        return None
"""

Scripts = Callable[..., str]


@pytest.fixture
def script(pytester: pytest.Pytester, judge: Judge) -> Scripts:
    """Return a function that judges one clause, which fails, and returns the failure's script."""

    def judged(module: str, clause: str, *options: str, target: str = "mypkg:MyStore") -> str:
        pytester.path.joinpath("mypkg.py").write_text(module)
        judge(f"--tokenstore={target}", "--tokenstore-report=it.json", "-k", f"{clause}[", *options)
        (store,) = json.loads((pytester.path / "it.json").read_text())["stores"]
        (found,) = filter(None, (each["reproduce"] for each in store["clauses"]))
        return str(found)

    return judged


def run(source: str, directory: Path, **environment: str) -> Ended:
    """Run a script as a user does, where the kit and the bundled stores can be imported."""
    path = os.pathsep.join(filter(None, [environment.pop("PYTHONPATH", ""), str(ROOT)]))
    done = subprocess.run(
        [sys.executable, "-"],
        input=source,
        capture_output=True,
        text=True,
        cwd=directory,
        env={**os.environ, "PYTHONPATH": path, **environment},
        check=False,
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def tells_without_the_kit(source: str, clause: str, directory: Path) -> None:
    """Check that a script without the kit fails on ``mypkg`` and succeeds on `RANDOM`."""
    broken = run(source, directory)
    directory.joinpath("mypkg.py").write_text(RANDOM)
    fixed = run(source, directory)

    assert "tokenstore_conformance" not in source
    assert (broken.status, fixed.status) == (1, 0), broken.printed + fixed.printed
    assert f"AssertionError: {clause}: " in broken.printed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "clause"),
    [
        (FORGETS_TO_DELETE, "DEL-1"),
        (DELETES_IN_ANY_CASE, "DEL-3"),
        (KEEPS_NOTHING_BY_ID, "BYID-1"),
    ],
)
def test_ids_are_carried_over(
    script: Scripts, pytester: pytest.Pytester, fault: str, clause: str
) -> None:
    """A script uses the ids that the store makes now, also in texts made from them."""
    source = script(RANDOM + fault, clause)

    tells_without_the_kit(source, clause, pytester.path)


NO_STORE = {
    "a module that cannot be imported": "raise OSError('no driver')",
    "a module that ends the program": "raise SystemExit(0)",
    "no such name": "",
    "a store that cannot be built": "class MyStore:\n    def __init__(self): raise OSError('gone')",
    "a store that holds tokens": RANDOM
    + "    def get_tokens(self):\n"
    + "        from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken\n"
    + "        return [OAuthToken(access_token='somebody')]",
}


@pytest.mark.slow
@pytest.mark.parametrize("why", NO_STORE)
def test_no_store(script: Scripts, pytester: pytest.Pytester, why: str) -> None:
    """If the store cannot be built, the script cannot tell: it exits with 2 and the reason."""
    source = script(RANDOM + FORGETS_TO_DELETE, "DEL-1")
    pytester.path.joinpath("mypkg.py").write_text(NO_STORE[why])

    ended = run(source, pytester.path)

    assert ended.status == 2
    assert "Traceback" in ended.printed


def test_no_sdk(script: Scripts, pytester: pytest.Pytester) -> None:
    """Without the SDK, the exit status is 2."""
    source = script(RANDOM + FORGETS_TO_DELETE, "DEL-1")
    hiding = pytester.mkdir("hiding")
    hiding.joinpath("zohocrmsdk.py").write_text("raise ImportError('no SDK here')")

    ended = run(source, pytester.path, PYTHONPATH=str(hiding))

    assert ended.status == 2
    assert "no SDK here" in ended.printed


LACKS_A_METHOD = """
    from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
    delete_tokens = TokenStore.delete_tokens
"""
"""The SDK's class is abstract, so Python refuses to build such a store."""


@pytest.mark.parametrize(
    ("fault", "clause"),
    [("", "SHAPE-2"), (KEEPS_NOTHING_BY_ID, "BYID-1")],
    ids=["that failure", "another one"],
)
def test_a_store_that_lacks_a_method(
    script: Scripts, pytester: pytest.Pytester, fault: str, clause: str
) -> None:
    """The script builds it all the same, so that its other failures can be shown, too."""
    source = script(RANDOM + LACKS_A_METHOD + fault, clause)

    tells_without_the_kit(source, clause, pytester.path)


def test_a_module_that_is_named_like_an_encoding(
    script: Scripts, pytester: pytest.Pytester
) -> None:
    """Python takes "encoding: name" in a comment on the first two lines as the file's encoding."""
    pytester.path.joinpath("encoding.py").write_text(RANDOM + KEEPS_NOTHING_BY_ID)
    source = script("from encoding import MyStore", "BYID-1", target="encoding:MyStore")

    ended = run(source, pytester.path)

    assert ended.status == 1
    assert "AssertionError: BYID-1: " in ended.printed


CLOSES_AT_EXIT = """
    def __init__(self):
        import atexit
        super().__init__()
        self.is_closed = False
        atexit.register(self.close)

    def close(self):
        self.is_closed = True

    def delete_tokens(self):
        if self.is_closed:
            raise RuntimeError("too late")
        print("deletes what the script saved")
        raise NotImplementedError
"""


def test_the_failure_is_the_last_that_a_script_says(
    script: Scripts, pytester: pytest.Pytester
) -> None:
    """It deletes what it saved before the store closes itself. If that fails, it says nothing."""
    source = script(RANDOM + KEEPS_NOTHING_BY_ID + CLOSES_AT_EXIT, "BYID-1")

    ended = run(source, pytester.path)

    assert "deletes what the script saved" in ended.printed
    assert "too late" not in ended.printed
    assert ended.printed.splitlines()[-1].startswith("AssertionError: BYID-1: ")


HIDES_TOO_LATE = """
    def save_token(self, token):
        import pathlib
        super().save_token(token)
        path = pathlib.Path("tokens.txt")
        path.write_text(str(token.get_refresh_token()))
        path.chmod(0o600)
"""
"""A fault that shows only during a call."""


@pytest.mark.slow
def test_the_kit_judges_again(script: Scripts, pytester: pytest.Pytester) -> None:
    """A script that asks the kit shows the failure as the kit does, and writes no other report."""
    pytester.makeini("[pytest]\ntokenstore_report = verdict.json\naddopts = -k nothing")
    source = script(RANDOM + HIDES_TOO_LATE, "SEC-2", "--tokenstore-timeout=20")
    pytester.path.joinpath("verdict.json").unlink(missing_ok=True)

    broken = run(source, pytester.path)
    pytester.path.joinpath("mypkg.py").write_text(RANDOM)
    fixed = run(source, pytester.path)

    assert "'--tokenstore-timeout=20.0'" in source
    assert "during save_token, a file that only its owner can read and write" in broken.printed
    assert (broken.status, fixed.status) == (1, 0)
    assert not pytester.path.joinpath("verdict.json").exists()


@pytest.mark.parametrize("why", ["no kit", "no store"])
def test_the_kit_cannot_judge(script: Scripts, pytester: pytest.Pytester, why: str) -> None:
    """A script that asks the kit exits with 2 if the kit is missing or cannot judge."""
    source = script(RANDOM + HIDES_TOO_LATE, "SEC-2")
    hiding = pytester.mkdir("hiding")
    if why == "no kit":
        hiding.joinpath("tokenstore_conformance.py").write_text("raise ImportError('no kit here')")
    else:
        pytester.path.joinpath("mypkg.py").write_text("raise OSError('no driver')")

    ended = run(source, pytester.path, PYTHONPATH=str(hiding))

    assert ended.status == 2
    assert ("no kit here" if why == "no kit" else "no driver") in ended.printed
