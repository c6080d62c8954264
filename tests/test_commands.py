"""`python -m tokenstore_conformance`: a reference store to copy, and a project to start from."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drivers.pytest_run import Judge
from tokenstore_conformance import __version__
from tokenstore_conformance.__main__ import COMMANDS, main


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The help says what each command does."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    printed = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    for name, command in COMMANDS.items():
        assert f"{name} {command.HELP}" in printed


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    """`copy sqlite` writes the store and names the next command."""
    done = subprocess.run(
        [sys.executable, "-m", "tokenstore_conformance", "copy", "sqlite"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == (
        "wrote sqlite_store.py; judge it with: pytest --tokenstore=sqlite_store.py:SQLiteStore\n"
    )


def test_docs_prints_what_a_message_names(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints a page by path or name, or one section. Without a page, it lists all pages."""
    page = (Path(__file__).parents[1] / "docs" / "known.md").read_text("utf-8")

    for named in ("docs/known.md", "known"):
        assert main(["docs", named]) == 0
        assert capsys.readouterr().out == page
    assert main(["docs", "docs/contract.md#save-2"]) == 0
    section = capsys.readouterr().out
    assert section.startswith("### SAVE-2\n\n**MUST**")
    assert section.count("\n### ") == 0
    assert main(["docs"]) == 0
    assert "known                Accept a failure for now\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("docs/nope.md", "error: no page is called 'nope.md'; the pages are audit, aws, ci, "),
        ("contract#save-0", "error: the page has no section 'save-0'\n"),
    ],
)
def test_docs_says_what_there_is(page: str, error: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A page or a section that does not exist gives an error of one line."""
    assert main(["docs", page]) == 1

    assert capsys.readouterr().err.startswith(error)


@pytest.mark.parametrize(
    ("store", "generation"),
    [
        *itertools.product(["list", "memory", "sqlite", "sqlalchemy"], ["zohocrmsdk", "zcrmsdk"]),
        ("django", "zohocrmsdk"),
        ("redis", "zohocrmsdk"),
        ("encrypted", "zohocrmsdk"),
        ("dynamodb", "zohocrmsdk"),
        ("secrets-manager", "zohocrmsdk"),
    ],
)
def test_a_copy_names_its_origin(store: str, generation: str) -> None:
    """Two lines name the file, the version and the digest. The rest is the kit's own text."""
    main(["copy", store, "deep/down", f"--generation={generation}"])

    (file,) = Path("deep/down").iterdir()
    first, second, rest = file.read_text("utf-8").split("\n", 2)
    origin = f"reference_stores/{generation}/{file.name}"
    assert first == f"# Copied from tokenstore-conformance {__version__}: {origin}"
    assert re.fullmatch("# sha256:[0-9a-f]{64}", second)
    assert rest == (Path(__file__).parents[1] / origin).read_text("utf-8")


def test_a_store_that_takes_arguments_is_judged_through_a_function(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its class alone cannot be named as a target, so the command names another next step."""
    main(["copy", "redis", "--generation=zohocrmsdk"])

    assert capsys.readouterr().out == (
        "wrote redis_store.py; to judge it, write a function that returns the RedisStore, and name "
        "that function\n"
    )


def test_a_store_for_django_belongs_into_an_app(capsys: pytest.CaptureFixture[str]) -> None:
    """The next step is to import its models."""
    main(["copy", "django", "shop", "--generation=zohocrmsdk"])

    assert capsys.readouterr().out == (
        "wrote shop/django_store.py; import its models in your models.py, as the file says; "
        "to judge it: docs/django.md\n"
    )


def test_a_store_of_the_other_generation_alone_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line says that this generation has no such store."""
    status = main(["copy", "redis", "--generation=zcrmsdk"])

    assert status == 1
    assert "there is no redis store for zcrmsdk" in capsys.readouterr().err


def edit(file: Path) -> None:
    file.write_text(file.read_text("utf-8") + "# mine\n", "utf-8")


def make_older(file: Path) -> None:
    """Make the file a copy from another version of the kit, which had a different text."""
    text = file.read_text("utf-8")
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    older = re.sub("sha256:.*", f"sha256:{digest}", text.split("\n", 2)[0] + "\n# sha256:\ntest")
    file.write_text(older, "utf-8")


def make_older_and_edit(file: Path) -> None:
    make_older(file)
    edit(file)


def drop_the_header(file: Path) -> None:
    file.write_text(file.read_text("utf-8").split("\n", 2)[2], "utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edit, "was edited by you"),
        (make_older, "is older than the kit's"),
        (make_older_and_edit, "was edited by you, and the kit has a newer version"),
        (drop_the_header, "is not a copy that this command made"),
    ],
)
def test_check_tells_what_has_parted(
    change: Callable[[Path], None], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` says whether the user or the kit has changed the text since, and exits with 1."""
    main(["copy", "list", "--generation=zohocrmsdk"])
    change(Path("list_store.py"))
    capsys.readouterr()

    status = main(["copy", "list", "--check", "--generation=zohocrmsdk"])

    assert (status, capsys.readouterr().out) == (1, f"list_store.py {said}\n")


def test_check_of_an_unchanged_copy(capsys: pytest.CaptureFixture[str]) -> None:
    """For an unchanged copy, `--check` exits with 0."""
    main(["copy", "list"])
    capsys.readouterr()

    status = main(["copy", "list", "--check"])

    assert (status, capsys.readouterr().out) == (0, "list_store.py is the same as the kit's\n")


def test_check_without_a_copy(capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` does not take a missing copy for an unchanged one."""
    status = main(["copy", "list", "--check"])

    assert status == 1
    assert "there is no file list_store.py" in capsys.readouterr().err


def test_a_file_of_the_user_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `--force`, nothing is overwritten."""
    Path("list_store.py").write_text("mine\n")

    refused = main(["copy", "list"])
    kept = Path("list_store.py").read_text()
    forced = main(["copy", "list", "--force"])

    assert (refused, kept, forced) == (1, "mine\n", 0)
    assert "add --force to overwrite it" in capsys.readouterr().err
    assert Path("list_store.py").read_text("utf-8").startswith("# Copied from")


def test_a_copy_conforms(judge: Judge, pytester: pytest.Pytester) -> None:
    """A copy is judged like the kit's own store."""
    main(["copy", "list", str(pytester.path), "--generation=zohocrmsdk"])

    result = judge("--tokenstore=list_store.py:ListStore", "-k", "SAVE or FIND")

    assert result.ret == pytest.ExitCode.OK


@pytest.mark.parametrize("generation", ["zohocrmsdk", "zcrmsdk"])
def test_a_new_project_is_judged_at_once(
    generation: str, judge: Judge, pytester: pytest.Pytester
) -> None:
    """What init writes runs: the empty store fails its clauses, without a usage error."""
    pytest.importorskip(generation)
    main(["init", str(pytester.path), f"--generation={generation}"])

    result = judge("--tokenstore=conformance.py:MyHarness", "-k", "SAVE-1[ or LIST-1[")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["NOT CONFORMANT*", "*NotImplementedError*"])
    workflow = (pytester.path / ".github/workflows/token-store.yml").read_text("utf-8")
    assert f'pip install "tokenstore-conformance[{generation}]"' in workflow


def test_init_overwrites_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """If one of the files already exists, none is written."""
    Path("conformance.py").write_text("mine\n")

    status = main(["init"])

    assert status == 1
    assert capsys.readouterr().err == (
        "error: conformance.py already exists: nothing was written\n"
    )
    assert [each.name for each in Path().iterdir()] == ["conformance.py"]


@pytest.mark.parametrize(
    "line",
    ["copy list --generation=zohocrmsdk shop", "copy --generation zohocrmsdk list shop"],
)
def test_options_stand_anywhere(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options may also stand between the arguments."""
    monkeypatch.chdir(tmp_path)

    assert main(line.split()) == 0
    assert (tmp_path / "shop" / "list_store.py").is_file()
