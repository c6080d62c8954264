"""The recipes of the pages: what they show is run, as a user would."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zohocrmsdk", reason="the pages judge stores of this SDK")

from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore
from tests.drivers.pytest_run import CLAUSES, Judge
from tests.test_docs import MYPKG, ROOT, blocks
from tokenstore_conformance.__main__ import main
from tokenstore_conformance.checks.cast import ANNA, BERT
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import open_door

DOCS = ROOT / "docs"


def write_files(page: str, directory: Path) -> None:
    """Write the files that a page shows."""
    for block in blocks(DOCS / page, "python"):
        if block.file:
            (directory / block.file).write_text(block.text)
    (directory / "mypkg.py").write_text(MYPKG)


@pytest.mark.parametrize(
    ("page", "target"),
    [
        ("harness.md", "session_harness.py:OnOurServer"),
        ("containers.md", "deployed.py:store"),
    ],
)
def test_the_files_of_a_page_judge_a_store(
    page: str, target: str, pytester: pytest.Pytester, judge: Judge
) -> None:
    """Each is a target that can be named, and the store passes."""
    write_files(page, pytester.path)

    result = judge(f"--tokenstore={target}", "-k", "SHAPE or SAVE-1[ or DUR-1")

    result.assert_outcomes(passed=6, deselected=CLAUSES - 6)


# -- moving from FileStore -------------------------------------------------------------------------


MOVES = [
    line
    for block in blocks(DOCS / "moving-from-filestore.md", "sh")
    for line in block.text.splitlines()
]


@pytest.mark.parametrize("line", MOVES)
def test_every_token_is_moved(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the commands of the page, with all its fields and its id."""
    write_files("moving-from-filestore.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    old = FileStore("zoho_tokens.txt")
    for record in (ANNA, BERT, Record(access_token="only.access", expires_in="1")):
        old.save_token(open_door().build(record))

    status = main(shlex.split(line)[3:])

    assert line.startswith("python -m tokenstore_conformance move ")
    assert status == 0
    assert len(records(old)) == 3
    assert records(SQLiteStore("tokens.db")) == records(old)


def records(store: Any) -> list[Record]:
    return sorted(map(open_door().read, store.get_tokens()), key=lambda record: str(record.id))


# -- Django ----------------------------------------------------------------------------------------


@pytest.fixture
def django_project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the files of docs/django.md and an app with a store."""
    pytest.importorskip("django", minversion="5.1")
    pytest.importorskip("pytest_django")
    shutil.copytree(ROOT / "tests/stores/django_project", pytester.path, dirs_exist_ok=True)
    write_files("django.md", pytester.path)
    (ini,) = blocks(DOCS / "django.md", "ini")
    (pytester.path / "pytest.ini").write_text(ini.text)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    return pytester.path


def test_a_store_over_django(django_project: Path, pytester: pytest.Pytester) -> None:
    """The fixture of the page builds it; it passes, threads included."""
    result = pytester.runpytest_subprocess(
        "--tokenstore=fixture", "-k", "SHAPE or SAVE-1[ or LIST or THR-1"
    )

    result.assert_outcomes(passed=8, deselected=CLAUSES - 8)


@pytest.mark.parametrize(
    ("set_up", "words"),
    [
        pytest.param(True, "pytest-django lets a test use the database only", id="guard"),
        pytest.param(False, "Django is not set up", id="not set up"),
    ],
)
def test_the_class_of_a_store_over_django(
    set_up: bool, words: str, django_project: Path, pytester: pytest.Pytester
) -> None:
    """Who names the class is shown the page."""
    options = [] if set_up else ["-p", "no:django", "-c", os.devnull, "--rootdir=."]

    result = pytester.run(
        *(sys.executable, "-m", "pytest", "--tokenstore=shop.stores:DjangoStore", *options)
    )

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: shop.stores:DjangoStore: *{words}*docs/django.md*"])
