"""The pages are correct: the tests run their commands and code, and compare their outputs.

The language of a block says what it is: `sh` and `yaml` hold commands, `text` an output, and
`python` code to run, or a file if the first line is `# name.py`.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tokenstore_conformance import plugin
from tokenstore_conformance.contract import ARTICLE, CLAUSES
from tokenstore_conformance.contract.page import as_markdown
from tokenstore_conformance.sdk import distributions
from tokenstore_conformance.target import SHORT_NAMES

pytest.importorskip("zohocrmsdk", reason="the pages judge stores of this SDK")

ROOT: Final = Path(__file__).resolve().parent.parent
README: Final = ROOT / "README.md"
WRITING: Final = ROOT / "docs" / "writing-a-store.md"
CONTRACT: Final = ROOT / "docs" / "contract.md"
OPTIONS: Final = ROOT / "docs" / "options.md"
KNOWN: Final = ROOT / "docs" / "known.md"
REPORT: Final = ROOT / "docs" / "report.md"
FINDINGS: Final = ROOT / "docs" / "findings.md"
TESTED: Final = ROOT / "docs" / "tested.md"
PAGES: Final = (
    README,
    WRITING,
    CONTRACT,
    OPTIONS,
    KNOWN,
    REPORT,
    ROOT / "docs" / "ci.md",
    FINDINGS,
    ROOT / "docs" / "stores-in-the-wild.md",
    TESTED,
    ROOT / "docs" / "harness.md",
    ROOT / "docs" / "recipes.md",
    ROOT / "docs" / "django.md",
    ROOT / "docs" / "containers.md",
    ROOT / "docs" / "aws.md",
    ROOT / "docs" / "moving-from-filestore.md",
    ROOT / "docs" / "audit.md",
    ROOT / "docs" / "performance.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "reference_stores" / "README.md",
)
IDS: Final = {clause.id for clause in CLAUSES}

SAMPLE: Final = f"{ROOT / 'tests' / 'stores' / 'article_sample.py'}:ArticleSample"
FEW: Final = "--tokenstore-examples=5"
"""A few generated sequences are enough to see how a verdict reads."""

MYPKG: Final = """\
from reference_stores.zohocrmsdk.sqlite_store import SQLiteStore


class MyStore(SQLiteStore):
    pass
"""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        lines = (line.removeprefix("- run: ") for line in self.text.splitlines())
        return [line for line in lines if line.strip()]

    @property
    def file(self) -> str | None:
        """The file name, if this Python block is a file. Otherwise None."""
        named = re.match(r"# ([\w/]+\.py)\n", self.text)
        return named and named[1]


def blocks(page: Path, *languages: str) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    assert all(language for language, _ in found), f"a block of {page.name} has no language"
    return [Block(page, *each) for each in found if each[0] in languages]


def commands(program: str) -> list[Any]:
    """Return the lines of the pages that call a program, as parameters that show the line."""
    lines = [
        line
        for page in (README, WRITING, OPTIONS, REPORT)
        for block in blocks(page, "sh", "yaml")
        for line in block.commands
        if line.split()[0] == program
    ]
    return [pytest.param(line, id=line) for line in dict.fromkeys(lines)]


def table(page: Path, section: str) -> str:
    """Return the first table after a text."""
    text = page.read_text("utf-8").split(section, 1)[1]
    return next(part for part in text.split("\n\n") if part.startswith("|"))


def run_pytest(line: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a pytest line as a user does."""
    scripts = sysconfig.get_path("scripts")
    program = shutil.which("pytest", path=scripts)
    assert program, f"no pytest in {scripts}"
    ours = ("PYTEST_", "COV_", "GITHUB_", "CI")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [program, *shlex.split(line)[1:]],
        cwd=directory,
        env={**clean, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """The working directory, set up as a user's project (see `make_project`)."""
    return make_project(pytester.path)


def make_project(directory: Path) -> Path:
    """Write a store in a package, a test, and the files that the README shows."""
    (directory / "mypkg").mkdir()
    (directory / "mypkg" / "__init__.py").write_text(MYPKG)
    (directory / "tests").mkdir()
    (directory / "tests" / "test_mine.py").write_text("def test_mine():\n    pass\n")
    for block in blocks(README, "python"):
        if block.file:
            (directory / block.file).write_text(block.text)
    return directory


@dataclass(frozen=True)
class Judged:
    """A run on stores that the README mentions."""

    output: str
    stores: dict[str, dict[str, Any]]

    @classmethod
    def run(cls, project: Path, targets: list[str], options: str = "") -> Judged:
        named = " ".join(f"--tokenstore={shlex.quote(target)}" for target in targets)
        run = run_pytest(f"pytest {named} --tokenstore-report=all.json {options}", project)
        assert run.returncode in (0, 1), run.stdout + run.stderr
        report = json.loads((project / "all.json").read_text("utf-8"))
        return cls(run.stdout, {store["target"]: store for store in report["stores"]})

    def section(self, target: str) -> str:
        """Return what the terminal says about a store."""
        parts = re.split(r"^=+ token store (\S+) =+$", self.output, flags=re.M)
        return dict(zip(parts[1::2], parts[2::2], strict=True))[target]

    def broken(self, target: str) -> dict[str, str]:
        """Return the broken clauses of a store, each with its level."""
        clauses = self.stores[target]["clauses"]
        return {each["id"]: each["level"] for each in clauses if each["outcome"] == "failed"}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """A run of every clause on the stores that the README judges."""
    project = make_project(tmp_path_factory.mktemp("judged"))
    return Judged.run(project, ["sqlite", "notes:DictStore"], FEW)


# -- pages that are generated, and pages that point somewhere --------------------------------------


def test_the_contracts_page_is_generated_from_its_data() -> None:
    """The page says what the data says."""
    assert CONTRACT.read_text("utf-8") == as_markdown(), (
        "docs/contract.md is out of date, run: make docs"
    )


def test_the_page_says_where_a_clause_comes_from() -> None:
    """The page links to the article, and names the file of each function of the SDK."""
    page = CONTRACT.read_text("utf-8")
    files = {source.file for clause in CLAUSES for source in clause.sources if source.file}

    assert f"[article]: {ARTICLE[1]}\n" in page
    assert [file for file in files if f"`{file}`" not in page] == []


def test_every_clause_can_be_linked_to() -> None:
    """The contract's page has an anchor for each clause, such as #save-2."""
    assert {clause.id.lower() for clause in CLAUSES} <= anchors(CONTRACT)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_something(page: Path) -> None:
    """Every link within the repository names an existing file, and a heading in that file."""
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text("utf-8"))

    for path, anchor in links:
        target = (page.parent / path) if path else page
        assert target.exists(), f"there is no {path}"
        assert not anchor or anchor in anchors(target), f"there is no #{anchor} in {path}"


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings: in lower case, without punctuation, with hyphens."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", [README, WRITING, FINDINGS], ids=lambda page: page.name)
def test_clauses_that_are_named_exist(page: Path) -> None:
    """Every clause that a page names is in the contract."""
    families = "|".join({clause.family for clause in CLAUSES})
    named = set(re.findall(rf"\b(?:{families})-\d+", page.read_text("utf-8")))

    assert named
    assert named <= IDS


# -- commands --------------------------------------------------------------------------------------


def run_briefly(line: str, pytester: pytest.Pytester) -> str:
    """Run a pytest line on a few clauses in this process. Return what it prints if it succeeds.

    The selection is on the command line, because a setting that leaves clauses out fails the run.
    It comes first, so a selection in the line itself replaces it.
    """
    selection = ("-k", "BYID or LIST-1 or mine", "--tokenstore-examples=1")

    run = pytester.runpytest_inprocess(*selection, *shlex.split(line)[1:])

    assert run.ret == 0
    return run.stdout.str()


@pytest.mark.slow
@pytest.mark.parametrize("line", commands("pytest"))
def test_pytest_lines_work(line: str, project: Path, pytester: pytest.Pytester) -> None:
    """Every pytest line of the pages judges a good store, and no clause that runs fails."""
    if "tokenstore=fixture" in line:
        (conftest,) = (each for each in blocks(OPTIONS, "python") if each.file == "conftest.py")
        (project / "conftest.py").write_text(conftest.text)
    if " -n" in line:
        pytest.importorskip("xdist")
    if "generation=zcrmsdk" in line:
        pytest.importorskip("zcrmsdk")

    output = run_briefly(line, pytester)

    assert re.findall(r"^(\w[\w ]*):? .*\(contract", output, re.M) == ["INCOMPLETE"] * line.count(
        "--tokenstore="
    )
    assert re.findall(r"(\d+) failed", output, re.M)
    assert set(re.findall(r"(\d+) failed", output)) == {"0"}


def test_the_configuration_judges_the_store_in_every_run(
    project: Path, pytester: pytest.Pytester
) -> None:
    """With the ini value that the page on options shows, plain pytest runs tests and clauses."""
    (config,) = blocks(OPTIONS, "toml")
    (project / "pyproject.toml").write_text(config.text)

    output = run_briefly("pytest -v", pytester)

    assert "test_mine" in output
    assert "token store mypkg:MyStore" in output


def gate_commands() -> list[str]:
    """Return the commands that docs/known.md shows, from the installation to the green gate."""
    (block,) = [each for each in blocks(KNOWN, "sh") if "pip install" in each.text]
    return block.commands


def run_gate(lines: list[str], directory: Path, scripts: str) -> list[int]:
    """Run each line in a shell that finds programs in ``scripts``. Return the exit statuses."""
    (shop,) = [each for each in blocks(KNOWN, "python") if each.file == "shop.py"]
    (directory / "shop.py").write_text(shop.text)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    path = os.pathsep.join([scripts, clean["PATH"]])
    return [
        subprocess.run(
            line, shell=True, cwd=directory, env={**clean, "PATH": path}, check=False
        ).returncode
        for line in lines
    ]


@pytest.mark.nightly
def test_few_commands_lead_to_a_green_gate(tmp_path: Path) -> None:
    """At most six are needed: the gate is red at first, and green once the failure is accepted."""
    lines = gate_commands()

    installed = run_gate(lines[1:], tmp_path, sysconfig.get_path("scripts"))

    assert len(lines) <= 6
    assert lines[0].startswith("pip install")
    assert installed == [0, 1, 0, 0]


@pytest.mark.nightly
def test_the_same_commands_in_a_new_environment(tmp_path: Path) -> None:
    """They need only what pip installs."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    (tmp_path / "tokenstore-conformance").symlink_to(ROOT)

    statuses = run_gate(gate_commands(), tmp_path, str(tmp_path / "venv" / "bin"))

    assert statuses == [0, 0, 1, 0, 0]


@pytest.mark.parametrize("line", commands("make"))
def test_make_lines_have_a_target(line: str) -> None:
    """Every make line of the pages names a target of the Makefile."""
    if shutil.which("make") is None:
        pytest.skip("there is no make here")

    run = subprocess.run(
        ["make", "--dry-run", *shlex.split(line)[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert "pytest" in run.stdout


@pytest.mark.parametrize("line", commands("pip"))
def test_pip_lines_install_this_project(line: str) -> None:
    """Every pip line of the pages installs a checkout of this project."""
    name = re.search(r'^name = "(.*)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)

    assert name
    assert shlex.split(line) == ["pip", "install", f"./{name[1]}"]


@pytest.mark.slow
def test_the_contract_is_printed_whole(tmp_path: Path) -> None:
    """--tokenstore-clauses prints every clause of the contract, and succeeds."""
    run = run_pytest("pytest --tokenstore-clauses", tmp_path)

    printed = re.findall(r"^([A-Z]+-\d+) \(", run.stdout, re.M)
    assert run.returncode == 0
    assert printed == [clause.id for clause in CLAUSES]


# -- code ------------------------------------------------------------------------------------------


def test_the_code_of_the_guide_runs() -> None:
    """The Python of docs/writing-a-store.md runs from top to bottom."""
    code = "\n".join(block.text for block in blocks(WRITING, "python"))

    exec(compile(code, WRITING.name, "exec"), {})


@pytest.mark.parametrize(
    "block", [*blocks(README, "python"), *blocks(OPTIONS, "python")], ids=lambda block: block.file
)
def test_the_files_of_the_pages_can_be_imported(
    block: Block, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every Python block of the README and the options is a file that can be imported."""
    assert block.file is not None
    (project / block.file).write_text(block.text)
    monkeypatch.syspath_prepend(project)

    try:
        runpy.run_path(str(project / block.file))
    finally:
        sys.modules.pop("mypkg", None)


# -- what the README claims ------------------------------------------------------------------------


def decisive(output: str) -> list[str]:
    """Return the lines of an output that matter, without counts, versions and wrapping."""
    wrapped = re.compile(r"^(?:This store|explained:) .*(?:\n  \S.*)*", re.M)
    output = wrapped.sub(lambda found: " ".join(found[0].split()), output)
    kept = re.findall(
        r"^((?:NOT )?CONFORMANT|INCOMPLETE.*\(contract|This store .*|\d+ of \d+ clauses ran"
        r"|left out: .*|(?:MUST|SHOULD) +\d.*|explained: .*|[A-Z]+-\d+ \(.*\)$)",
        output,
        re.M,
    )
    return [re.sub(r"\s*\d+ (passed|failed|explained|not)", r" # \1", line) for line in kept]


@pytest.mark.slow
def test_the_output_of_the_broken_store_is_real(judged: Judged) -> None:
    """The README shows the kit's output for its store, word for word except for elided parts."""
    (block,) = blocks(README, "text")

    shown = decisive(block.text)
    real = decisive(judged.section("notes:DictStore"))
    assert len(shown) >= 5
    assert [line for line in real if line in shown] == shown, (
        "README.md shows another output than pytest --tokenstore=notes:DictStore: paste it again"
    )


def test_the_output_of_an_incomplete_run_is_real(project: Path, pytester: pytest.Pytester) -> None:
    """The page on options shows the kit's output for a run of only some clauses."""
    (block,) = blocks(OPTIONS, "text")

    run = pytester.runpytest_inprocess("--tokenstore=sqlite", "-k", "BYID")

    assert len(decisive(block.text)) == 5
    assert decisive(run.stdout.str()) == decisive(block.text)


@pytest.mark.slow
def test_the_broken_store_is_shown_with_the_clauses_words(judged: Judged) -> None:
    """The README's paragraph on a broken clause is the text of the terminal."""
    (block,) = blocks(README, "text")
    (paragraph,) = re.findall(r"^[A-Z]+-\d+ \(.*?(?=^\.\.\.$)", block.text, re.M | re.S)

    assert " ".join(paragraph.split()) in " ".join(judged.section("notes:DictStore").split())


newest_line = pytest.mark.skipif(
    [each.name for each in distributions("zohocrmsdk")] != ["zohocrmsdk8_0"],
    reason="the pages show what line 8 does",
)


@pytest.mark.slow
@newest_line
def test_the_findings_in_the_published_sample_are_real(project: Path) -> None:
    """The table on the published sample lists clauses that it breaks."""
    claimed = re.findall(r"^\| (\S+-\d+) \|", table(FINDINGS, "article_sample.py"), re.M)
    assert claimed

    judged = Judged.run(project, [SAMPLE], f"-k '{' or '.join(claimed)}'")
    assert set(claimed) <= judged.broken(SAMPLE).keys()


@pytest.mark.slow
def test_the_report_looks_as_shown(judged: Judged) -> None:
    """The excerpt of a report has the keys and values of a real report."""
    (block,) = blocks(REPORT, "json")
    shown = json.loads(block.text)["stores"][0]

    store = judged.stores["sqlite"]
    (clause,) = shown.pop("clauses")
    assert shown.items() <= store.items()
    assert clause.items() <= store["clauses"][0].items()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("section", "of"), [("### Fields of a store", "store"), ("### Fields of a clause", "clause")]
)
def test_every_field_of_the_report_is_documented(section: str, of: str, judged: Judged) -> None:
    """The tables list exactly the fields of a report."""
    store = judged.stores["sqlite"]
    fields = store if of == "store" else store["clauses"][0]

    rows = re.findall(r"^\| (`.*?) \|", table(REPORT, section), re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == fields.keys()


class Recorder:
    """A fake of pytest's parser. It records the options and ini values that the plugin adds."""

    def __init__(self) -> None:
        self.options: list[str] = []
        self.ini: list[str] = []

    def getgroup(self, *_: str) -> Recorder:
        return self

    def addoption(self, name: str, **_: Any) -> None:
        self.options.append(name.removeprefix("--"))

    def addini(self, name: str, *_: Any, **__: Any) -> None:
        self.ini.append(name)


def test_every_option_is_documented() -> None:
    """The table lists exactly the options that the plugin adds, with their ini values."""
    added = Recorder()
    plugin.pytest_addoption(added)  # type: ignore[arg-type]

    listed = re.findall(r"^\| `--([\w-]+).*?` \| `?(\w*)`? *\|", table(OPTIONS, "# Options"), re.M)
    ini = {name: name.removeprefix("no-").replace("-", "_") for name in added.options}
    assert dict(listed) == {name: each if each in added.ini else "" for name, each in ini.items()}


def test_the_lines_that_were_tested_are_those_that_ran() -> None:
    """The table of tested versions is made from what the nox sessions recorded."""
    pytest.importorskip("nox", reason="the table is made in the noxfile")
    as_table = runpy.run_path(str(ROOT / "noxfile.py"))["as_table"]

    assert f"<!-- tested -->\n{as_table()}<!-- /tested -->" in TESTED.read_text("utf-8")


def test_every_short_name_is_documented() -> None:
    """The README explains each short name of a target."""
    naming = README.read_text("utf-8").split("## Naming a store")[1].split("\n## ")[0]

    assert set(SHORT_NAMES) <= set(re.findall(r"`([\w-]+)`", naming))
