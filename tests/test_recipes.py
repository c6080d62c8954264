"""Runs what the recipes of the pages show, as a user would."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zohocrmsdk", reason="the pages judge stores of this SDK")

from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore

from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore
from tests.drivers.pytest_run import CLAUSES, Judge
from tests.servers import url_of
from tests.test_docs import MYPKG, ROOT, blocks
from tokenstore_conformance.__main__ import main
from tokenstore_conformance.checks.samples import ANNA, BERT
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.target.bundled.servers import DRIVERS

DOCS = ROOT / "docs"


def write_files(page: str, directory: Path) -> None:
    """Write the files that a page shows."""
    for block in blocks(DOCS / page, "python"):
        if block.file:
            (directory / block.file).parent.mkdir(exist_ok=True)
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
    """Each file is a target that can be named, and its store passes."""
    write_files(page, pytester.path)

    result = judge(f"--tokenstore={target}", "-k", "SHAPE or SAVE-1[ or DUR-1")

    result.assert_outcomes(passed=6, deselected=CLAUSES - 6)


# -- servers ---------------------------------------------------------------------------------------

SERVERS = {
    "pooled.py:OnPostgres": ("postgres", "sqlalchemy_store", "SQLAlchemyStore"),
    "on_mysql.py:OnMySQL": ("mariadb", "sqlalchemy_store", "SQLAlchemyStore"),
    "on_redis.py:OnRedis": ("redis", "redis_store", "RedisStore"),
    "by_proxy.py:Cut": ("redis", "redis_store", "RedisStore"),
    "by_proxy.py:Hangs": ("redis", "redis_store", "RedisStore"),
}
"""For each harness in docs/recipes.md: the server, and the module and class of its store."""


@pytest.fixture
def servers(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that writes the page's files for a store, and sets its server's URL."""

    def prepare(server: str, module: str, store: str) -> None:
        write_files("recipes.md", pytester.path)
        (pytester.path / "mypkg.py").write_text(
            f"from reference_stores.zohocrmsdk.{module} import {store} as MyStore\n"
        )
        scheme, _, rest = url_of(server).partition("://")
        variable = {"mariadb": "MYSQL_URL"}.get(server, f"{server.upper()}_URL")
        monkeypatch.setenv(variable, f"{DRIVERS.get(scheme, scheme)}://{rest}")

    return prepare


@pytest.mark.slow
@pytest.mark.parametrize("target", SERVERS)
def test_a_harness_on_its_server(target: str, servers: Callable[..., None], judge: Judge) -> None:
    """The store is judged on its server, also in an outage, and no clause fails."""
    if "sqlalchemy" in SERVERS[target][1]:
        pytest.importorskip("sqlalchemy")
    servers(*SERVERS[target])

    result = judge(f"--tokenstore={target}", "-k", "SHAPE-1 or DUR-4 or ERR")

    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=4, deselected=CLAUSES - 4)


CONTAINER = """
import os
from contextlib import contextmanager
from types import SimpleNamespace


@contextmanager
def PostgresContainer(image, driver):
    assert (image, driver) == ("postgres:15", "psycopg")
    yield SimpleNamespace(get_connection_url=lambda: os.environ["STARTED"])
"""


@pytest.mark.slow
def test_a_container(
    servers: Callable[..., None],
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    judge: Judge,
) -> None:
    """The harness uses the address that its container reports, here that of a running server."""
    pytest.importorskip("sqlalchemy")
    servers(*SERVERS["pooled.py:OnPostgres"])
    monkeypatch.setenv("STARTED", os.environ["POSTGRES_URL"])
    monkeypatch.delenv("POSTGRES_URL")
    package = pytester.mkpydir("testcontainers") / "community"
    package.mkdir()
    (package / "postgres.py").write_text(CONTAINER)

    result = judge("--tokenstore=in_container.py:InContainer", "-k", "SHAPE-1 or DUR-1")

    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=2, deselected=CLAUSES - 2)
    assert "POSTGRES_URL" not in os.environ


# -- moving from FileStore -------------------------------------------------------------------------


MOVES = [
    line
    for block in blocks(DOCS / "moving-from-filestore.md", "sh")
    for line in block.text.splitlines()
]


@pytest.mark.parametrize("line", MOVES)
def test_every_token_is_moved(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of the page move it with all its fields and its id."""
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


def lines_of(page: str, program: str) -> list[str]:
    """Return the lines of a page that call a program, in order."""
    lines = (line for block in blocks(DOCS / page, "sh") for line in block.commands)
    return [line for line in lines if line.startswith(program)]


COPY, MOVE = lines_of("django.md", "python -m tokenstore_conformance ")
MAKE, MIGRATE = lines_of("django.md", "python manage.py ")
JUDGE, JUDGE_ALONE, AUDIT = lines_of("django.md", "pytest ")


@pytest.fixture
def django_project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with the files of docs/django.md, and a copy of the store in its app."""
    pytest.importorskip("django")
    pytest.importorskip("pytest_django")
    main(shlex.split(COPY)[3:])
    (pytester.path / "shop" / "__init__.py").touch()
    write_files("django.md", pytester.path)
    (ini,) = blocks(DOCS / "django.md", "ini")
    (pytester.path / "pytest.ini").write_text(ini.text)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    monkeypatch.delenv("TOKENSTORE_URL", raising=False)
    return pytester.path


def manage(pytester: pytest.Pytester, line: str) -> pytest.RunResult:
    """Run a line that calls ``manage.py``, a file that projects have and the page does not show."""
    words = shlex.split(line)[2:]
    return pytester.run(
        *(sys.executable, "-m", "django"), *words, "--settings=settings", "--pythonpath=."
    )


@pytest.mark.slow
def test_a_store_over_django(django_project: Path, pytester: pytest.Pytester) -> None:
    """The page's fixture builds the store. It passes, threads included."""
    result = pytester.runpytest_subprocess(
        *shlex.split(JUDGE)[1:], "-k", "SHAPE or SAVE-1[ or LIST or THR-1 or THR-2 or HOST-1"
    )

    result.assert_outcomes(passed=10, deselected=CLAUSES - 10)


@pytest.mark.slow
def test_a_store_over_django_on_a_server(
    django_project: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the directory of a project, the store is judged without the project."""
    monkeypatch.setenv("TOKENSTORE_URL", url_of("postgres"))

    result = pytester.runpytest_subprocess(
        *shlex.split(JUDGE_ALONE)[1:], "-k", "SAVE-1[ or ERR-1 or DUR-1"
    )

    result.assert_outcomes(passed=3, deselected=CLAUSES - 3)


@pytest.mark.slow
def test_the_tables_are_made_by_a_migration(
    django_project: Path, pytester: pytest.Pytester
) -> None:
    """The migration makes both tables, and Django finds nothing to add afterwards."""
    made, migrated = manage(pytester, MAKE), manage(pytester, MIGRATE)

    made.stdout.fnmatch_lines(["*Create model ZohoToken", "*Create model ZohoTokenTurn"])
    assert migrated.ret == 0
    assert manage(pytester, f"{MAKE} --check").ret == 0


@pytest.mark.slow
def test_tokens_are_moved_to_django(django_project: Path, pytester: pytest.Pytester) -> None:
    """The commands of the page move them, and the audit finds no harm afterwards."""
    manage(pytester, MAKE)
    manage(pytester, MIGRATE)
    FileStore("zoho_tokens.txt").save_token(open_door().build(ANNA))

    moved = pytester.run(sys.executable, *shlex.split(MOVE)[1:])
    audit = pytester.runpytest_subprocess(*shlex.split(AUDIT)[1:])

    assert moved.ret == 0
    assert audit.ret == 0
    audit.stdout.fnmatch_lines(["*1 token*"])


def test_the_two_aliases(django_project: Path, pytester: pytest.Pytester) -> None:
    """The settings that the page shows name one database twice."""
    code = (
        "import two_aliases; first, second = two_aliases.DATABASES.values(); "
        "print(first['NAME'] == second['NAME'], second['ATOMIC_REQUESTS'])"
    )

    result = pytester.run(sys.executable, "-c", code)

    assert result.outlines == ["True False"]


@pytest.mark.slow
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
    """If a user names the class, the error points to the page."""
    options = [] if set_up else ["-p", "no:django", "-c", os.devnull, "--rootdir=."]
    target = "shop.django_store:DjangoStore"

    result = pytester.run(*(sys.executable, "-m", "pytest", f"--tokenstore={target}", *options))

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {target}: *{words}*docs/django.md*"])
